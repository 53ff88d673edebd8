import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'
import { CODES, PATTERNS } from '../../.config/docs/errors/codes.js'
import { MISTAKES } from '../../.config/docs/errors/mistakes.js'
import { errorsPage } from '../../.config/docs/errors/page.js'
import { MISMATCH, OWN_REASONS } from '../../src/cli/reasons/own-reasons.js'
import * as agentcore from '../../src/agentcore/index.js'
import * as client from '../../src/client/index.js'
import * as seller from '../../src/index.js'
import { mismatchOf } from '../../src/seller/rails/match-terms.js'
import { codesThrown, literalsIn } from './support/codes-thrown.js'
import { files } from './support/imports-of.js'

// docs/errors.md is made from one table for each union of codes. A code without a text does not compile.

const page = readFileSync('docs/errors.md', 'utf8')
const ours = files.filter((file) => !file.startsWith('local/'))
const isOnPage = (code: string): boolean => page.includes(`\`${code}\``)

test('docs/errors.md is as the source says; if it is not, run: npm run docs', async () => {
  expect(page).toBe(await errorsPage())
})

test('every code of the union is on the page, those that are made of a name as a pattern', () => {
  const source = ts.createSourceFile(
    'payment-error.ts',
    readFileSync('src/errors/payment-error.ts', 'utf8'),
    ts.ScriptTarget.Latest,
  )
  const union = source.statements.find(
    (node) => ts.isTypeAliasDeclaration(node) && node.name.text === 'PaymentErrorCode',
  )
  const members = union === undefined ? [] : literalsIn(union)
  expect(members.length).toBeGreaterThan(40)
  const patterns = Object.keys(PATTERNS).map((pattern) => pattern.split('<')[0])
  const missing = members.filter((code) => !isOnPage(code) && !patterns.includes(code))
  expect(missing).toEqual([])
})

const thrown = ours.flatMap(codesThrown)

test('every code that the source writes is one of the union, and on the page', () => {
  expect(thrown.length).toBeGreaterThan(90)
  const codes = [...new Set(thrown.map(({ code }) => code))]
  const known = { ...CODES, ...MISTAKES }
  expect(codes.filter((code) => !(code in known) && !/^http_\d+$/.test(code))).toEqual([])
})

test('every mistake on the page is one that the source can tell', () => {
  const codes = new Set(thrown.map(({ code }) => code))
  expect(Object.keys(MISTAKES).length).toBeGreaterThan(15)
  expect(Object.keys(MISTAKES).filter((code) => !codes.has(code))).toEqual([])
})

test('the page names the class of every error that the source makes', () => {
  const exported = new Set(Object.keys({ ...seller, ...client, ...agentcore }))
  const texts: Readonly<Record<string, { errors: readonly string[] }>> = CODES
  const unnamed = thrown.filter(({ error, code }) => {
    if (error === undefined || !exported.has(error)) return false
    return !texts[code]?.errors.includes(error)
  })
  expect(unnamed).toEqual([])
  const named = Object.values(texts).flatMap(({ errors }) => errors)
  expect(named.filter((error) => !exported.has(error))).toEqual([])
})

/** Errors with a reason of their own, and which of their arguments it is. */
const WITH_REASON = { PaymentRefusedError: 1, PaymentUsedError: 0 }

test('every reason that the source writes is on the page', () => {
  const reasons = ours.flatMap((file) => {
    return Object.entries(WITH_REASON).flatMap(([error, at]) => argumentsOf(file, error, at))
  })
  expect(reasons).toContain('lost_call')
  expect(reasons).toContain('unsupported_scheme')
  expect(reasons.filter((reason) => !(reason in OWN_REASONS))).toEqual([])
})

/** The literals in one argument of every `new <error>(…)` of a file. */
function argumentsOf(file: string, error: string, at: number): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === error) {
      const argument = node.arguments?.[at]
      if (argument !== undefined) found.push(...literalsIn(argument))
    }
    ts.forEachChild(node, visit)
  }
  const text = readFileSync(path.join('src', file), 'utf8')
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

const TERMS = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: `0x${'2'.repeat(40)}`,
  payTo: `0x${'3'.repeat(40)}`,
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC' },
}
const AUTHORIZATION = {
  from: `0x${'1'.repeat(40)}`,
  to: TERMS.payTo,
  value: TERMS.amount,
  validAfter: '0',
  validBefore: '9999999999',
  nonce: `0x${'4'.repeat(64)}`,
}
const PERMIT = {
  from: AUTHORIZATION.from,
  nonce: '1',
  deadline: '9999999999',
  permitted: { amount: TERMS.amount, token: TERMS.asset },
  witness: { to: TERMS.payTo, validAfter: '0' },
}

test('every term that can be another than asked for is on the page', () => {
  const own = { requirements: TERMS, resourceUrl: 'mcp://tool/x', nowSeconds: 1 } as never
  const reasonFor = (signed: object, accepted: object = TERMS, url = 'mcp://tool/x') =>
    mismatchOf({ x402Version: 2, accepted, resource: { url }, payload: signed }, own)
  const transfer = (other: object) => ({ authorization: { ...AUTHORIZATION, ...other } })
  const permit = (other: object) => ({ permit2Authorization: { ...PERMIT, ...other } })
  expect([reasonFor(transfer({})), reasonFor(permit({}))]).toEqual([undefined, undefined])
  const reasons = [
    ...Object.keys(TERMS).map((name) => reasonFor(transfer({}), { ...TERMS, [name]: 'other' })),
    reasonFor(transfer({}), TERMS, 'mcp://tool/y'),
    reasonFor(transfer({ value: '1' })),
    reasonFor(transfer({ to: AUTHORIZATION.from })),
    reasonFor(permit({ permitted: { ...PERMIT.permitted, amount: '1' } })),
    reasonFor(permit({ permitted: { ...PERMIT.permitted, token: TERMS.payTo } })),
    reasonFor(permit({ witness: { ...PERMIT.witness, to: TERMS.asset } })),
  ]
  expect([...new Set(reasons)].sort()).toEqual(
    MISMATCH.terms.map((term) => `${term}_mismatch`).sort(),
  )
})

test('every code of Nevermined that the source knows is on the page', () => {
  const source = files.map((file) => readFileSync(path.join('src', file), 'utf8')).join('\n')
  const written = [...source.matchAll(/'(BCK\.[A-Z0-9]+\.\d{4})'/g)].map(([, code = '']) => code)
  const packed = [...source.matchAll(/\b([A-Z0-9]+\.\d{4})=\d{3}\b/g)].map(
    ([, code = '']) => `BCK.${code}`,
  )
  expect(packed.length).toBeGreaterThan(35)
  expect([...new Set([...written, ...packed])].filter((code) => !isOnPage(code))).toEqual([])
})

test('every reason that the facilitator of the local stack gives is on the page', () => {
  const reasons = files
    .filter((file) => file.startsWith('local/x402/'))
    .map((file) => readFileSync(path.join('src', file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/'([a-z]+(?:_[a-z0-9]+){1,8})'/g)])
    .map(([, reason = '']) => reason)
    .filter((reason) =>
      /^(invalid|unsupported|upto|permit2|settlement|asset|insufficient)_/.test(reason),
    )
  expect(reasons.length).toBeGreaterThan(20)
  expect([...new Set(reasons)].filter((reason) => !isOnPage(reason))).toEqual([])
})

const PEERS = 'tests/peers/node_modules'

/** Schemes that this package does not sell by. */
const OTHER_SCHEMES = /batch_settlement|auth_capture/

test('every reason that the packages of x402 and of Coinbase know is on the page', () => {
  const cdp = readFileSync(
    `${PEERS}/@coinbase/cdp-sdk/_types/openapi-client/generated/coinbaseDeveloperPlatformAPIs.schemas.d.ts`,
    'utf8',
  )
  const reasons = ['X402VerifyInvalidReason', 'X402SettleErrorReason'].flatMap((name) => {
    const [, list = ''] = new RegExp(`const ${name}: \\{([^}]+)\\}`).exec(cdp) ?? []
    return [...list.matchAll(/readonly (\w+):/g)].map(([, reason = '']) => reason)
  })
  expect(reasons.length).toBeGreaterThan(300)
  const evm = textsIn(`${PEERS}/@x402/evm/dist/esm`)
  const named = [...evm.matchAll(/\b(?:Err\w+|\w*Reason) = "([a-z0-9]+(?:_[a-z0-9]+)+)"/g)]
  expect(named.length).toBeGreaterThan(50)
  const [, v1 = ''] = /ErrorReasons = \[([^\]]+)\]/.exec(textsIn(`${PEERS}/x402/dist/esm`)) ?? []
  const first = [...v1.matchAll(/"(\w+)"/g)].map(([, reason = '']) => reason)
  expect(first.length).toBeGreaterThan(30)
  const all = [...reasons, ...first, ...named.map(([, reason = '']) => reason)]
  const missing = all.filter((reason) => !isOnPage(reason) && !OTHER_SCHEMES.test(reason))
  expect([...new Set(missing)]).toEqual([])
})

function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n')
}

test('every JSON-RPC error and every warning of the source is on the page', () => {
  const source = files.map((file) => readFileSync(path.join('src', file), 'utf8')).join('\n')
  const rpc = [...source.matchAll(/rpcError\((-\d{5})|code: (-326\d\d),/g)].map(
    ([, sent, written]) => sent ?? written ?? '',
  )
  expect(new Set(rpc).size).toBeGreaterThan(3)
  const warnings = source
    .split('process.emitWarning(')
    .slice(1)
    .map((call) => /code: '(\w+)'/.exec(call)?.[1] ?? '')
  expect(warnings.length).toBeGreaterThan(1)
  expect([...new Set([...rpc, ...warnings])].filter((code) => !isOnPage(code))).toEqual([])
})

import { expect, test } from '@jest/globals'
import { mppChallenge, mppReceipt, mppRequest } from '../../client/support/http-seller.js'
import { encodeCredential } from '../../../src/wire/mpp.js'
import { encodeToken } from '../../../src/wire/x402.js'
import {
  PLAN,
  challenge,
  changed,
  facts,
  linesOf,
  only,
  seconds,
  type Json,
} from './support/samples.js'
import { everything, partsOf } from './support/shown.js'
import { inspectText } from '../../../src/cli/inspect/inspect-text.js'

const NOW = Date.parse('2026-11-30T12:00:00Z')
const asked = (more: Parameters<typeof mppChallenge>[0] = {}, request: unknown = mppRequest) =>
  only(`WWW-Authenticate: ${mppChallenge(more, request)}`, NOW)

test('a challenge of MPP is told in words', () => {
  const inspected = asked({ expires: '2026-11-30T13:00:00Z' })
  expect([inspected.kind, inspected.carrier]).toEqual([
    'mpp_challenge',
    'the header www-authenticate',
  ])
  expect(facts(inspected)).toMatchObject({
    Method: 'evm',
    Network: 'eip155:84532 (base-sepolia)',
    Amount: '10000 = 0.01 USDC',
    'Pay to': mppRequest.recipient,
    Expires: '2026-11-30 13:00 UTC (in 1 hour)',
  })
  expect(inspected.findings).toEqual([])
})

test.each<
  [what: string, more: Parameters<typeof mppChallenge>[0], request: unknown, finding: string]
>([
  [
    'that is over',
    { expires: '2026-11-30T11:00:00Z' },
    mppRequest,
    'fail expires: The challenge expired 1 hour ago.',
  ],
  [
    'with another form of time',
    { expires: 'tomorrow' },
    mppRequest,
    'warn expires: The time is not written as RFC 3339, so clients ignore it.',
  ],
  [
    'with an unknown method',
    { method: 'barter' },
    mppRequest,
    'warn method: The method barter is not known here.',
  ],
  [
    'with an odd method',
    { method: 'EVM' },
    mppRequest,
    'fail method: The method is not made of small letters only.',
  ],
  ['without an id', { id: undefined }, mppRequest, 'fail id: The parameter id is missing.'],
  [
    'without a request',
    { request: undefined },
    mppRequest,
    'fail request: The parameter request is missing.',
  ],
  [
    'whose request is no base64',
    { request: 'e30=' },
    mppRequest,
    'fail request: The request is no base64url without padding.',
  ],
  [
    'with another intent',
    { intent: 'session' },
    mppRequest,
    'warn intent: The intent is not charge, and payers here pay single charges only.',
  ],
  [
    'with a header of others',
    { header: 'Cookie' },
    mppRequest,
    'fail header: The credential is wanted in a header that means something else to servers and proxies.',
  ],
  [
    'without an amount',
    {},
    { ...mppRequest, amount: undefined },
    'fail request.amount: The member amount is missing.',
  ],
  [
    'with a decimal amount',
    {},
    { ...mppRequest, amount: '0.01' },
    'fail request.amount: The amount 0.01 has a decimal point, and the wire has whole units only.',
  ],
  [
    'for nobody',
    {},
    { ...mppRequest, recipient: `0x${'0'.repeat(40)}` },
    `fail request.recipient: Expected an address that somebody owns, got 0x${'0'.repeat(40)}: money that is sent there is lost.`,
  ],
  [
    'without a chain',
    {},
    { ...mppRequest, methodDetails: {} },
    'warn request.methodDetails.chainId: It names no chain.',
  ],
])('a challenge of MPP %s', (_, more, request, finding) => {
  expect(linesOf(asked(more, request).findings)).toContain(finding)
})

test('a parameter that is there twice is told', () => {
  const { findings } = only(`WWW-Authenticate: ${mppChallenge()}, id="c2"`, NOW)
  expect(linesOf(findings)).toEqual([
    'fail : The challenge is not well-formed.',
    'fail id: The parameter id is there twice.',
  ])
})

test('several challenges of one header are told apart, and other schemes are left alone', () => {
  const text = `HTTP/1.1 402 Payment Required\r\nWWW-Authenticate: Basic realm="x", ${mppChallenge()},\r\n ${mppChallenge({ id: 'c2' })}\r\n\r\n`
  const { found } = inspectText(text, NOW)
  expect(found.map((one) => facts(one)['Id'])).toEqual(['c1', 'c2'])
})

const SIGNATURE = `0x${'9c41d7aa'.repeat(16)}1b`
const credential = (more: object = {}): Json => ({
  challenge: {
    ...{ id: 'c1', realm: 'shop', method: 'evm', intent: 'charge' },
    request: encodeToken(mppRequest),
  },
  payload: {
    ...{ type: 'authorization', signature: SIGNATURE, value: '10000', to: mppRequest.recipient },
    ...{ validBefore: String(NOW / 1000 + 300), ...more },
  },
  source: 'did:pkh:eip155:84532:0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
})

test('a credential of MPP is told with what it pays, and without its signature', () => {
  const text = `Authorization: ${encodeCredential(credential())}`
  const inspected = only(text, NOW)
  expect([inspected.kind, inspected.findings]).toEqual(['mpp_credential', []])
  expect(facts(inspected)).toMatchObject({
    Amount: '10000 = 0.01 USDC',
    Proof: 'authorization',
    'Valid until': '2026-11-30 12:05 UTC (in 5 minutes)',
  })
  expect(everything(inspectText(text, NOW))).not.toContain(partsOf(SIGNATURE)[0])
})

test.each<[more: object, finding: string]>([
  [{ value: '9' }, 'fail payload.value: The transfer is signed for 9, and the amount is 10000.'],
  [
    { to: `0x${'1'.repeat(40)}` },
    `fail payload.to: The transfer is signed for 0x${'1'.repeat(40)}, and the recipient is ${mppRequest.recipient}.`,
  ],
  [
    { validBefore: String(NOW / 1000 - 60) },
    'fail payload.validBefore: The payment expired 1 minute ago.',
  ],
])('a credential of MPP with %j', (more, finding) => {
  const { findings } = only(encodeCredential(credential(more)), NOW)
  expect(linesOf(findings)).toEqual([finding])
})

test('a receipt of MPP is told, and whether it says success', () => {
  const good = only(`Payment-Receipt: ${mppReceipt}`)
  expect([facts(good), good.findings]).toEqual([
    { Status: 'success', Method: 'evm', Reference: '0xdef' },
    [],
  ])
  const failed = encodeToken({ status: 'failed', method: 'evm', reference: '0xdef' })
  expect(linesOf(only(`Payment-Receipt: ${failed}`).findings)).toEqual([
    'fail status: The status is failed, and not success.',
  ])
})

const jwt = (claims: object): string =>
  `${encodeToken({ alg: 'HS512' })}.${encodeToken(claims)}.${'c3VwZXJzZWNyZXQ'.repeat(3)}`
const SUB = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

test.each<[key: string, environment: string, lines: string[]]>([
  [`sandbox:${jwt({ sub: SUB })}`, 'sandbox', []],
  [`live:${jwt({ sub: SUB, exp: NOW / 1000 + 3_600 })}`, 'live', []],
  [`sandbox-staging:${jwt({ sub: SUB, o11y: 'sk-helicone-abcdef' })}`, 'staging_sandbox', []],
  [
    `live:${jwt({ sub: SUB, exp: NOW / 1000 - 86_400 })}`,
    'live',
    ['fail : The key ended at 2026-11-29 12:00 UTC (1 day ago).'],
  ],
  [
    `moon:${jwt({ sub: SUB })}`,
    'custom, since its prefix is of no environment',
    ["warn : The prefix 'moon:' is of no environment."],
  ],
  [
    `live:${jwt({})}`,
    'live',
    ['fail : The JWT names no account (sub), so no client of Nevermined takes it.'],
  ],
  [
    `live:eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiIwe.c2ln`,
    'live',
    ['fail : The JWT of the key cannot be read: a part of it is missing.'],
  ],
  [
    jwt({ sub: SUB }),
    'custom, since it has no prefix',
    ['warn : No prefix stands before the JWT.'],
  ],
])('the key %s', (key, environment, lines) => {
  const inspected = only(key, NOW)
  expect(facts(inspected)['Environment']).toBe(environment)
  expect(linesOf(inspected.findings)).toEqual(lines)
  const out = everything(inspectText(key, NOW))
  expect([...partsOf(key), 'sk-helicone'].filter((part) => out.includes(part))).toEqual([])
})

const cardToken = (claims: object): Json => ({
  x402Version: 2,
  accepted: { ...PLAN, scheme: 'nvm:card-delegation', network: 'stripe' },
  payload: { token: jwt({ jti: 'd-1', ...claims }), authorization: { from: SUB } },
})

test('a token that is paid by card says whose delegation it is', () => {
  const nvm = {
    delegationId: 'd-1',
    provider: 'stripe',
    spendingLimitCents: '500',
    currency: 'usd',
    planId: PLAN.planId,
  }
  const inspected = only(encodeToken(cardToken({ exp: NOW / 1000 + 3_600, nvm })), NOW)
  expect(inspected.findings).toEqual([])
  expect(facts(inspected)).toMatchObject({
    Delegation: 'd-1',
    Provider: 'stripe',
    Limit: '5.00 usd',
    Expires: '2026-11-30 13:00 UTC (in 1 hour)',
  })
  const wrong = cardToken({ exp: NOW / 1000 - 60, nvm: { ...nvm, planId: '7' } })
  expect(linesOf(only(encodeToken(wrong), NOW).findings)).toEqual([
    'fail payload.token: The token expired 1 minute ago.',
    `fail payload.token: The delegation is for the plan 7, and ${PLAN.planId} is paid.`,
  ])
  const broken = changed(wrong, 'payload.token', 'secret')
  expect(linesOf(only(JSON.stringify(broken), NOW).findings)).toEqual([
    'fail payload.token: The token is no JWT that can be read.',
  ])
})

test('an access token without its parts names them', () => {
  const token = { x402Version: 2, accepted: PLAN, payload: {} }
  expect(linesOf(only(JSON.stringify(token)).findings)).toEqual([
    'fail payload.signature: The member signature is missing.',
    'fail payload.authorization: The member authorization is missing.',
  ])
})

test('an error of Nevermined, and a refusal of a seller, say what to do', () => {
  const { findings } = only('{"code":"BCK.X402.0059","message":"used"}')
  expect(linesOf(findings)).toEqual([
    expect.stringContaining('Nevermined refused (BCK.X402.0059).'),
  ])
  const unknown =
    'The payment was sent and its outcome is unknown, so the result is withheld. Do not pay again: come back.'
  expect(facts(only(JSON.stringify({ error: unknown })))['Charged']).toBe('not known')
  const busy = 'Another call with this payment is in work. Do not pay again.'
  expect(facts(only(JSON.stringify({ error: busy })))['Charged']).toBe('not by this call')
  const owed = 'The tool failed after it was paid. The seller owes you a refund.'
  expect(facts(only(JSON.stringify({ error: owed })))['Charged']).toBe('yes')
})

test('a refund that is due is told', () => {
  const refund = { id: 'abc.def', reason: 'handler_failed', credits: '2', correlationId: 'c-1' }
  const inspected = only(`x-refund-due: ${Buffer.from(JSON.stringify(refund)).toString('base64')}`)
  expect(facts(inspected)).toMatchObject({ Refund: 'abc.def', Credits: '2' })
  expect(linesOf(inspected.findings)).toHaveLength(1)
})

test('a challenge after a refused payment says why it was refused', () => {
  const refused = { ...challenge(), error: 'verification failed: insufficient_funds' }
  expect(linesOf(only(JSON.stringify(refused)).findings)).toEqual([
    'warn error: A payment was refused (insufficient_funds). The wallet of the buyer holds too little of the asset.',
  ])
})

test('a transaction of Solana is told without its bytes', () => {
  const way = {
    ...{ scheme: 'exact', network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', amount: '1000' },
    ...{ asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU', maxTimeoutSeconds: 60 },
    payTo: '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4',
  }
  const transaction = Buffer.alloc(300, 'signed').toString('base64')
  const paid = { x402Version: 2, accepted: way, payload: { transaction } }
  const text = JSON.stringify(paid)
  expect(facts(only(text))).toMatchObject({ 'Pay to': way.payTo, Signed: 'a transaction' })
  expect(linesOf(only(text).findings)).toEqual([])
  expect(everything(inspectText(text, NOW))).not.toContain(transaction.slice(40, 80))
})

test('times are those of the clock that is given', () => {
  const text = JSON.stringify(cardToken({ exp: Number(seconds(0)) }))
  expect(only(text, Date.now() - 3_600_000).findings).toEqual([])
  expect(only(text, Date.now() + 3_600_000).findings).toHaveLength(1)
})

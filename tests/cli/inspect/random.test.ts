import { expect, test } from '@jest/globals'
import { inspectText } from '../../../src/cli/inspect/inspect-text.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { DEEP_JSON, HOSTILE_TEXTS } from '../../house/support/hostile-texts.js'
import { tooMuchWork } from '../../house/support/work.js'
import { fc } from '../../support/random-cases.js'
import { PLAN, WAY, challenge, challengeV1, receipt, type Json } from './support/samples.js'
import { shown } from './support/shown.js'

/** Everything that moves the cursor, changes colours or turns a text. A line may end. */
const CONTROLS =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

const NAMES = [
  ...['x402Version', 'accepts', 'accepted', 'payload', 'authorization', 'permit2Authorization'],
  ...['signature', 'scheme', 'network', 'amount', 'maxAmountRequired', 'asset', 'payTo', 'planId'],
  ...['resource', 'url', 'extra', 'extensions', 'error', 'success', 'transaction', 'errorReason'],
  ...['isValid', 'invalidReason', 'jsonrpc', 'result', 'params', '_meta', 'headers', 'body'],
  ...['challenge', 'id', 'realm', 'method', 'request', 'status', 'reference', 'code', 'token'],
  ...['x402/payment', 'payment-signature', 'www-authenticate', 'authorization', '__proto__'],
]

/** JSON with the names that are looked for, and anything in their places. */
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      1,
      2,
      'exact',
      'nvm:erc4337',
      'eip155:84532',
      '10000',
      WAY,
      PLAN,
      true,
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('json'), { maxKeys: 6 }),
  ),
}))

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  json.map((value) => JSON.stringify(value)),
  json.map((value) => `payment-signature: ${encodeHeader(value)}`),
  json.map((value) => `HTTP/1.1 402 X\r\nPAYMENT-REQUIRED: ${encodeHeader(value)}\r\n\r\n{"a":1}`),
  json.map((value) => `PAYMENT_REQUIRED: ${JSON.stringify({ statusCode: 402, body: value })}`),
  fc
    .tuple(
      fc.constantFrom('WWW-Authenticate: Payment ', 'Authorization: Payment ', 'sandbox:eyJ'),
      fc.string({ unit: 'binary', maxLength: 80 }),
    )
    .map(([before, text]) => before + text),
)

test('no text makes it fail, and nothing that it prints moves a cursor', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const inspection = inspectText(text, Date.now())
      expect(shown(inspection)).not.toMatch(CONTROLS)
      expect(JSON.parse(JSON.stringify(inspection))).toBeTruthy()
    }),
    { numRuns: 1_000 },
  )
})

test('half of a good thing is never taken for nothing, and never for a good one', () => {
  const things: Json[] = [challenge(), challengeV1(), receipt()]
  fc.assert(
    fc.property(
      fc.constantFrom(...things),
      fc.double({ min: 0.3, max: 0.95, noNaN: true }),
      (thing, part) => {
        const base64 = encodeHeader(thing)
        const { found } = inspectText(base64.slice(0, Math.floor(base64.length * part)), Date.now())
        expect(found.map(({ kind }) => kind)).toEqual(['unreadable'])
        expect(found[0]?.findings[0]?.level).toBe('fail')
      },
    ),
  )
})

test('texts of strangers are shown without what moves a cursor', () => {
  const evil = '\u001b[2J\u202egnp.exe\u009b31m'
  const asked = { ...challenge(), error: evil, resource: { url: evil, description: evil } }
  const out = shown(inspectText(JSON.stringify({ ...asked, [evil]: evil }), Date.now()))
  expect(out).toContain('gnp.exe')
  expect(out).not.toMatch(CONTROLS)
})

const read = (text: string): unknown => inspectText(text, Date.now())

test.each([...HOSTILE_TEXTS, ...HEADERS()])(
  '%s costs twice as much when it is twice as long',
  async (_, make) => {
    expect(await tooMuchWork(read, make)).toBeUndefined()
  },
  60_000,
)

/** Texts that this reader looks for, repeated. */
function HEADERS(): [name: string, make: (chars: number) => string][] {
  const units = [
    ...[
      'payment-signature: ',
      'payment-signature: eyJ\n',
      '"x-payment":"',
      'www-authenticate: Payment a=b\n ',
    ],
    ...[
      'eyJ4 ',
      'eyJ.',
      'sandbox:eyJ.',
      'sandbox:eyJa.b.c ',
      'ZXlK%3D',
      '%3D',
      '{"x402Version":2,',
      '{"a":"',
    ],
    `payment-signature: ${'A'.repeat(60)}\n${'B'.repeat(60)}\n`,
    '{"success":true,"payer":"1"}',
    `${encodeHeader(receipt())}\n`,
  ]
  return units.map((unit) => [
    JSON.stringify(unit).slice(0, 60),
    (chars) => unit.repeat(Math.ceil(chars / unit.length)),
  ])
}

test.each(DEEP_JSON)('%s that are nested deep are no trouble', (_, make) => {
  for (const levels of [100, 10_000, 400_000]) {
    const text = make(levels).slice(0, 1_048_576)
    expect(() => inspectText(text, Date.now())).not.toThrow()
  }
})

import { fc } from '../../../support/random-cases.js'
import { encodeToken } from '../../../../src/wire/x402.js'

/** Every token below holds this text. So a payment that got through is found. */
export const MARK = 'c0ffee5ec2e7'
/** The same text inside a token, at each of the three positions of base64. */
export const MARKS = [MARK, ...['', '.', '..'].map((before) => encoded(before + MARK))]

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url').slice(4, -3)
}

function payment(planId: string): Record<string, unknown> {
  const authorization = { from: '0x01', sessionKeys: [{ id: 'order', data: MARK }] }
  return { x402Version: 2, accepted: { planId }, payload: { signature: MARK, authorization } }
}

/** The payment that an honest facilitator calls valid. */
export const GOOD = payment('plan-1')
export const GOOD_TOKEN = encodeToken(GOOD)
const OTHER = payment('plan-2')

/** Keys and names that mean something to JavaScript. */
const POISON = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('', null, 0, -1, 1.5, true, [], {}),
  fc.constantFrom(...POISON).map((key) => own([[key, { polluted: true }]])),
)

/** Mostly the usual value, sometimes any other. */
function mostly<T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: junk, weight: 1 })
}

/** An object with exactly these own keys, also `__proto__`, as `JSON.parse` makes it. */
function own(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

const anyCase = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((up) => up.map((it, i) => (it ? name.toUpperCase() : name).charAt(i)).join(''))

const token = fc.oneof(
  { arbitrary: fc.constantFrom(GOOD_TOKEN, `Bearer ${GOOD_TOKEN}`), weight: 5 },
  fc.constantFrom<unknown>(encodeToken(OTHER), `${GOOD_TOKEN}~`, '', MARK, null, 0, [GOOD_TOKEN]),
  fc.constantFrom<unknown>(GOOD, MARK.repeat(6_000), { __proto__: null, MARK }),
)

const paymentHeaders = fc
  .array(
    fc.tuple(
      fc.constantFrom('payment-signature', 'x-payment', 'x-custom-pay').chain(anyCase),
      token,
    ),
    { maxLength: 2 },
  )
  .map(own)

const otherHeaders = fc.dictionary(
  fc.constantFrom('accept', 'Mcp-Session-Id', 'host', ...POISON),
  junk,
  { maxKeys: 2 },
)

const headers = mostly(
  fc.tuple(otherHeaders, paymentHeaders).map(([a, b]) => {
    return own([...Object.entries(a), ...Object.entries(b)])
  }),
)

const metaPayment = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 3 },
  fc.constantFrom<unknown>(GOOD, OTHER, GOOD_TOKEN, null, [GOOD], { payload: MARK }),
)

const ARGUMENTS = ['object', 'object', 'object', 'absent', 'null', 'text', 'array'] as const

const params = fc
  .record({
    name: mostly(fc.constantFrom('T___paid', 'paid', 'T___free', 'T___none', ...POISON)),
    headers: fc.option(headers, { nil: undefined }),
    other: fc.dictionary(fc.constantFrom('city', ...POISON), fc.jsonValue(), { maxKeys: 2 }),
    arguments: fc.constantFrom(...ARGUMENTS),
    payment: metaPayment,
    meta: fc.boolean(),
  })
  .map((parts) => {
    const args = own([...Object.entries(parts.other), ['headers', parts.headers]])
    const given = { object: args, absent: undefined, null: null, text: 'text', array: [1] }
    const meta = own([
      ['progressToken', 1],
      ['x402/payment', parts.payment],
    ])
    return own([
      ['name', parts.name],
      ['arguments', given[parts.arguments]],
      ['_meta', parts.meta ? meta : undefined],
    ])
  })

const IDS: unknown[] = [1, 0, '', 'a', null, 1.5, -1, Number.MAX_SAFE_INTEGER + 3]
const METHODS = ['tools/list', 'initialize', 'notifications/initialized', '', ...POISON]

const body = fc
  .record({
    id: fc.oneof(
      { arbitrary: fc.constantFrom(...IDS), weight: 8 },
      fc.constantFrom(undefined, {}, [], true, [1]),
    ),
    method: fc.oneof(
      { arbitrary: fc.constant('tools/call'), weight: 6 },
      mostly(fc.constantFrom(...METHODS)),
    ),
    params: mostly(params),
    poison: fc.dictionary(fc.constantFrom(...POISON), junk, { maxKeys: 1 }),
  })
  .map(({ id, method, params, poison }) =>
    own([
      ['jsonrpc', '2.0'],
      ['id', id],
      ['method', method],
      ['params', params],
      ...Object.entries(poison),
    ]),
  )

const anyBody = fc.oneof(
  { arbitrary: body, weight: 20 },
  fc.array(body, { maxLength: 2 }),
  body.map((one) => JSON.stringify(one)),
  junk,
)

type Raw = 'text' | 'escaped' | 'object' | 'none' | 'null'

function rawOf(kind: Raw, value: unknown): unknown {
  const text = JSON.stringify(value)
  switch (kind) {
    case 'text':
      return { body: text }
    case 'escaped':
      return { body: text.replaceAll('payment', '\\u0070ayment') }
    case 'object':
      return { body: value }
    default:
      return kind === 'null' ? null : undefined
  }
}

/** REQUEST events from good to hopeless. All are possible as JSON. */
export const wildEvent: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({
        body: anyBody,
        headers: fc.oneof({ arbitrary: headers, weight: 4 }, fc.constantFrom(null, undefined, [])),
        raw: fc.constantFrom<Raw>('text', 'text', 'escaped', 'object', 'none', 'null'),
        extra: fc.dictionary(fc.constantFrom('path', ...POISON), junk, { maxKeys: 1 }),
      })
      .map(({ body, headers, raw, extra }) => ({
        interceptorInputVersion: '1.0',
        mcp: own([
          ['rawGatewayRequest', rawOf(raw, body)],
          ['gatewayRequest', own([...Object.entries(extra), ['headers', headers], ['body', body]])],
          ['gatewayResponse', null],
        ]),
      })),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>({}, null, [], { mcp: {} }, { mcp: null }, '') },
  { weight: 1, arbitrary: junk },
)

/** The kinds of answers to verify that a facilitator may give. */
export const verifyKind = fc.constantFrom(
  ...(['honest', 'honest', 'honest', 'throws', 'yes as text', 'one', 'nothing', 'quotes'] as const),
)
export type VerifyKind = typeof verifyKind extends fc.Arbitrary<infer T> ? T : never

export const settleKind = fc.constantFrom(
  ...(['settles', 'settles', 'refuses', 'throws', 'nothing', 'null', 'garbage'] as const),
)
export type SettleKind = typeof settleKind extends fc.Arbitrary<infer T> ? T : never

/** What a handler may do. */
export const handlerAnswer: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>('text', undefined, null, 7, [], {}, { isError: true }, { mcp: {} }),
  fc.constantFrom<unknown>(
    { content: [{ type: 'text', text: 'Hello!' }] },
    { content: [null], _meta: null },
    { jsonrpc: '2.0', id: 'other', result: 'text' },
    { jsonrpc: '2.0', error: { code: 1, message: 'no' } },
    { jsonrpc: '2.0', result: [] },
    { mcp: { transformedGatewayResponse: { statusCode: 200, body: '{"content":[]}' } } },
    { mcp: { transformedGatewayResponse: { headers: null } } },
  ),
  junk.map((credits) => ({ content: [], _meta: { creditsToCharge: credits } })),
  junk,
)

import type { Fault, Local } from '../../../src/local/index.js'
import { decodeHeader, encodeToken } from '../../../src/wire/x402.js'
import { TOOL, rawEvent } from '../../support/doors.js'
import {
  challenged,
  sold,
  testCases,
  unavailable,
  withheld,
  type Case,
} from '../../support/door-cases.js'
import { toolCall } from '../../support/seller.js'
import { singleUse } from '../../support/outcome.js'

type Fields = Record<string, unknown>

const unpaid = (local: Local) => local.paidEvent(TOOL, {}, null)
const inHeaders = (headers: Fields | null | 'none') => () => rawEvent(toolCall(TOOL), headers)

testCases(
  [
    { name: 'an unpaid call is refused', event: unpaid, expected: challenged() },
    { name: 'an empty header pays nothing', event: inHeaders({ 'payment-signature': '' }) },
    { name: 'a header that is null pays nothing', event: inHeaders({ 'payment-signature': null }) },
    { name: 'headers that are null pay nothing', event: inHeaders(null) },
    { name: 'headers that are absent pay nothing', event: inHeaders('none') },
  ].map((it) => ({ expected: challenged(), ...it })),
)

const malformed = challenged('payment malformed')
testCases(
  [
    {
      name: 'a payment of more than 64 KiB is malformed',
      event: inHeaders({ 'payment-signature': 'a'.repeat(65_537) }),
    },
    {
      name: 'a payment header that is a list is malformed',
      event: inHeaders({ 'payment-signature': ['token'] }),
    },
    {
      name: 'a payment in _meta that is text, and no base64 of an object, is malformed',
      event: () => rawEvent(toolCall(TOOL, {}, { _meta: { 'x402/payment': 'bWFsZm9ybWVk' } })),
    },
    {
      name: 'a payment in arguments.headers that is a number is malformed',
      event: () => rawEvent(toolCall(TOOL, { headers: { 'payment-signature': 7 } })),
    },
    {
      name: 'a malformed payment of the call is not made up for by a good header',
      event: (local: Local) =>
        rawEvent(toolCall(TOOL, {}, { _meta: { 'x402/payment': null } }), {
          'payment-signature': local.accessToken(),
        }),
    },
  ].map((it) => ({ ...it, expected: malformed })),
)

testCases([
  {
    name: 'two payments of one call that differ are ambiguous',
    event: (local) => {
      const headers = { 'payment-signature': local.accessToken() }
      const _meta = { 'x402/payment': decodeHeader(local.accessToken({ agentId: 'b' })) }
      return rawEvent(toolCall(TOOL, { headers }, { _meta }))
    },
    expected: challenged('two different payments in one call'),
  },
  {
    name: 'the same payment in both places of a call pays once',
    event: (local) => {
      const token = local.accessToken()
      const args = { headers: { 'PAYMENT-SIGNATURE': token } }
      return rawEvent(toolCall(TOOL, args, { _meta: { 'x402/payment': decodeHeader(token) } }))
    },
    expected: sold(),
  },
  {
    name: 'a payment of the call comes before that of the connection',
    event: (local) => {
      const _meta = { 'x402/payment': decodeHeader(local.accessToken()) }
      return rawEvent(toolCall(TOOL, {}, { _meta }), { 'payment-signature': poorToken(local) })
    },
    expected: sold(),
  },
])

/** A good signature of somebody who holds nothing. */
function poorToken(local: Local): string {
  return local.accessToken({ from: local.ledger.addAccount().address })
}

function forged(local: Local): string {
  const payment = decodeHeader(local.accessToken()) as { payload: Fields }
  return encodeToken({ ...payment, payload: { ...payment.payload, signature: '0xdead' } })
}

testCases(
  [
    ['a forged payment is refused', forged, 'BCK.X402.0005'],
    ['a payment that is no token is refused', () => 'no token', 'BCK.X402.0010'],
    ['a payment of somebody without credits is refused', poorToken, 'Insufficient credits'],
    [
      'a payment for another plan is refused',
      (local: Local) => local.accessToken({ planId: local.ledger.addPlan().planId }),
      'BCK.X402.0013',
    ],
    [
      'a payment bound to another tool is refused',
      (local: Local) => singleUse(local, { resource: { url: 'mcp://tool/T___other' } }),
      'BCK.X402.0013',
    ],
    [
      'a payment bound to another verb is refused',
      (local: Local) => singleUse(local, { httpVerb: 'GET' }),
      'BCK.X402.0013',
    ],
  ].map(([name, token, reason]) => ({
    name: name as string,
    event: (local: Local) => local.paidEvent(TOOL, {}, (token as (it: Local) => string)(local)),
    expected: challenged(`verification failed: ${reason as string}`, ['1']),
  })),
)

/** The name, the fault, how often verify is asked, and the reason where it is a refusal. */
type VerifyFault = [name: string, fault: Fault, asked: number, reason?: string]
const VERIFY_FAULTS: VerifyFault[] = [
  ['refuses', { kind: 'refuse', reason: 'Too poor' }, 1, 'Too poor'],
  ['refuses by code', { kind: 'error', status: 402, code: 'BCK.X402.0020' }, 1, 'BCK.X402.0020'],
  ['answers 500', { kind: 'error' }, 1],
  ['answers 503', { kind: 'error', status: 503 }, 1],
  ['answers 401', { kind: 'error', status: 401, code: 'BCK.APIKEY.0004' }, 1],
  ['hiccups twice', { kind: 'error', status: 500, code: 'BCK.X402.0006' }, 2],
  ['stays retryable', { kind: 'error', status: 503, retryable: true }, 2],
  ['answers with a page', { kind: 'html' }, 1],
  ['answers 200 with a page', { kind: 'html', status: 200 }, 1],
  ['answers with nothing', { kind: 'empty' }, 1],
  ['answers half a JSON', { kind: 'garbage' }, 1],
  ['is late', { kind: 'delay', delayMs: 600 }, 1],
  // The look-up before it left a connection; verify is asked again where a reused one breaks.
  ['loses its answers', { kind: 'lost-answer' }, 2],
  ['is reset', { kind: 'reset' }, 2],
]
testCases(
  VERIFY_FAULTS.map(([name, fault, asked, reason]): Case => {
    const verify = Array.from({ length: asked }, () => '1')
    return {
      name: `nothing runs when verify ${name}`,
      before: ({ faults }) => void faults.set({ ...fault, route: 'verify', times: 9 }),
      options: { verifyTimeoutMs: fault.kind === 'delay' ? 150 : 5_000 },
      expected:
        reason === undefined
          ? unavailable(verify)
          : challenged(`verification failed: ${reason}`, verify),
    }
  }),
)

testCases([
  {
    name: 'nobody is asked to pay when the plan cannot be looked up',
    event: unpaid,
    before: ({ faults }) => void faults.set({ route: 'plan', kind: 'html', times: 9 }),
    expected: unavailable(),
  },
  {
    name: 'nobody is asked to pay when the plan does not exist',
    options: { planId: '7' },
    expected: unavailable(),
  },
  {
    name: 'a plan that is late is waited for as long as verify',
    before: ({ faults }) =>
      void faults.set({ route: 'plan', kind: 'delay', delayMs: 600, times: 9 }),
    options: { verifyTimeoutMs: 150 },
    expected: unavailable(),
  },
])

/** Every place a payment rides in, by the event it makes. */
const CARRIERS: [string, (token: string) => Fields][] = [
  [
    'params._meta',
    (token) => rawEvent(toolCall(TOOL, {}, { _meta: { 'x402/payment': decodeHeader(token) } })),
  ],
  [
    'arguments.headers',
    (token) => rawEvent(toolCall(TOOL, { headers: { 'payment-signature': token } })),
  ],
  [
    'arguments.headers in capitals',
    (token) => rawEvent(toolCall(TOOL, { headers: { 'PAYMENT-SIGNATURE': token } })),
  ],
  [
    'arguments.headers as X-PAYMENT',
    (token) => rawEvent(toolCall(TOOL, { headers: { 'X-PAYMENT': token } })),
  ],
  [
    '_meta of a connection without headers',
    (token) =>
      rawEvent(toolCall(TOOL, {}, { _meta: { 'x402/payment': decodeHeader(token) } }), null),
  ],
  [
    'arguments.headers of a connection without headers',
    (token) => rawEvent(toolCall(TOOL, { headers: { 'payment-signature': token } }), 'none'),
  ],
  ['an HTTP header', (token) => rawEvent(toolCall(TOOL), { 'payment-signature': token })],
  [
    'an HTTP header in capitals',
    (token) => rawEvent(toolCall(TOOL), { 'PAYMENT-SIGNATURE': token }),
  ],
  [
    'an HTTP header after Bearer',
    (token) => rawEvent(toolCall(TOOL), { 'Payment-Signature': `Bearer ${token}` }),
  ],
]

const TOKENS: [string, (local: Local) => string][] = [
  ['a reusable payment', (local) => local.accessToken()],
  ['a single-use payment', singleUse],
]
testCases(
  CARRIERS.flatMap(([place, carry]) =>
    TOKENS.map(
      ([name, token]): Case => ({
        name: `${name} in ${place} pays`,
        event: (local) => carry(token(local)),
        expected: sold(),
      }),
    ),
  ),
)

const named = { tokenHeader: ['X-One', 'X-Two'] }
const spent = (local: Local) => {
  const token = singleUse(local)
  const { planId, subscriberAddress: payer } = local
  const { nonce } = (decodeHeader(token) as { payload: { authorization: { nonce: string } } })
    .payload.authorization
  local.ledger.settle({
    planId,
    payer,
    nonce,
    amount: 1n,
    delegationId: undefined,
    agentRequestId: undefined,
  })
  return local.paidEvent(TOOL, {}, token)
}
testCases([
  {
    name: 'a payment in a header of the seller’s own naming pays',
    options: { tokenHeader: 'X-Pay' },
    event: (local) => rawEvent(toolCall(TOOL), { 'x-pay': local.accessToken() }),
    expected: sold(),
  },
  {
    name: 'of several headers the first that decodes pays',
    options: named,
    event: (local) => rawEvent(toolCall(TOOL), { 'x-one': 'no', 'x-two': local.accessToken() }),
    expected: sold(),
  },
  {
    name: 'a header that is not named pays nothing',
    options: named,
    event: (local) => rawEvent(toolCall(TOOL), { 'payment-signature': local.accessToken() }),
    expected: challenged(),
  },
  {
    name: 'a payment beside an identity in Authorization pays',
    options: { tokenHeader: ['authorization', 'x-pay'] },
    event: (local) =>
      rawEvent(toolCall(TOOL), { Authorization: 'Bearer a.b.c', 'X-Pay': local.accessToken() }),
    expected: sold(),
  },
  {
    name: 'an identity in Authorization is no payment',
    options: { tokenHeader: 'authorization' },
    event: () => rawEvent(toolCall(TOOL), { Authorization: 'Bearer a.b.c' }),
    expected: challenged(),
  },
  {
    name: 'a spent single-use payment buys nothing',
    event: spent,
    expected: withheld(['1'], { burned: 1 }),
  },
])

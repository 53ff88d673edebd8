import type { Context } from 'aws-lambda'
import type { Fault, Local, LocalPlan } from '../../../src/local/index.js'
import { TOOL, content } from '../../support/doors.js'
import {
  given,
  sold,
  testCases,
  unavailable,
  withheld,
  type Case,
} from '../../support/door-cases.js'
import { singleUse } from '../../support/outcome.js'

const rpc = (body: object) => ({ jsonrpc: '2.0', id: 1, ...body })
const whole = (response: object) => ({
  interceptorOutputVersion: '1.0',
  mcp: { transformedGatewayResponse: response },
})
const RPC_ERROR = { code: -32000, message: 'Hello! is not available' }

/** Answers of every format that deliver, and failures of every format. */
const DELIVERED: [string, unknown][] = [
  ['a bare result', { content }],
  ['text', 'Hello!'],
  ['a JSON-RPC body', rpc({ result: { content } })],
  ['a result with more in it', { content, structuredContent: { a: 1 }, _meta: { b: 2 } }],
  ['a whole output', whole({ statusCode: 200, headers: { 'x-own': 'kept' }, body: { content } })],
  [
    'an output whose body is JSON text',
    whole({ body: JSON.stringify(rpc({ result: { content } })) }),
  ],
  ['status 201', whole({ statusCode: 201, body: rpc({ result: { content } }) })],
  ['status 202', whole({ statusCode: 202, body: rpc({ result: { content } }) })],
  ['isError that is no true', { content, isError: 'false' }],
]
const FAILED: [name: string, answer: unknown, error?: number][] = [
  ['a result with isError', { content, isError: true }],
  ["a result with isError: 'true'", { content, isError: 'true' }],
  ['a result with isError: 1', { content, isError: 1 }],
  ['a JSON-RPC error', rpc({ error: RPC_ERROR }), RPC_ERROR.code],
  ['an output with isError', whole({ body: rpc({ result: { content, isError: true } }) })],
  ['an error with status 500', whole({ statusCode: 500, body: rpc({ result: { content } }) })],
  ['an error with status 404', whole({ statusCode: 404, body: rpc({ result: { content } }) })],
]
testCases([
  ...DELIVERED.map(
    ([name, answer]): Case => ({ name: `${name} is sold`, answer, expected: sold() }),
  ),
  ...FAILED.map(
    ([name, answer, error]): Case => ({
      name: `${name} goes out as given and costs nothing`,
      answer,
      expected: { ...given([1]), error },
    }),
  ),
  ...FAILED.map(
    ([name, answer, error]): Case => ({
      name: `${name} is charged where chargeOnError is set and it is known to be the target’s`,
      options: { chargeOnError: true },
      answer,
      expected: { ...sold(), error },
      ofUntold: { verify: ['1'], settle: [], burned: 0, receipt: undefined },
    }),
  ),
  ...[null, 7, [{ content }], rpc({ result: null }), rpc({}), whole({ body: 'Hello!' })].map(
    (answer): Case => ({
      name: `${JSON.stringify(answer)} is no answer: it is not charged and does not go out`,
      answer,
      expected: withheld([]),
    }),
  ),
  {
    name: 'a failure that asks for credits costs nothing',
    answer: { content, isError: true, _meta: { creditsToCharge: 5 } },
    expected: given([1]),
  },
  {
    name: 'a failure of a free tool costs nothing even with chargeOnError',
    options: { chargeOnError: true, credits: 0 },
    answer: { content, isError: true },
    expected: given(),
  },
])

const failure = { challenge: 'settlement failed', receipt: 'refused' }
/** What a fault on settle leads to: settle calls made, credits burned. */
type Row = [name: string, fault: Fault, asked: number, burned: number]
const REFUSED: Row[] = [
  ['says success: false', { kind: 'refuse', reason: 'Auto-order failed' }, 1, 0],
  ['finds too few credits', { kind: 'error', status: 402, code: 'BCK.CREDITS.0003' }, 1, 0],
  ['finds the wallet empty', { kind: 'error', status: 500, code: 'BCK.X402.0008' }, 1, 0],
]
const UNAVAILABLE: Row[] = [
  ['stays retryable', { kind: 'error', status: 503, code: 'BCK.X402.0051' }, 3, 0],
  ['says retryable: true', { kind: 'error', status: 400, retryable: true }, 1, 0],
  ['answers 429', { kind: 'error', status: 429, code: 'BCK.HTTP.429' }, 1, 0],
  ['finds the key invalid', { kind: 'error', status: 401, code: 'BCK.APIKEY.0004' }, 1, 0],
]
const UNKNOWN: Row[] = [
  ['is reset', { kind: 'reset' }, 1, 0],
  ['loses its answer', { kind: 'lost-answer' }, 1, 1],
  ['answers half a JSON', { kind: 'garbage' }, 1, 1],
  ['answers with a page', { kind: 'html' }, 1, 0],
  ['answers 200 with a page', { kind: 'html', status: 200 }, 1, 0],
  ['answers with nothing', { kind: 'empty' }, 1, 0],
  ['answers 500', { kind: 'error' }, 1, 0],
  [
    'says retryable: true of what it may have done',
    { kind: 'error', status: 503, retryable: true, done: true },
    1,
    1,
  ],
  ['finds the token spent', { kind: 'error', status: 402, code: 'BCK.X402.0059' }, 1, 0],
  ['may have charged a card', { kind: 'error', status: 502, code: 'BCK.X402.0048' }, 1, 0],
]
const times = (n: number) => Array.from({ length: n }, () => '1')
const policies = (rows: Row[], option: string, other: string, told: object): Case[] =>
  rows.flatMap(([name, fault, asked, burned]) => {
    const before = ({ faults }: Local) => void faults.set({ ...fault, route: 'settle', times: 9 })
    const expected = withheld(times(asked), { ...told, burned })
    // The second verify of a pair that is told nothing comes once, however often settle is asked.
    const ofUntold = { verify: ['1', '1'] }
    return [
      { name: `content is withheld when settle ${name}`, before, expected, ofUntold },
      {
        name: `content is withheld when settle ${name}, whatever ${other} says`,
        before,
        options: { [other]: 'deliver' },
        expected,
        ofUntold,
      },
      {
        name: `content is delivered when settle ${name} and ${option} says so`,
        before,
        options: { [option]: 'deliver' },
        expected: { ...given([1]), settle: times(asked), burned },
        ofUntold,
      },
    ]
  })
testCases([
  ...policies(REFUSED, 'onSettlementRefused', 'onSettlementUnknown', failure),
  ...policies(UNAVAILABLE, 'onSettlementRefused', 'onSettlementUnknown', {}),
  ...policies(UNKNOWN, 'onSettlementUnknown', 'onSettlementRefused', {}),
])

const late: Fault = { kind: 'delay', delayMs: 400, route: 'settle' }
const paidOnce = (local: Local) => local.paidEvent(TOOL, {}, singleUse(local))
const repeated = (n: number): Pick<Case, 'expected' | 'ofUntold'> => ({
  expected: { ...sold(), settle: times(n) },
  ofUntold: { verify: ['1', '1'] },
})
testCases([
  {
    name: 'a settle that failed retryably by the table of codes is repeated',
    before: ({ faults }) =>
      void faults.set({ route: 'settle', kind: 'error', status: 503, code: 'BCK.X402.0051' }),
    ...repeated(2),
  },
  {
    name: 'a lost settlement of a single-use payment is asked for again and burns once',
    event: paidOnce,
    before: ({ faults }) => void faults.set({ route: 'settle', kind: 'reset' }),
    ...repeated(2),
  },
  {
    name: 'a lost settlement is repeated by request id where the seller asks for that',
    options: { retrySettleByRequestId: true },
    before: ({ faults }) => void faults.set({ route: 'settle', kind: 'lost-answer' }),
    ...repeated(2),
  },
  {
    name: 'a spent token is no proof of a settlement whose answer was lost',
    event: paidOnce,
    before: ({ faults }) => void faults.set({ route: 'settle', kind: 'lost-answer' }),
    expected: withheld(['1', '1'], { burned: 1 }),
    ofUntold: { verify: ['1', '1'] },
  },
  {
    name: 'content is withheld when settle is late',
    options: { settleTimeoutMs: 100 },
    before: ({ faults }) => void faults.set(late),
    // The burn comes after the answer.
    expected: withheld(),
  },
])

const CARD: Partial<LocalPlan> = { fiatProvider: 'stripe' }
/** A subscriber without credits who may spend $5.00; a plan costs $1.00 for 100 credits. */
const delegated = (local: Local) => {
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 500n,
  })
  return local.paidEvent(TOOL, {}, local.accessToken({ delegationId }))
}
testCases([
  {
    name: 'a pay-as-you-go call redeems nothing, is charged and delivered',
    stack: { plan: { billingModel: 'pay-as-you-go' } },
    event: delegated,
    expected: { ...sold(), burned: 0, receipt: '0' },
  },
  {
    name: 'credits that run out are topped up by card',
    stack: { plan: CARD, credits: 0n },
    event: delegated,
    expected: sold(),
  },
  {
    name: 'a card that is declined leaves the outcome unknown',
    stack: { plan: CARD, credits: 0n },
    event: (local) => {
      const account = local.ledger.accounts.get(local.subscriberAddress)
      if (account !== undefined) account.cardAccepted = false
      return delegated(local)
    },
    expected: withheld(['1'], { burned: 100 }),
  },
])

testCases([
  {
    name: 'only who runs the handler keeps time for it',
    context: { getRemainingTimeInMillis: () => 2_500 } as Context,
    expected: unavailable(['1']),
    ofPair: sold(),
  },
])

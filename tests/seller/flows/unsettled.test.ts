import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import {
  memoryStore,
  type GatewayEvent,
  type PaymentError,
  type VerifiedPayment,
} from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import { NO_STORE } from '../../support/caching.js'
import { amounts, asked, correlationIds } from '../../support/recorded.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  hello,
  receiptOf,
  responseOf,
  sell,
  stack,
  textOf,
} from '../../support/seller.js'

const TOOL = 'T___hello'

/** A token of the single-use kind, bound to the tool above. */
function singleUse(local: Local): string {
  return local.accessToken({
    version: 3,
    resource: { url: `mcp://tool/${TOOL}` },
    httpVerb: 'POST',
  })
}

const REFUSALS: [string, string, Fault][] = [
  [
    'is answered with success: false',
    'Auto-order failed',
    { route: 'settle', kind: 'refuse', reason: 'Auto-order failed' },
  ],
  [
    'fails for want of credits',
    'BCK.CREDITS.0003',
    { route: 'settle', kind: 'error', status: 402, code: 'BCK.CREDITS.0003' },
  ],
  [
    'fails since the wallet is empty',
    'BCK.X402.0008',
    { route: 'settle', kind: 'error', status: 500, code: 'BCK.X402.0008' },
  ],
]

test.each(REFUSALS)('content is withheld when settle %s', async (_, reason, fault) => {
  const local = await stack()
  local.faults.set(fault)
  const output = await sell(local)(local.paidEvent(TOOL))
  expect(challengeOf(output)?.error).toBe('settlement failed')
  expect(challengeHeaderOf(output)?.['error']).toBe('settlement failed')
  expect(receiptOf(output)).toMatchObject({ success: false, errorReason: reason })
  const asked = { 'x402/error': expect.objectContaining({ error: 'settlement failed' }) }
  expect(responseOf(output).body.result?._meta).toEqual({ x402: true, ...asked })
  expect(allTextOf(output)).toContain(reason)
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(local.balance()).toBe(100n)
})

test('a single-use token that is spent buys nothing more', async () => {
  const local = await stack()
  const handler = sell(local)
  const token = singleUse(local)
  const first = await handler(local.paidEvent(TOOL, {}, token))
  const other = await handler(local.paidEvent(TOOL, { name: 'another' }, token))
  expect(textOf(first)).toBe('Hello!')
  expect(JSON.stringify(other)).not.toContain('Hello!')
  expect([challengeOf(other), receiptOf(other)]).toEqual([undefined, undefined])
  expect(allTextOf(other)).toContain('belongs to another call')
  expect([asked(local, 'settle').length, local.balance()]).toEqual([1, 99n])
})

test('a single-use token that another container has spent buys nothing more', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const first = await sell(local, hello, { paymentStore: memoryStore() })(event)
  const second = await sell(local, hello, { paymentStore: memoryStore() })(event)
  expect(textOf(first)).toBe('Hello!')
  expect(JSON.stringify(second)).not.toContain('Hello!')
  // It may have been spent by an attempt of which the buyer heard nothing.
  expect(challengeOf(second)).toBeUndefined()
  expect(allTextOf(second)).toMatch(/is used, or may be used.*before you pay again/)
  expect(local.balance()).toBe(99n)
})

const LOST: [string, Fault][] = [
  ['the connection breaks', { route: 'settle', kind: 'reset' }],
  ['the answer is lost', { route: 'settle', kind: 'lost-answer' }],
  ['the answer is cut short', { route: 'settle', kind: 'garbage' }],
  ['a proxy answers with an error page', { route: 'settle', kind: 'html' }],
  ['a proxy answers with nothing', { route: 'settle', kind: 'empty' }],
  ['the facilitator fails', { route: 'settle', kind: 'error', status: 500 }],
  [
    'the card may have been charged',
    { route: 'settle', kind: 'error', status: 502, code: 'BCK.X402.0048', retryable: true },
  ],
  ['no answer comes in time', { route: 'settle', kind: 'delay', delayMs: 1_000 }],
]

test.each(LOST)('content is withheld and nobody told to pay again when %s', async (_, fault) => {
  const local = await stack()
  local.faults.set(fault)
  const output = await sell(local, hello, { settleTimeoutMs: 200 })(local.paidEvent(TOOL))
  const ids = correlationIds(local)
  expect(ids).toHaveLength(2)
  expect(ids[0]).toBe(ids[1])
  expect(allTextOf(output)).toMatch(/outcome is unknown.*Do not pay again/)
  expect(allTextOf(output)).toContain(ids[1])
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { result: { isError: true } } })
  expect(challengeOf(output)).toBeUndefined()
  expect(responseOf(output).headers).toEqual({
    'Content-Type': 'application/json',
    'Retry-After': '1',
    ...NO_STORE,
  })
  expect(JSON.stringify(output)).not.toContain('Hello!')
})

test('a lost settlement of a single-use token is asked for again, burns once, and stays unknown', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  const output = await sell(local)(local.paidEvent(TOOL, {}, singleUse(local)))
  expect(allTextOf(output)).toMatch(/outcome is unknown.*Do not pay again/)
  expect([challengeOf(output), receiptOf(output)]).toEqual([undefined, undefined])
  expect(asked(local, 'settle')).toHaveLength(2)
  expect(local.balance()).toBe(99n)
})

test('a lost settlement of a reusable token is repeated by request id where the seller asks for that', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  const handler = sell(local, hello, { retrySettleByRequestId: true })
  const output = await handler(local.paidEvent(TOOL))
  const [first, second] = asked(local, 'settle')
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)?.['transaction']).toBe(local.ledger.settlements[0]?.transaction)
  expect(second?.agentRequestId).toBe(first?.agentRequestId)
  expect(local.balance()).toBe(99n)
})

test('a settle that failed retryably is repeated', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'error', status: 503, code: 'BCK.X402.0051' })
  const output = await sell(local)(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test.each<[string, 'onSettlementRefused' | 'onSettlementUnknown', string, Fault]>([
  ['refused', 'onSettlementRefused', 'settlement_refused', { route: 'settle', kind: 'refuse' }],
  ['unknown', 'onSettlementUnknown', 'settlement_unknown', { route: 'settle', kind: 'reset' }],
])(
  'a result whose settlement is %s is delivered without receipt where the seller wants that',
  async (_, option, code, fault) => {
    const local = await stack()
    local.faults.set(fault)
    const codes: string[] = []
    const onAfterSettle = jest.fn<() => undefined>()
    const handler = sell(local, hello, {
      [option]: 'deliver',
      onAfterSettle,
      onPaymentError: (error: PaymentError) => void codes.push(error.code),
    })
    const output = await handler(local.paidEvent(TOOL))
    expect(responseOf(output)).toEqual({
      statusCode: 200,
      headers: { 'Content-Type': 'application/json' },
      body: {
        jsonrpc: '2.0',
        id: 1,
        result: await hello({} as GatewayEvent, {} as Context, {} as VerifiedPayment),
      },
    })
    expect(codes).toEqual([code])
    expect(onAfterSettle).not.toHaveBeenCalled()
  },
)
test('the policy for refused settlements says nothing about unknown ones', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'reset' })
  const output = await sell(local, hello, { onSettlementRefused: 'deliver' })(local.paidEvent(TOOL))
  expect(JSON.stringify(output)).not.toContain('Hello!')
})

test('a handler that used up the time is not settled for, and its result withheld', async () => {
  const local = await stack()
  let leftMs = 10_000
  const context = { getRemainingTimeInMillis: () => leftMs } as Context
  const slow = () => {
    leftMs = 900
    return 'Hello!'
  }
  const output = await sell(local, slow)(local.paidEvent(TOOL), context)
  expect(amounts(local).settle).toEqual([])
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(challengeOf(output)).toBeUndefined()
})

test('settle gets no more time than the invocation has left', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'delay', delayMs: 500 })
  let leftMs = 10_000
  const context = { getRemainingTimeInMillis: () => leftMs } as Context
  const slow = () => {
    leftMs = 1_100
    return 'Hello!'
  }
  const output = await sell(local, slow)(local.paidEvent(TOOL), context)
  expect(allTextOf(output)).toMatch(/outcome is unknown/)
})

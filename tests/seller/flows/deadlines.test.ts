import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type { InterceptorOutput, PaidHandler } from '../../../src/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import { FUNCTION_URL, GATEWAY, type Door } from '../../support/events.js'
import { outcomeOf, singleUse, TOOL } from '../../support/outcome.js'
import { hello, receiptOf, responseOf, stack, textOf, toolCall } from '../../support/seller.js'
import { callWith, challengeFrom, paymentFor } from '../money/support/money.js'
import { PRICE, WAYS, fault, refundIn, sale, type Sale, type Way } from '../money/support/sales.js'
import { bothPhases, intercept, result } from '../phases/support/phases.js'

/** What hangs may be called, and never answers. */
const never = (): Promise<never> => new Promise(() => undefined)

/** A Lambda that ends when its time is up, as a real one does. */
function invocation(limitMs: number): Context & { isOver: () => boolean } {
  const end = performance.now() + limitMs
  const getRemainingTimeInMillis = (): number => end - performance.now()
  const isOver = (): boolean => getRemainingTimeInMillis() <= 0
  return { getRemainingTimeInMillis, isOver } as Context & { isOver: () => boolean }
}

/** Enough for a handler to be begun. Unit: ms. */
const LONG_MS = 6_500
/** Enough for a facilitator to be asked. Unit: ms. */
const SHORT_MS = 2_500
const settleReserveMs = 300

/** Something that hangs until it is told to work. */
function stuck<T>(works: () => T) {
  let hangs = true
  let calls = 0
  return {
    calls: () => calls,
    unstick: () => void (hangs = false),
    call: (): T | Promise<never> => {
      calls += 1
      return hangs ? never() : works()
    },
  }
}

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] })
const working = () => stuck(() => said('Hello!'))

/** A paid call, as one of the doors brings it. */
async function paidThrough(door: Door, shop: Sale): Promise<Record<string, unknown>> {
  const paid = async () => encodeHeader(await paymentFor(shop, await challengeFrom(shop)))
  const token = shop.way === 'plans' ? singleUse(shop.local) : await paid()
  return door.event({ token, body: toolCall(TOOL) })
}

/** Calls in an invocation of that length. @returns what the client is told; it has to be told in time. */
async function inTime(
  { handler }: Pick<Sale, 'handler'>,
  event: unknown,
  limitMs: number,
): Promise<InterceptorOutput> {
  const context = invocation(limitMs)
  const output = await handler(event, context)
  expect(context.isOver()).toBe(false)
  return output
}

const THROUGH = [GATEWAY, FUNCTION_URL].flatMap((door) =>
  WAYS.map((way): [string, Way, Door] => [door.name, way, door]),
)

test.concurrent.each(THROUGH)(
  'through %s a handler without end that was paid upfront in %s is owed one refund, and told in time',
  async (_, way, door) => {
    const handler = working()
    const shop = await sale(way, { flow: 'upfront', settleReserveMs }, handler.call)
    const event = await paidThrough(door, shop)
    const { headers, message } = door.said(await inTime(shop, event, LONG_MS))
    handler.unstick()
    const again = door.said(await inTime(shop, event, LONG_MS))
    expect(again.headers['x-refund-due']).toBe(headers['x-refund-due'])
    expect(decodeHeader(headers['payment-response'] ?? '')).toMatchObject({ success: true })
    expect(shop.refunds).toMatchObject([{ reason: 'handler_failed' }])
    expect(decodeHeader(headers['x-refund-due'] ?? '')).toEqual(shop.refunds[0])
    expect(message).toMatchObject({
      result: { isError: true, _meta: { 'agentcore-x402/refund-due': { ...shop.refunds[0] } } },
    })
    expect([handler.calls(), shop.asked()]).toEqual([1, ['settle']])
    expect(await shop.spent()).toBe(PRICE[way])
  },
)

const UNPAID = [
  ['authorization', GATEWAY.name, 'plans', GATEWAY],
  ['authorization', FUNCTION_URL.name, 'money', FUNCTION_URL],
  ['overlap', GATEWAY.name, 'money', GATEWAY],
  ['overlap', FUNCTION_URL.name, 'plans', FUNCTION_URL],
] as const

test.concurrent.each(UNPAID)(
  'flow %s: through %s a handler without end fails in time, and nobody is charged in %s',
  async (flow, _, way, door) => {
    const handler = working()
    const shop = await sale(way, { flow, settleReserveMs }, handler.call)
    const event = await paidThrough(door, shop)
    const { headers, message } = door.said(await inTime(shop, event, LONG_MS))
    expect(message).toMatchObject({ result: { isError: true } })
    expect(JSON.stringify(message)).toMatch(/you were not charged/i)
    expect(headers['payment-response']).toBeUndefined()
    expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
    handler.unstick()
    const again = door.said(await inTime(shop, event, 30_000))
    expect(again.message).toMatchObject({ result: said('Hello!') })
    expect([handler.calls(), await shop.spent()]).toEqual([2, PRICE[way]])
  },
)

test('a handler without end fails in time where its call is free', async () => {
  const shop = await sale('plans', { tools: { [TOOL]: 'free' }, settleReserveMs }, never)
  const output = await inTime(shop, callWith(), SHORT_MS)
  expect(responseOf(output).body.result?.isError).toBe(true)
  expect(shop.asked()).toEqual([])
})

test('so it does for a method that is not sold', async () => {
  const shop = await sale('plans', { otherMethods: ['ping'], settleReserveMs }, never)
  const event = FUNCTION_URL.event({ body: { jsonrpc: '2.0', id: 1, method: 'ping' } })
  const output = FUNCTION_URL.said(await inTime(shop, event, SHORT_MS))
  expect(output.status).toBe(500)
  expect(shop.lines).toMatchObject([{ level: 'error', message: 'the handler failed' }])
})

/** What hangs before a call is paid, and what it answers once it works. */
const BEFORE = [
  ['onBeforeVerify', 'plans', undefined],
  ['onBeforeVerify', 'money', undefined],
  ['onAfterVerify', 'plans', undefined],
  ['onAfterVerify', 'money', undefined],
  ['credits', 'plans', 1],
  ['price', 'money', '$0.01'],
] as const
const FLOWS = ['authorization', 'overlap', 'upfront'] as const
/** What is sold upfront is not verified apart. `overlap` runs the handler beside the verify. */
const isCalledBefore = (name: string, flow: string): boolean =>
  name !== 'onAfterVerify' || flow === 'authorization'
const HANGING = FLOWS.flatMap((flow) =>
  BEFORE.filter(([name]) => isCalledBefore(name, flow)).map(
    ([name, way, works]) => [flow, name, way, works] as const,
  ),
)

test.concurrent.each(HANGING)(
  'flow %s: %s without end is answered in time, and runs and charges nothing in %s',
  async (flow, name, way, works) => {
    const hook = stuck(() => works)
    const ran: unknown[] = []
    const handler: PaidHandler = (...args) => {
      ran.push(args)
      return hello(...args)
    }
    const open = await sale(way, { flow, settleReserveMs }, handler)
    const shop = await sale(way, { flow, settleReserveMs, [name]: hook.call }, handler, open.local)
    const event = await open.paidCall()
    expect(outcomeOf(await inTime(shop, event, SHORT_MS))).toBe('not charged')
    expect([ran.length, hook.calls(), await open.spent()]).toEqual([0, 1, 0n])
    hook.unstick()
    expect(outcomeOf(await inTime(shop, event, 30_000))).toBe('settled')
    expect([ran.length, await open.spent()]).toEqual([1, PRICE[way]])
  },
)

test('flow overlap: an onAfterVerify without end withholds the work, and nobody is charged', async () => {
  const hook = stuck(() => undefined)
  const options = { flow: 'overlap', settleReserveMs, onAfterVerify: hook.call }
  const shop = await sale('plans', options)
  const event = await shop.paidCall()
  expect(outcomeOf(await inTime(shop, event, LONG_MS))).toBe('not charged')
  expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
  hook.unstick()
  expect(outcomeOf(await inTime(shop, event, 30_000))).toBe('settled')
})

test.concurrent.each(WAYS)(
  'an onBeforeVerify that takes the time of the work keeps %s from being moved',
  async (way) => {
    const slow = () => new Promise<void>((resolve) => void setTimeout(resolve, LONG_MS - 2_200))
    const shop = await sale(way, { flow: 'upfront', settleReserveMs, onBeforeVerify: slow })
    const output = await inTime(shop, await shop.paidCall(), LONG_MS)
    expect(outcomeOf(output)).toBe('not charged')
    expect([shop.asked(), shop.refunds, await shop.spent()]).toEqual([[], [], 0n])
  },
)

test.concurrent.each(WAYS)(
  'an onPaymentError without end keeps no challenge and no refusal in %s from leaving in time',
  async (way) => {
    const shop = await sale(way, { settleReserveMs, onPaymentError: never })
    const open = await sale(way, { settleReserveMs }, hello, shop.local)
    const event = await open.paidCall()
    const unpaid = await inTime(shop, callWith(), SHORT_MS)
    expect(responseOf(unpaid).body.result?.structuredContent).toHaveProperty('accepts')
    fault(shop, { route: 'verify', kind: 'refuse' })
    const refused = await inTime(shop, event, SHORT_MS)
    expect(responseOf(refused).body.result?.isError).toBe(true)
    expect([shop.asked(), await open.spent()]).toEqual([['verify'], 0n])
  },
)

test.concurrent.each(FLOWS)(
  'flow %s: onAfterSettle without end keeps no receipt from leaving in time',
  async (flow) => {
    const shop = await sale('plans', { flow, settleReserveMs, onAfterSettle: never })
    const output = await inTime(shop, await shop.paidCall(), LONG_MS)
    expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: '1' })
    const due = flow === 'upfront' ? [{ reason: 'no_time_left' }] : []
    expect(shop.refunds).toMatchObject(due)
    expect(await shop.spent()).toBe(1n)
  },
)

/** Both phases, each in an invocation of its own that is short. */
async function phasesInTime(options: object, target = result(said('Hello!'))) {
  const local = await stack()
  const handle = intercept(local, { flow: 'upfront', settleReserveMs, ...options })
  const sent: unknown[] = []
  const each = async (event: unknown) =>
    inTime({ handler: handle as Sale['handler'] }, event, SHORT_MS)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const { output } = await bothPhases(each, event, (request) => {
    sent.push(request)
    return target(request)
  })
  return { output, sent: sent.length, spent: 100n - local.balance() }
}

test('an interceptor that is paid upfront answers in time for an onBeforeVerify without end', async () => {
  const { output, ...happened } = await phasesInTime({ onBeforeVerify: never })
  expect(outcomeOf(output)).toBe('not charged')
  expect(happened).toEqual({ sent: 0, spent: 0n })
})

test('it forwards what is paid in time for an onAfterSettle without end', async () => {
  const { output, ...happened } = await phasesInTime({ onAfterSettle: never })
  expect([textOf(output), receiptOf(output)?.['success']]).toEqual(['Hello!', true])
  expect(happened).toEqual({ sent: 1, spent: 1n })
})

test('it says in time that a refund is due for an onRefundDue without end', async () => {
  const failed = result({ ...said('broke'), isError: true })
  const told = stuck(() => undefined)
  const { output, ...happened } = await phasesInTime({ onRefundDue: told.call }, failed)
  expect(refundIn(output).meta).toMatchObject({ reason: 'handler_failed' })
  expect([told.calls(), happened]).toEqual([1, { sent: 1, spent: 1n }])
})

test('it answers in time for a price and an onPaymentError without end', async () => {
  const { output, ...happened } = await phasesInTime({ credits: never, onPaymentError: never })
  expect(outcomeOf(output)).toBe('not charged')
  expect(happened).toEqual({ sent: 0, spent: 0n })
})

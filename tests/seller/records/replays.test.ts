import { inspect } from 'node:util'
import { expect, jest, test } from '@jest/globals'
import { memoryStore, type GatewayEvent, type PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { decodeToken, encodeToken } from '../../../src/wire/x402.js'
import { DOORS, type Door, type Sent } from '../../support/events.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { eventOf, recordingLogger, sell, stack, toolCall } from '../../support/seller.js'
import { isShared } from '../../support/tested-store.js'
import { SHOWN, hello } from '../phases/support/phases.js'
import { paid } from '../phases/support/paid-phases.js'

/** A handler whose every run answers with its own number. */
function counting() {
  return jest.fn<PaidHandler>(() => {
    const text = `run ${counting.mock?.calls.length ?? 0}`
    return { content: [{ type: 'text', text }] }
  })
}
counting.mock = undefined as { calls: unknown[] } | undefined

function shop(local: Local, door: Door, options: object = {}) {
  const handler = counting()
  counting.mock = handler.mock
  const wrapped = sell(local, handler, { planId: local.planId, ...door.options, ...options })
  const send = async (sent: Sent) => door.said(await wrapped(door.event(sent), door.context(sent)))
  return { handler, send }
}

/** Without the JSON-RPC id, which is that of each call. */
function withoutId(said: { message: unknown }): unknown {
  return { ...said, message: { ...(said.message as object), id: undefined } }
}

test.each(DOORS.map((door) => ({ door, name: door.name })))(
  'a single-use token sent 101 times through $name buys one run, and its answer 101 times',
  async ({ door }) => {
    const local = await stack()
    const { handler, send } = shop(local, door)
    const token = singleUse(local)
    const said = []
    for (let id = 0; id < 101; id++)
      said.push(await send({ body: toolCall(TOOL, {}, { id }), token }))
    const [first] = said.map(withoutId)
    expect(said.map(withoutId)).toEqual(Array.from({ length: 101 }, () => first))
    expect(JSON.stringify(first)).toContain('run 1')
    expect(handler).toHaveBeenCalledTimes(1)
    // With a shared store, verify begins beside the claim.
    const verifies = isShared() ? 101 : 1
    expect([local.balance(), countOf(local, 'verify'), countOf(local, 'settle')]).toEqual([
      99n,
      verifies,
      1,
    ])
  },
)

test.each(DOORS.map((door) => ({ door, name: door.name })))(
  'the same single-use token for other arguments through $name is a conflict, and buys nothing',
  async ({ door }) => {
    const local = await stack()
    const { handler, send } = shop(local, door)
    const token = singleUse(local)
    await send({ body: toolCall(TOOL, { city: 'Rome' }), token })
    const other = await send({ body: toolCall(TOOL, { city: 'Oslo' }), token })
    expect(other.status).toBe({ real: 409, none: undefined, 'always 200': 200 }[door.statuses])
    expect(JSON.stringify(other.message)).toContain('belongs to another call')
    expect(JSON.stringify(other)).not.toContain('accepts')
    expect(other.headers['payment-required']).toBeUndefined()
    expect(handler).toHaveBeenCalledTimes(1)
    expect(local.balance()).toBe(99n)
  },
)

test('arguments in another order, and another _meta, are the same call', async () => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const wrapped = sell(local, handler)
  const headers = { 'payment-signature': singleUse(local) }
  await wrapped(eventOf(toolCall(TOOL, { a: 1, b: { c: 2, d: 3 } }), headers))
  const again = toolCall(TOOL, { b: { d: 3, c: 2 }, a: 1 }, { id: 9, _meta: { progressToken: 7 } })
  expect(outcomeOf(await wrapped(eventOf(again, headers)))).toBe('settled')
  expect(handler).toHaveBeenCalledTimes(1)
})

/** A token whose nonce is written in another form than the facilitator's own. */
function withNonce(local: Local, nonce: unknown): string {
  const { payload, ...others } = decodeToken(singleUse(local)) ?? { payload: {} }
  const authorization = { ...payload.authorization, nonce }
  return encodeToken({ ...others, payload: { ...payload, authorization } })
}

test.each<[string, (local: Local) => string]>([
  ['a number', (local) => withNonce(local, 77)],
  ['a list', (local) => withNonce(local, ['77'])],
  ['an object', (local) => withNonce(local, { value: '77' })],
  ['true', (local) => withNonce(local, true)],
  ['text around spaces', (local) => withNonce(local, ' 77 ')],
  ['nowhere: the token is text that nobody can read', () => 'not-base64-of-json!'],
  ['nowhere: the token is JSON, and no payment', () => encodeToken({ key: 'secret-of-a-plan' })],
])('a token whose nonce is %s buys one run however often it is sent', async (_, tokenOf) => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const facilitator = {
    verifyPermissions: async () => ({ isValid: true }),
    settlePermissions: async () => ({ success: true, transaction: '0x1', creditsRedeemed: '1' }),
  }
  const { requiresPayment } = await import('../../../src/index.js')
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: '1' }
  const wrapped = requiresPayment(handler, { facilitator, ...terms, paymentStore: memoryStore() })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': tokenOf(local) })
  for (let i = 0; i < 5; i++) expect(outcomeOf(await wrapped(event))).toBe('settled')
  expect(handler).toHaveBeenCalledTimes(1)
})

test.each(SHOWN)(
  'a single-use token sent 20 times through both phases is forwarded once (%s)',
  async (shown) => {
    const local = await stack()
    const token = singleUse(local)
    const event = () => local.paidEvent(TOOL, {}, token)
    const target = jest.fn(hello)
    const told = []
    for (let i = 0; i < 20; i++) {
      const { output } = await paid(shown, {}, target, { local, event })
      told.push(outcomeOf(output))
    }
    expect(told).toEqual(Array.from({ length: 20 }, () => 'settled'))
    expect(target).toHaveBeenCalledTimes(1)
    expect(local.balance()).toBe(99n)
  },
)

test('a reusable token is paid with again by every call', async () => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const wrapped = sell(local, handler)
  const event = local.paidEvent(TOOL)
  await wrapped(event)
  await wrapped(event)
  expect(handler).toHaveBeenCalledTimes(2)
  expect(local.balance()).toBe(98n)
})

test('with idempotencyKey the same call with a reusable token is paid once', async () => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const idempotencyKey = jest.fn(
    (event: GatewayEvent) => event.mcp.gatewayRequest.body.params.arguments['order'] as string,
  )
  const wrapped = sell(local, handler, { idempotencyKey })
  const token = local.accessToken()
  const call = (order: string) => wrapped(local.paidEvent(TOOL, { order }, token))
  for (const order of ['a', 'a', 'b']) expect(outcomeOf(await call(order))).toBe('settled')
  expect(handler).toHaveBeenCalledTimes(2)
  expect(idempotencyKey).toHaveBeenCalledTimes(3)
  expect(local.balance()).toBe(98n)
})

test.each<[string, () => unknown]>([
  ['a promise', () => Promise.resolve('a')],
  ['an object', () => ({ order: 'a' })],
  ['an empty text', () => ''],
  [
    'nothing, since it throws',
    () => {
      throw new Error('a mistake')
    },
  ],
])('a call that idempotencyKey names by %s is not run, and the log says why', async (_, named) => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const logger = recordingLogger()
  const wrapped = sell(local, handler, { idempotencyKey: named as () => string, logger })
  expect(outcomeOf(await wrapped(local.paidEvent(TOOL)))).toBe('not charged')
  expect([handler.mock.calls.length, local.balance()]).toEqual([0, 100n])
  expect(inspect(logger.lines, { depth: 9 })).toMatch(
    /idempotencyKey returned neither a text|a mistake/,
  )
})

test.each([
  ['keepAnswers: false', { keepAnswers: false }, 'Hello!'],
  ['an answer above 64 KB', {}, 'Hello!'.repeat(12_000)],
])('with %s the second call gets its receipt, and nothing runs', async (_, options, text) => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text }] }))
  const wrapped = sell(local, handler, options)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  expect(outcomeOf(await wrapped(event))).toBe('settled')
  expect(outcomeOf(await wrapped(event))).toBe('already paid')
  expect(handler).toHaveBeenCalledTimes(1)
  expect(local.balance()).toBe(99n)
})

test('a failed call leaves the payment as good as new', async () => {
  const local = await stack()
  let isBroken = true
  const wrapped = sell(local, () => {
    if (isBroken) throw new Error('broken')
    return { content: [{ type: 'text', text: 'Hello!' }] }
  })
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  expect(outcomeOf(await wrapped(event))).toBe('not charged')
  isBroken = false
  expect(outcomeOf(await wrapped(event))).toBe('settled')
})

test('a refused settlement is asked for again, and the work is not done again', async () => {
  const local = await stack()
  const handler = jest.fn<PaidHandler>(() => ({ content: [{ type: 'text', text: 'Hello!' }] }))
  const wrapped = sell(local, handler)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  local.faults.set({ route: 'settle', kind: 'refuse' })
  expect([outcomeOf(await wrapped(event)), outcomeOf(await wrapped(event))]).toEqual([
    'refused',
    'settled',
  ])
  expect(handler).toHaveBeenCalledTimes(1)
  expect(local.balance()).toBe(99n)
})

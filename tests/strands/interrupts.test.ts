import { expect, test } from '@jest/globals'
import { MessageAddedEvent } from '@strands-agents/sdk'
import { paymentFailureOf } from '../../src/strands/index.js'
import { answerTo, answersTo, get, merchant, reasonsOf, shopper } from './support/agent.js'

/** An agent that lacks something to pay with, and asks a shop for something. */
async function broke(options: Parameters<typeof shopper>[0] = {}) {
  const one = await shopper({ paymentSessionId: undefined, ...options })
  const shop = await merchant()
  return { ...one, shop, ...one.agentThat([{ tools: [get(shop.url)] }]) }
}

test('a call that cannot be paid interrupts the agent, with the reason under the keys of Python', async () => {
  const { agent } = await broke()
  const result = await agent.invoke('buy it')
  expect(result.stopReason).toBe('interrupt')
  expect(result.interrupts).toMatchObject([{ name: 'payment-failure-call-1-1', source: 'hook' }])
  expect(reasonsOf(result)).toEqual([
    {
      tool: 'http_request',
      toolUseId: 'call-1',
      exceptionType: 'PaymentSessionConfigurationRequired',
      exceptionMessage: expect.stringContaining('updatePaymentSessionId'),
      retryAttempt: 1,
      maxRetries: 3,
      timestamp: expect.any(Number),
    },
  ])
  // The plugin takes no clock.
  const [{ timestamp } = {}] = reasonsOf(result)
  expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000)
})

test('without an instrument, that is what is said first', async () => {
  const { agent } = await broke({ paymentInstrumentId: undefined })
  const reasons = reasonsOf(await agent.invoke('buy it'))
  expect(reasons).toMatchObject([{ exceptionType: 'PaymentInstrumentConfigurationRequired' }])
})

test('an agent whose config is mended pays and goes on, without asking its model again', async () => {
  const { agent, model, plugin, paymentSessionId, shop, spent } = await broke()
  const first = await agent.invoke('buy it')
  expect(model.shown).toHaveLength(1)
  plugin.config.updatePaymentSessionId(paymentSessionId)
  const second = await agent.invoke(answersTo(first))
  expect(second.stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(model.shown).toHaveLength(2)
  expect(shop.payments).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
  expect(agent.appState.getAll()).toEqual({})
})

test('five interrupts later the model is told, always in the same words', async () => {
  const { agent, calls, log } = await broke()
  let result = await agent.invoke('buy it')
  const names: unknown[] = []
  while (result.stopReason === 'interrupt') {
    names.push(result.interrupts?.[0]?.name)
    result = await agent.invoke(answersTo(result))
  }
  expect(names).toEqual([1, 2, 3, 4, 5].map((n) => `payment-failure-call-1-${n}`))
  expect(answerTo(agent)).toEqual({
    status: 'error',
    text:
      'PAYMENT ERROR: No payment session is configured. Do not repeat this call. ' +
      'Tell the user what happened.',
  })
  expect(calls('ProcessPayment')).toEqual([])
  expect(log).toEqual([{ level: 'warn', message: 'a tool was not paid for' }])
  expect(agent.appState.getAll()).toEqual({})
})

test('an agent that may not be interrupted tells its model at once', async () => {
  const { agent } = await broke({ maxInterruptRetries: 0 })
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: No payment session is configured\./)
})

test('the answer false declines: nothing more is tried, and the model is told', async () => {
  const { agent, shop, calls, plugin, paymentSessionId } = await broke()
  const first = await agent.invoke('buy it')
  plugin.config.updatePaymentSessionId(paymentSessionId)
  await agent.invoke(answersTo(first, false))
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: The payment was declined\./)
  expect(shop.asked()).toBe(1)
  expect(calls('ProcessPayment')).toEqual([])
})

test('a failure of AWS interrupts with the name of its class', async () => {
  const { agentThat, buyer } = await shopper()
  const shop = await merchant()
  buyer.service.faults.set({
    operation: 'ProcessPayment',
    kind: 'error',
    name: 'ValidationException',
    status: 400,
    message: 'Insufficient budget in the session',
    times: 9,
  })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const result = await agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([{ exceptionType: 'InsufficientBudget' }])
})

test('a budget that does not do interrupts, and another session pays', async () => {
  const { agentThat, buyer, plugin, paymentSessionId, spent } = await shopper()
  const shop = await merchant()
  plugin.config.updatePaymentSessionId(await buyer.session('0.01'))
  const tools = ['a', 'b'].map((id) => get(shop.url, id))
  const { agent } = agentThat([{ tools }], { toolExecutor: 'sequential' })
  const first = await agent.invoke('buy two')
  expect(reasonsOf(first)).toMatchObject([{ toolUseId: 'b', exceptionType: 'InsufficientBudget' }])
  plugin.config.updatePaymentSessionId(paymentSessionId)
  await agent.invoke(answersTo(first))
  expect(answerTo(agent, 'a').text).toContain('"goods":42')
  expect(answerTo(agent, 'b').text).toContain('"goods":42')
  expect(shop.payments).toHaveLength(2)
  expect(spent().toSorted()).toEqual(['0.01', '0.01'])
})

test('of two calls at the same time each interrupts for itself, and both are paid at the end', async () => {
  const { agentThat, plugin, paymentSessionId, spent } = await shopper({
    paymentSessionId: undefined,
  })
  const shop = await merchant()
  const tools = ['a', 'b'].map((id) => get(`${shop.url}/${id}`, id))
  const { agent } = agentThat([{ tools }])
  const first = await agent.invoke('buy two')
  expect(reasonsOf(first).map(({ toolUseId }) => toolUseId)).toEqual(['a', 'b'])
  const second = await agent.invoke(answersTo(first))
  expect(second.interrupts?.map(({ name }) => name)).toEqual([
    'payment-failure-a-2',
    'payment-failure-b-2',
  ])
  plugin.config.updatePaymentSessionId(paymentSessionId)
  const third = await agent.invoke(answersTo(second))
  expect(third.stopReason).toBe('endTurn')
  expect(['a', 'b'].map((id) => answerTo(agent, id).status)).toEqual(['success', 'success'])
  expect(shop.payments).toHaveLength(2)
  expect(spent()).toEqual(['0.02'])
})

test('a call whose interrupt was not answered yet is not made, while its sibling is paid', async () => {
  const { agentThat, plugin, paymentSessionId } = await shopper({ paymentSessionId: undefined })
  const shop = await merchant()
  const tools = ['a', 'b'].map((id) => get(`${shop.url}/${id}`, id))
  const { agent } = agentThat([{ tools }])
  const first = await agent.invoke('buy two')
  plugin.config.updatePaymentSessionId(paymentSessionId)
  const [answerToA] = answersTo(first)
  const asked = shop.asked()
  const second = await agent.invoke(answerToA === undefined ? [] : [answerToA])
  expect(second.stopReason).toBe('interrupt')
  expect(second.interrupts?.map(({ name }) => name)).toEqual(['payment-failure-b-1'])
  expect(shop.asked()).toBe(asked + 2)
  await agent.invoke(answersTo(second))
  expect(['a', 'b'].map((id) => answerTo(agent, id).status)).toEqual(['success', 'success'])
  expect(shop.payments).toHaveLength(2)
})

test('a call that can be paid is not made again when its sibling interrupts', async () => {
  const { agentThat, plugin, paymentSessionId } = await shopper({ paymentSessionId: undefined })
  const [free, shop] = [await merchant(), await merchant()]
  const { agent } = agentThat([
    { tools: [{ id: 'a', name: 'get_payment_session', input: {} }, get(shop.url, 'b')] },
  ])
  const first = await agent.invoke('look and buy')
  expect(reasonsOf(first)).toMatchObject([{ toolUseId: 'b' }])
  plugin.config.updatePaymentSessionId(paymentSessionId)
  await agent.invoke(answersTo(first))
  expect(answerTo(agent, 'a').text).toContain('payment_session_id is not set')
  expect(answerTo(agent, 'b').text).toContain('"goods":42')
  expect(free.asked()).toBe(0)
})

test('an interrupted conversation has neither the call nor its 402 in it', async () => {
  const { agent } = await broke()
  const roles: string[] = []
  agent.addHook(MessageAddedEvent, ({ message }) => void roles.push(message.role))
  await agent.invoke('buy it')
  expect(roles).toEqual(['user'])
})

test('paymentFailureOf reads the failure of an interrupt, also after JSON', async () => {
  const { agent } = await broke()
  const result = await agent.invoke('buy it')
  const [interrupt] = result.interrupts ?? []
  if (interrupt === undefined) throw new Error('not interrupted')
  const failure = paymentFailureOf(interrupt)
  expect(failure).toEqual(interrupt.reason)
  expect(failure?.exceptionType).toBe('PaymentSessionConfigurationRequired')
  const sent = JSON.parse(JSON.stringify(interrupt)) as typeof interrupt
  expect(paymentFailureOf(sent)).toEqual(failure)
})

test.each([
  ['another hook', { name: 'approval', reason: 'may I?' }],
  ['another hook with a reason like ours', { name: 'approval', reason: { exceptionType: 'x' } }],
  ['one without a reason', { name: 'payment-failure-call-1-1' }],
  ['one of a name like ours', { name: 'payment-failure-x', reason: { tool: 'x' } }],
])('paymentFailureOf knows nothing of the interrupt of %s', (_, interrupt) => {
  expect(paymentFailureOf(interrupt)).toBeUndefined()
})

import { expect, test } from '@jest/globals'
import type { Agent, AgentResult } from '@strands-agents/sdk'
import { answersTo, askForPayment, get, merchant, shopper } from './support/agent.js'
import { goOnElsewhere, type Outcome } from './support/process.js'

/** What another process needs to go on, in JSON. */
function handoverOf(agent: Agent, result: AgentResult, given: object) {
  const snapshot: unknown = JSON.parse(JSON.stringify(agent.takeSnapshot({ preset: 'session' })))
  return { snapshot, args: answersTo(result), settings: { ...given, logger: undefined } }
}

const goneOn = ({ snapshot, interrupts }: Outcome, settings: Record<string, unknown>) => ({
  settings,
  snapshot,
  args: interrupts.map(({ id }) => ({ interruptResponse: { interruptId: id, response: 'go on' } })),
})

test('an interrupted agent goes on in other processes: still unpaid in one, paid in the next', async () => {
  const { agentThat, settings, paymentSessionId, spent } = await shopper({
    paymentSessionId: undefined,
  })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const first = await agent.invoke('buy it')
  const handover = handoverOf(agent, first, settings)
  const second = await goOnElsewhere(handover)
  expect(second).toMatchObject({
    stopReason: 'interrupt',
    interrupts: [{ name: 'payment-failure-call-1-2' }],
  })
  const third = await goOnElsewhere(goneOn(second, { ...handover.settings, paymentSessionId }))
  expect(third.stopReason).toBe('endTurn')
  expect(JSON.stringify(third.messages)).toContain('goods')
  expect(shop.payments).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test('the sixth failure is the last, in whichever process it is', async () => {
  const { agentThat, settings } = await shopper({ paymentSessionId: undefined })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  let result = await agent.invoke('buy it')
  for (let i = 1; i < 5; i += 1) result = await agent.invoke(answersTo(result))
  expect(result.interrupts).toMatchObject([{ name: 'payment-failure-call-1-5' }])
  const { stopReason, messages } = await goOnElsewhere(handoverOf(agent, result, settings))
  expect(stopReason).toBe('endTurn')
  expect(JSON.stringify(messages)).toContain('PAYMENT ERROR: No payment session is configured.')
})

test('what one process has signed no other one pays again', async () => {
  const { agentThat, settings, calls, spent } = await shopper()
  const shop = await merchant((_, response) => askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const first = await agent.invoke('buy it')
  const handover = handoverOf(agent, first, settings)
  const [payment = 'none'] = shop.payments
  expect(JSON.stringify(handover)).not.toContain(payment.slice(0, 40))
  const { interrupts } = await goOnElsewhere(handover)
  expect(interrupts).toMatchObject([
    { reason: { exceptionMessage: expect.stringContaining('It is not made again') } },
  ])
  expect(shop.payments).toHaveLength(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test('a payment of unknown outcome is the same one in another process', async () => {
  const { agentThat, settings, buyer, tokens, spent } = await shopper()
  const shop = await merchant()
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'lost-answer', times: 4 })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const first = await agent.invoke('buy it')
  expect(spent()).toEqual(['0.01'])
  const before = tokens().length
  let outcome = await goOnElsewhere(handoverOf(agent, first, settings))
  while (outcome.stopReason === 'interrupt') {
    outcome = await goOnElsewhere(goneOn(outcome, { ...settings, logger: undefined }))
  }
  expect(tokens().length).toBeGreaterThan(before)
  expect(new Set(tokens()).size).toBe(1)
  expect(shop.payments).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

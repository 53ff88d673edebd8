import { expect, test } from '@jest/globals'
import { tool } from '@strands-agents/sdk'
import { z } from 'zod'
import { get, merchant, shopper } from './support/agent.js'

const BACKGROUND = { backgroundTasks: { always: ['http_request'] } }

test('a background task is paid for', async () => {
  const { agentThat, calls } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }], BACKGROUND)
  await agent.invoke('buy it')
  expect(JSON.stringify(agent.messages)).toContain('goods')
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(Object.keys(agent.appState.getAll()).filter((key) => key.includes('payment'))).toEqual([])
})

test('a background task whose start is answered while it is paid for is paid for once', async () => {
  const { agentThat, calls } = await shopper({ postPaymentRetryDelaySeconds: 0.2 })
  const shop = await merchant()
  const slow = tool({
    name: 'slow',
    description: 'ends when the payment is signed',
    inputSchema: z.object({}),
    callback: async (_, context) => {
      const state = () => JSON.stringify(context?.agent.appState.getAll())
      while (!state().includes('"isSigned":true')) await new Promise((next) => setImmediate(next))
      return 'ended'
    },
  })
  const both = { tools: [get(shop.url), { id: 'call-2', name: 'slow', input: {} }] }
  const { agent } = agentThat([both], { ...BACKGROUND, tools: [slow] })
  await agent.invoke('buy it')
  expect(JSON.stringify(agent.messages)).toContain('goods')
  expect(new Set(shop.payments).size).toBe(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('a background task that cannot be paid for interrupts nobody: the model is told', async () => {
  const { agentThat, calls } = await shopper({ paymentSessionId: undefined })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }], BACKGROUND)
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(JSON.stringify(agent.messages)).toContain('PAYMENT ERROR: No payment session')
  expect(calls('ProcessPayment')).toEqual([])
})

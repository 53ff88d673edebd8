import { expect, test } from '@jest/globals'
import { BeforeToolCallEvent, type Agent } from '@strands-agents/sdk'
import { answerTo, get, merchant, shopper } from './support/agent.js'

test('a payment is sent no sooner than the delay after it was signed', async () => {
  const { agentThat } = await shopper({ postPaymentRetryDelaySeconds: 0.3 })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  // The delay is a timer's, hence real time.
  const startedMs: number[] = []
  agent.addHook(BeforeToolCallEvent, () => void startedMs.push(performance.now()))
  await agent.invoke('buy it')
  const [first = 0, second = 0] = startedMs
  expect(second - first).toBeGreaterThanOrEqual(295)
  expect(shop.payments).toHaveLength(1)
})

test.each<[string, number, 'agent' | 'signal']>([
  ['by the agent', 60, 'agent'],
  ['by a signal', 60, 'signal'],
])(
  'an agent that is cancelled %s while it waits stops at once, and calls no tool',
  async (_, delay, by) => {
    const { agentThat, spent } = await shopper({ postPaymentRetryDelaySeconds: delay })
    const shop = await merchant()
    const { agent } = agentThat([{ tools: [get(shop.url)] }])
    const controller = new AbortController()
    const running = agent.invoke('buy it', { cancelSignal: controller.signal })
    await signed(agent)
    if (by === 'agent') agent.cancel()
    else controller.abort()
    expect((await running).stopReason).toBe('cancelled')
    expect(shop.asked()).toBe(1)
    expect(spent()).toEqual(['0.01'])
    expect(answerTo(agent)).toEqual({
      status: 'error',
      text: 'PAYMENT ERROR: The call was cancelled while paying. The payment was not sent.',
    })
    expect(agent.appState.getAll()).toEqual({})
  },
)

test('an agent that is cancelled while AWS signs does not wait for it, and is good for more', async () => {
  const { agentThat, buyer, calls, spent } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url, 'a')] }, { tools: [get(shop.url, 'b')] }])
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'delay', delayMs: 400 })
  const running = agent.invoke('buy it')
  await until(() => calls('ProcessPayment').length === 1)
  agent.cancel()
  expect((await running).stopReason).toBe('cancelled')
  expect(spent()).toEqual(['0.00'])
  expect(shop.asked()).toBe(1)
  await until(() => spent()[0] === '0.01')
  expect((await agent.invoke('once more')).stopReason).toBe('endTurn')
  expect(answerTo(agent, 'b').text).toContain('"goods":42')
})

/** When the agent has its payment. */
function signed({ appState }: Agent): Promise<void> {
  return until(() => JSON.stringify(appState.getAll()).includes('"isSigned":true'))
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((next) => setImmediate(next))
}

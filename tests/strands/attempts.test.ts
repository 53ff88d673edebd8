// How often a payment is tried: three attempts between two interrupts, five interrupts for one tool call.
import { expect, test } from '@jest/globals'
import { AfterToolCallEvent, type Agent, type AgentResult } from '@strands-agents/sdk'
import type { OnPaymentError } from '../../src/strands/index.js'
import {
  answerTo,
  answersTo,
  askForPayment,
  get,
  merchant,
  reasonsOf,
  shopper,
} from './support/agent.js'
import { goOnElsewhere } from './support/process.js'

type Options = Parameters<typeof shopper>[0]

/** An agent whose session does not pay for what it wants. */
async function exhausted(options: Options = {}) {
  const one = await shopper(options)
  const shop = await merchant()
  const paymentSessionId = await one.buyer.session('0.001')
  one.plugin.config.updatePaymentSessionId(paymentSessionId)
  return {
    ...one,
    exhaustedId: paymentSessionId,
    shop,
    ...one.agentThat([{ tools: [get(shop.url)] }]),
  }
}

/** Answers every interrupt without mending anything. @returns which attempts failed, and calls between */
async function untilTold(agent: Agent, count: () => number) {
  const attempts: unknown[] = []
  const between: number[] = []
  let [result, before] = [await agent.invoke('buy it'), 0]
  for (;;) {
    between.push(count() - before)
    before = count()
    if (result.stopReason !== 'interrupt') return { attempts, between }
    attempts.push(...reasonsOf(result).map(({ retryAttempt }) => retryAttempt))
    result = await agent.invoke(answersTo(result))
  }
}

test('an exhausted session is tried once between two interrupts, and five interrupts are all', async () => {
  const { agent, calls } = await exhausted()
  const { attempts, between } = await untilTold(agent, () => calls('ProcessPayment').length)
  expect(attempts).toEqual([1, 2, 3, 4, 5])
  expect(between).toEqual([1, 1, 1, 1, 1, 1])
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: The budget that is left/)
  expect(agent.appState.getAll()).toEqual({})
})

test.each<[string, Options, number[]]>([
  ['as often as it may', {}, [3, 3, 3, 3, 3, 3]],
  ['more often than it may', { maxErrorRetries: 10 }, [3, 3, 3, 3, 3, 3]],
  ['once', { maxErrorRetries: 1 }, [2, 2, 2, 2, 2, 2]],
  ['and nobody may be interrupted', { maxInterruptRetries: 0 }, [3]],
  ['and one interrupt is allowed', { maxInterruptRetries: 1, maxErrorRetries: 99 }, [3, 3]],
])(
  'a handler that always retries has three attempts made at most: %s',
  async (_, options, wanted) => {
    const { agent, calls } = await exhausted({ onPaymentError: () => 'retry', ...options })
    const { attempts, between } = await untilTold(agent, () => calls('ProcessPayment').length)
    expect(between).toEqual(wanted)
    const [each = 0] = wanted
    expect(attempts).toEqual(wanted.slice(1).map((_one, at) => (at + 1) * each))
  },
)

test('a handler that retries now and then is bounded in the same way', async () => {
  let asked = 0
  const onPaymentError: OnPaymentError = () => (++asked % 2 === 0 ? 'propagate' : 'retry')
  const { agent, calls } = await exhausted({ onPaymentError })
  const { attempts, between } = await untilTold(agent, () => calls('ProcessPayment').length)
  expect(between).toEqual([2, 2, 2, 2, 2, 2])
  expect(attempts).toEqual([2, 4, 6, 8, 10])
})

test('a hook that has the call repeated makes no further attempts', async () => {
  const { agent, calls } = await exhausted({ onPaymentError: () => 'retry' })
  agent.addHook(AfterToolCallEvent, (event) => void (event.retry = true))
  let [result, before] = [await agent.invoke('buy it'), 0]
  const between: number[] = []
  for (let i = 0; i < 5; i += 1) {
    between.push(calls('ProcessPayment').length - before)
    before = calls('ProcessPayment').length
    expect(result.stopReason).toBe('interrupt')
    if (i < 4) result = await agent.invoke(answersTo(result))
  }
  expect(Math.max(...between)).toBe(3)
})

test('a signed payment that its seller rejects is sent three times between two interrupts', async () => {
  const { agentThat, calls, spent } = await shopper({ onPaymentError: () => 'retry' })
  const shop = await merchant((_, response) => askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const { attempts, between } = await untilTold(agent, () => shop.payments.length)
  expect(between).toEqual([3, 3, 3, 3, 3, 3])
  expect(attempts).toEqual([3, 6, 9, 12, 15])
  expect(new Set(shop.payments).size).toBe(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test.each<[string, Options]>([
  ['a seller that rejects it', {}],
  ['no session', { paymentSessionId: undefined }],
  ['no instrument', { paymentInstrumentId: undefined }],
])('retryAttempt counts up and never repeats with %s', async (_, options) => {
  const { agentThat } = await shopper(options)
  const shop = await merchant((_request, response) => askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const { attempts } = await untilTold(agent, () => shop.asked())
  expect(attempts).toEqual([1, 2, 3, 4, 5])
})

test('each of two tool calls has attempts of its own', async () => {
  const { agentThat, plugin, buyer, calls } = await shopper()
  const shop = await merchant()
  plugin.config.updatePaymentSessionId(await buyer.session('0.001'))
  const tools = ['a', 'b'].map((id) => get(`${shop.url}/${id}`, id))
  const { agent } = agentThat([{ tools }])
  const first = await agent.invoke('buy two')
  const second = await agent.invoke(answersTo(first))
  expect(reasonsOf(second).map(({ toolUseId, retryAttempt }) => [toolUseId, retryAttempt])).toEqual(
    [
      ['a', 2],
      ['b', 2],
    ],
  )
  expect(calls('ProcessPayment')).toHaveLength(4)
})

test('attempts and interrupts are counted across processes', async () => {
  const { agent, calls, settings, exhaustedId } = await exhausted()
  const first: AgentResult = await agent.invoke('buy it')
  const elsewhere = { ...settings, paymentSessionId: exhaustedId, logger: undefined }
  const retrying = { ...elsewhere, onPaymentError: 'retry' }
  const attempts = [reasonsOf(first)[0]?.['retryAttempt']]
  let snapshot: unknown = JSON.parse(JSON.stringify(agent.takeSnapshot({ preset: 'session' })))
  let args = answersTo(first)
  const between = [calls('ProcessPayment').length]
  for (const given of [elsewhere, retrying, elsewhere, retrying, elsewhere]) {
    const before = calls('ProcessPayment').length
    const outcome = await goOnElsewhere({ snapshot, args, settings: given })
    between.push(calls('ProcessPayment').length - before)
    attempts.push(...outcome.interrupts.map(({ reason }) => reason['retryAttempt']))
    snapshot = outcome.snapshot
    args = outcome.interrupts.map(({ id }) => ({
      interruptResponse: { interruptId: id, response: 'go on' },
    }))
  }
  expect(between).toEqual([1, 1, 3, 1, 3, 1])
  expect(attempts).toEqual([1, 2, 5, 6, 9])
})

import { expect, test } from '@jest/globals'
import {
  ErrorResolution,
  type OnPaymentError,
  type PaymentErrorContext,
} from '../../src/strands/index.js'
import {
  answerTo,
  answersTo,
  askForPayment,
  get,
  merchant,
  reasonsOf,
  shopper,
} from './support/agent.js'

/** An agent without a session, and what its handler was asked. */
async function broke(onPaymentError: OnPaymentError, more: Parameters<typeof shopper>[0] = {}) {
  const asked: PaymentErrorContext[] = []
  const one = await shopper({
    paymentSessionId: undefined,
    onPaymentError: (context) => {
      asked.push(context)
      return onPaymentError(context)
    },
    ...more,
  })
  const shop = await merchant()
  return { ...one, asked, shop, ...one.agentThat([{ tools: [get(shop.url)] }]) }
}

test('a handler that mends the config and retries has the call paid, without an interrupt', async () => {
  const made = await broke(({ config }) => {
    config.updatePaymentSessionId(session)
    return ErrorResolution.RETRY
  })
  const session = made.paymentSessionId
  const { agent, asked, plugin, shop } = made
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(asked).toMatchObject([
    {
      exception: expect.any(Error),
      exceptionType: 'PaymentSessionConfigurationRequired',
      exceptionMessage: expect.stringContaining('paymentSessionId'),
      toolName: 'http_request',
      toolArgs: { url: shop.url },
      paymentRequiredRequest: { statusCode: 402 },
      retryCount: 0,
    },
  ])
  expect(asked[0]?.config).toBe(plugin.config)
})

test('a text goes to the model in place of the answer', async () => {
  const { agent } = await broke(async () => 'ask your boss')
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(answerTo(agent)).toEqual({ status: 'error', text: 'PAYMENT ERROR: ask your boss' })
})

test.each<[string, OnPaymentError]>([
  ['propagates', () => ErrorResolution.PROPAGATE],
  ['answers nothing', () => undefined],
  ['answers null', () => null],
  ['answers null later', async () => null],
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
])('a handler that %s lets the agent be interrupted', async (_, onPaymentError) => {
  const { agent, asked } = await broke(onPaymentError)
  expect((await agent.invoke('buy it')).stopReason).toBe('interrupt')
  expect(asked).toHaveLength(1)
})

test('a handler that always retries is asked three times, and the agent interrupted then', async () => {
  const { agent, asked } = await broke(() => 'retry')
  const first = await agent.invoke('buy it')
  expect(asked.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2])
  expect(reasonsOf(first)).toMatchObject([
    { exceptionType: 'PaymentSessionConfigurationRequired', retryAttempt: 3 },
  ])
  await agent.invoke(answersTo(first))
  expect(asked.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2, 0, 1, 2])
})

test.each([
  [0, 0],
  [1, 1],
])('with maxErrorRetries %d a handler is asked %d times', async (maxErrorRetries, times) => {
  const { agent, asked } = await broke(() => 'retry', { maxErrorRetries })
  expect((await agent.invoke('buy it')).stopReason).toBe('interrupt')
  expect(asked).toHaveLength(times)
})

test('a handler that retries what a seller rejected has the same payment sent once more', async () => {
  const { agentThat, calls } = await shopper({ onPaymentError: () => 'retry' })
  const shop = await merchant((_, response, n) => n === 1 && askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(new Set(shop.payments).size).toBe(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('what a handler changes in what it is shown changes nothing', async () => {
  const made = await broke((context) => {
    Object.assign(context.toolArgs as object, { url: 'http://127.0.0.1:1/' })
    Object.assign(context.paymentRequiredRequest, { headers: {}, body: {} })
    context.config.updatePaymentSessionId(session)
    return 'retry'
  })
  const session = made.paymentSessionId
  await made.agent.invoke('buy it')
  expect(answerTo(made.agent).text).toContain('"goods":42')
})

test.each([true, 7, { retry: true }, ['retry']])(
  'an answer that is none interrupts the agent, and one line says what was expected: %j',
  async (answer) => {
    const { agent, log } = await broke(() => answer as never)
    expect((await agent.invoke('buy it')).stopReason).toBe('interrupt')
    const message = expect.stringMatching(
      new RegExp(`^onPaymentError returned ${typeof answer}: expected 'retry', 'propagate'`),
    )
    expect(log).toEqual([{ level: 'warn', message }])
  },
)

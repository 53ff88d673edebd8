import { expect, test } from '@jest/globals'
import { AfterToolCallEvent, tool } from '@strands-agents/sdk'
import { z } from 'zod'
import { challengeV2 } from '../agentcore/support/payment-header.js'
import {
  answerTo,
  answersTo,
  askForPayment,
  get,
  merchant,
  reasonsOf,
  shopper,
} from './support/agent.js'

test('a seller that asks again after it was paid is not paid again', async () => {
  const { agentThat, calls, spent } = await shopper()
  const shop = await merchant((_, response) => askForPayment(response, 'not enough'))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const result = await agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([
    {
      exceptionType: 'PaymentError',
      exceptionMessage: 'Payment rejected after signing: not enough',
      retryAttempt: 1,
    },
  ])
  expect(shop.payments).toHaveLength(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test('a payment that was rejected is sent again when the interrupt is answered, not made again', async () => {
  const { agentThat, calls, spent } = await shopper()
  const shop = await merchant((_, response, n) => n < 3 && askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  let result = await agent.invoke('buy it')
  while (result.stopReason === 'interrupt') result = await agent.invoke(answersTo(result))
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(shop.payments).toHaveLength(3)
  expect(new Set(shop.payments).size).toBe(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test('a payment that is always rejected ends in a message for the model, paid once', async () => {
  const { agentThat, spent } = await shopper()
  const shop = await merchant((_, response) => askForPayment(response))
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  let result = await agent.invoke('buy it')
  while (result.stopReason === 'interrupt') result = await agent.invoke(answersTo(result))
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: The payment was signed, but the seller/)
  expect(new Set(shop.payments).size).toBe(1)
  expect(spent()).toEqual(['0.01'])
})

test('what a seller says of a rejection is not passed on with the payment in it', async () => {
  const { agentThat } = await shopper()
  const payments: string[] = []
  const echo = tool({
    name: 'echo',
    description: 'rejects every payment, and quotes it',
    inputSchema: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    callback: ({ headers = {} }) => {
      payments.push(...Object.values(headers))
      const body = { ...challengeV2(), error: `bad payment ${payments.join()}` }
      return { statusCode: 402, headers: {}, body }
    },
  })
  const turn = { tools: [{ id: 'call-1', name: 'echo', input: {} }] }
  const { agent } = agentThat([turn], { tools: [echo] })
  const result = await agent.invoke('buy it')
  const [payment = 'none'] = payments
  expect(payment.length).toBeGreaterThan(500)
  expect(JSON.stringify(result.interrupts)).not.toContain(payment.slice(0, 40))
  expect(reasonsOf(result)).toMatchObject([
    { exceptionMessage: 'Payment rejected after signing: bad payment …' },
  ])
})

test('a hook that has a paid call repeated sends the same payment', async () => {
  const { agentThat, calls } = await shopper()
  const shop = await merchant((_, response, n) => {
    if (n === 1) response.writeHead(503).end('{}')
  })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  agent.addHook(AfterToolCallEvent, (event) => {
    if (JSON.stringify(event.result).includes('503')) event.retry = true
  })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(shop.payments).toHaveLength(2)
  expect(new Set(shop.payments).size).toBe(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('a payment whose outcome is unknown is asked for again as the same one', async () => {
  const { agentThat, buyer, tokens, spent } = await shopper()
  const shop = await merchant()
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'lost-answer', times: 4 })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  let result = await agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([
    { exceptionMessage: expect.stringContaining('the session may have been charged') },
  ])
  while (result.stopReason === 'interrupt') result = await agent.invoke(answersTo(result))
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(tokens().length).toBeGreaterThan(4)
  expect(new Set(tokens()).size).toBe(1)
  expect(tokens()[0]).toMatch(/^[a-zA-Z\d-]{33,256}$/)
  expect(spent()).toEqual(['0.01'])
})

test('a payment that was refused and is tried again is another one', async () => {
  const { agentThat, buyer, tokens } = await shopper()
  const shop = await merchant()
  buyer.service.faults.set({
    operation: 'ProcessPayment',
    kind: 'error',
    name: 'AccessDeniedException',
    status: 403,
  })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const first = await agent.invoke('buy it')
  expect(reasonsOf(first)).toMatchObject([{ exceptionType: 'AwsError' }])
  await agent.invoke(answersTo(first))
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(new Set(tokens()).size).toBe(2)
})

test('no more than three payments are tried for one tool call, whoever has it repeated', async () => {
  const { agentThat, buyer, tokens } = await shopper({ maxInterruptRetries: 0 })
  const shop = await merchant()
  buyer.service.faults.set({
    operation: 'ProcessPayment',
    kind: 'error',
    name: 'AccessDeniedException',
    status: 403,
    times: 99,
  })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  let repetitions = 0
  agent.addHook(AfterToolCallEvent, (event) => {
    event.retry = ++repetitions < 6
  })
  await agent.invoke('buy it')
  expect(shop.asked()).toBe(6)
  expect(tokens()).toHaveLength(3)
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: The payment could not be made\./)
})

const paid = (inputSchema: z.ZodObject) =>
  tool({
    name: 'paid_tool',
    description: 'asks for a payment',
    inputSchema,
    callback: () => ({
      statusCode: 402,
      headers: {},
      body: { x402Version: 1, accepts: [{ scheme: 'exact' }] },
    }),
  })

test.each<[string, z.ZodObject, unknown]>([
  ['has no place for headers', z.object({ q: z.string() }), { q: 'x' }],
  ['was given headers that are none', z.object({ headers: z.unknown() }), { headers: 'none' }],
])('nothing is paid for a tool that %s', async (_, schema, input) => {
  const { agentThat, calls } = await shopper()
  const before = calls().length
  const { agent } = agentThat([{ tools: [{ id: 'call-1', name: 'paid_tool', input }] }], {
    tools: [paid(schema)],
  })
  const result = await agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([
    { exceptionMessage: expect.stringMatching(/; nothing was paid$/) },
  ])
  expect(calls()).toHaveLength(before)
})

import { expect, test } from '@jest/globals'
import { Agent, AfterToolCallEvent, BeforeToolCallEvent, tool } from '@strands-agents/sdk'
import { z } from 'zod'
import { AgentCorePaymentsPlugin } from '../../src/strands/index.js'
import { answerTo, get, merchant, shopper } from './support/agent.js'
import { ScriptedModel } from './support/model.js'

test('an agent pays for what it asks for, and gets it', async () => {
  const { agentThat, calls, spent } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const result = await agent.invoke('buy it')
  expect(result.toString()).toBe('done')
  expect(answerTo(agent)).toMatchObject({ status: 'success' })
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(shop.decoded()).toMatchObject([{ x402Version: 2, accepted: { amount: '10000' } }])
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(spent()).toEqual(['0.01'])
})

test('nobody but the tool sees the payment: no message, model, hook, event or state', async () => {
  const { agentThat, log } = await shopper()
  const shop = await merchant()
  const { agent, model } = agentThat([{ tools: [get(shop.url)] }])
  const seen: string[] = []
  agent.addHook(BeforeToolCallEvent, (event) => void seen.push(JSON.stringify(event)))
  agent.addHook(AfterToolCallEvent, (event) => void seen.push(JSON.stringify(event)))
  for await (const event of agent.stream('buy it')) seen.push(JSON.stringify(event))
  const snapshot = agent.takeSnapshot({ preset: 'session' })
  const all = [seen, model.shown, log, snapshot, agent.messages].map((one) => JSON.stringify(one))
  const [payment = 'none'] = shop.payments
  expect(payment.length).toBeGreaterThan(500)
  expect(all.join()).not.toContain(payment.slice(0, 100))
  expect(all.join().toLowerCase()).not.toContain('payment-signature')
  expect(model.shown.at(-1)).toContain(JSON.stringify({ url: shop.url }))
})

test('what was paid for leaves nothing behind in the state of the agent', async () => {
  const { agentThat } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  await agent.invoke('buy it')
  expect(agent.appState.getAll()).toEqual({})
})

test('tool calls of a model that repeats their ids are each paid for', async () => {
  const { agentThat, tokens, spent } = await shopper()
  const shop = await merchant()
  const turn = { tools: [get(shop.url)] }
  const { agent } = agentThat([turn, turn])
  await agent.invoke('buy two')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(new Set(tokens()).size).toBe(2)
  expect(new Set(shop.payments).size).toBe(2)
  expect(spent()).toEqual(['0.02'])
})

test.each(['concurrent', 'sequential'] as const)(
  'tool calls at the same time are each paid for once (%s)',
  async (toolExecutor) => {
    const { agentThat, tokens, spent } = await shopper()
    const shop = await merchant()
    const ids = ['a', 'b', 'c']
    const turn = { tools: ids.map((id) => get(`${shop.url}/${id}`, id)) }
    const { agent } = agentThat([turn], { toolExecutor })
    await agent.invoke('buy three')
    expect(ids.map((id) => answerTo(agent, id).status)).toEqual(ids.map(() => 'success'))
    expect(new Set(tokens()).size).toBe(3)
    expect(shop.asked()).toBe(6)
    expect(spent()).toEqual(['0.03'])
  },
)

test('one plugin serves two agents, whose calls have the same ids', async () => {
  const { agentThat, spent } = await shopper()
  const shop = await merchant()
  const two = [1, 2].map(() => agentThat([{ tools: [get(shop.url)] }]).agent)
  await Promise.all(two.map((agent) => agent.invoke('buy it')))
  for (const agent of two) expect(answerTo(agent).text).toContain('"goods":42')
  expect(new Set(shop.payments).size).toBe(2)
  expect(spent()).toEqual(['0.02'])
})

test.each([
  ['autoPayment is false', { autoPayment: false }],
  ['its tool is not on the allow-list', { paymentToolAllowlist: ['another'] }],
  ['the allow-list is empty', { paymentToolAllowlist: [] }],
])('nothing is paid where %s: the model gets the 402', async (_, options) => {
  const { agentThat, calls } = await shopper(options)
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const { stopReason } = await agent.invoke('buy it')
  expect(stopReason).toBe('endTurn')
  expect(answerTo(agent).text).toMatch(/^PAYMENT_REQUIRED: \{"statusCode":402,/)
  expect(calls('ProcessPayment')).toEqual([])
})

test('what is added to the allow-list is paid for from then on', async () => {
  const { agentThat, plugin, spent } = await shopper({ paymentToolAllowlist: [] })
  const shop = await merchant()
  const { agent } = agentThat([
    { tools: [get(shop.url, 'before')] },
    { text: 'may I?' },
    { tools: [get(shop.url, 'after')] },
  ])
  await agent.invoke('buy it')
  expect(spent()).toEqual(['0.00'])
  plugin.config.addToAllowlist('http_request')
  await agent.invoke('you may')
  expect(answerTo(agent, 'after').text).toContain('"goods":42')
  expect(spent()).toEqual(['0.01'])
})

test('an agent gets the five tools, and without provideHttpRequest four', async () => {
  const four = [
    'get_payment_instrument',
    'list_payment_instruments',
    'get_payment_instrument_balance',
    'get_payment_session',
  ]
  const { agentThat, settings } = await shopper()
  const { agent } = agentThat([])
  await agent.initialize()
  // Releases of Strands differ in the order.
  expect(agent.tools.map(({ name }) => name).sort()).toEqual([...four, 'http_request'].sort())
  const plugin = new AgentCorePaymentsPlugin({ ...settings, provideHttpRequest: false })
  const other = new Agent({ model: new ScriptedModel(), plugins: [plugin], printer: false })
  await other.initialize()
  expect(other.tools.map(({ name }) => name)).toEqual(four)
})

test('a tool whose name differs from http_request in a hyphen alone does not break the agent', async () => {
  const { agentThat } = await shopper()
  const own = tool({
    name: 'http-request',
    description: 'mine',
    inputSchema: z.object({}),
    callback: () => 'mine',
  })
  const { agent } = agentThat([], { tools: [own] })
  await agent.initialize()
  expect(agent.tools.filter(({ name }) => name.startsWith('http'))).toEqual([own])
})

test('an answer that is no 402 is left as it is', async () => {
  const { agentThat, calls } = await shopper()
  const own = tool({
    name: 'free',
    description: 'free',
    inputSchema: z.object({}),
    callback: () => 'take it',
  })
  const { agent } = agentThat([{ tools: [{ id: 'call-1', name: 'free', input: {} }] }], {
    tools: [own],
  })
  await agent.invoke('get it')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'take it' })
  expect(calls()).toHaveLength(2) // the instrument and the session of the test
})

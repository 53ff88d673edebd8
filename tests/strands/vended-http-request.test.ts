import { expect, test } from '@jest/globals'
import { Agent, BeforeToolCallEvent, tool, type Plugin } from '@strands-agents/sdk'
import { httpRequest } from '@strands-agents/sdk/vended-tools/http-request'
import { z } from 'zod'
import { AgentCorePaymentsPlugin } from '../../src/strands/index.js'
import { answering } from '../agentcore/support/answering.js'
import { answerTo, get, merchant, shopper } from './support/agent.js'
import { ScriptedModel } from './support/model.js'

/** As a model writes it that read the schema of Strands' own tool. */
const asked = (url: string, more: object = {}, id = 'call-1') => ({
  ...get(url, id),
  input: { method: 'GET', url, ...more },
})

const REPLACED = expect.stringMatching(/^http_request of @strands-agents\/sdk .* runs in its place/)

test('an agent whose tools are the SDK’s own http_request pays, and the log says once what runs', async () => {
  const { agentThat, log, calls, spent } = await shopper({
    limits: { maxAmountPerPayment: '10000' },
  })
  const shop = await merchant()
  const turns = ['a', 'b'].map((id) => ({ tools: [asked(shop.url, {}, id)] }))
  const { agent } = agentThat(turns, { tools: [httpRequest] })
  await agent.invoke('buy two')
  expect(answerTo(agent, 'a').text).toContain('"goods":42')
  expect(answerTo(agent, 'b').text).toContain('"goods":42')
  expect(calls('ProcessPayment')).toHaveLength(2)
  expect(spent()).toEqual(['0.02'])
  expect(log).toEqual([{ level: 'warn', message: REPLACED }])
})

test('the model keeps the name and the input that it knows', async () => {
  const { agentThat } = await shopper()
  const { agent } = agentThat([], { tools: [httpRequest] })
  await agent.initialize()
  const named = agent.tools.filter(({ name }) => name === 'http_request')
  expect(named.map(({ toolSpec }) => toolSpec)).toEqual([httpRequest.toolSpec])
})

test('what the SDK’s own http_request is asked for reaches the seller: method, headers and body', async () => {
  const { agentThat } = await shopper()
  const shop = await merchant(({ method, headers }, response) => {
    response.end(JSON.stringify({ method, colour: headers['x-colour'] }))
  })
  const input = { method: 'POST', headers: { 'X-Colour': 'red' }, body: '{"a":1}', timeout: 5 }
  const { agent } = agentThat([{ tools: [asked(shop.url, input)] }], { tools: [httpRequest] })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"body":{"method":"POST","colour":"red"}')
})

test('the timeout of its input ends a request that has no answer', async () => {
  const { agentThat } = await shopper()
  const shop = await answering(() => undefined)
  const { agent } = agentThat([{ tools: [asked(shop.url, { timeout: 0.05 })] }], {
    tools: [httpRequest],
  })
  await agent.invoke('buy it')
  expect(answerTo(agent)).toMatchObject({
    status: 'error',
    text: expect.stringContaining('no answer in time'),
  })
})

const bringing = (): Plugin => ({
  name: 'web',
  initAgent: () => undefined,
  getTools: () => [httpRequest],
})

test.each<[string, boolean]>([
  ['before', true],
  ['after', false],
])('it is paid for when a plugin %s the one that pays brings it', async (_, isFirst) => {
  const { plugin, calls } = await shopper()
  const shop = await merchant()
  const model = new ScriptedModel({ tools: [asked(shop.url)] })
  const plugins = isFirst ? [bringing(), plugin] : [plugin, bringing()]
  const agent = new Agent({ model, plugins, printer: false })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('it is paid for when it is registered between two calls', async () => {
  const { agentThat, calls } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [asked(shop.url)] }])
  await agent.initialize()
  agent.toolRegistry.addOrReplace([httpRequest])
  await agent.invoke('buy it')
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('it is paid for when a hook selects it', async () => {
  const { agentThat, calls } = await shopper()
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [asked(shop.url)] }])
  agent.addHook(BeforeToolCallEvent, (event) => void (event.selectedTool = httpRequest))
  await agent.invoke('buy it')
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('it is paid for without an http_request of the plugin’s own', async () => {
  const { agentThat, calls } = await shopper({ provideHttpRequest: false })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [asked(shop.url)] }], { tools: [httpRequest] })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test.each([{ autoPayment: false }, { paymentToolAllowlist: ['other'] }])(
  'it stays as it is where it may not be paid for: %j',
  async (options) => {
    const { agentThat, log, calls } = await shopper(options)
    const shop = await merchant()
    const { agent } = agentThat([{ tools: [asked(shop.url)] }], { tools: [httpRequest] })
    await agent.invoke('buy it')
    expect(answerTo(agent).text).toContain('HTTP 402')
    expect(calls('ProcessPayment')).toEqual([])
    expect(log).toEqual([])
  },
)

test('another tool of that name is the developer’s, and stays', async () => {
  const { agentThat } = await shopper()
  const own = tool({
    name: 'http_request',
    description: 'mine',
    inputSchema: z.object({}),
    callback: () => 'mine',
  })
  const { agent } = agentThat([{ tools: [asked('http://127.0.0.1:1')] }], { tools: [own] })
  await agent.invoke('get it')
  expect(answerTo(agent).text).toBe('mine')
})

test('private hosts stay out of reach unless they are allowed', async () => {
  const { agentThat } = await shopper({ allowPrivateHosts: false })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [asked(shop.url)] }], { tools: [httpRequest] })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('only allowPrivateHosts would allow it')
  expect(shop.asked()).toBe(0)
})

const hiding = (name: string, message: string) =>
  tool({
    name,
    description: 'hides its 402',
    inputSchema: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    callback: () => {
      throw new Error(message)
    },
  })

test.each([
  'HTTP 402 Payment Required: GET https://shop.example',
  'Request failed with status code 402',
  'Response code 402 (Payment Required)',
  '[GET] "https://shop.example": 402 Payment Required',
  'HTTP error! status: 402',
  'HTTP/1.1 402 Payment Required',
])('a tool that hides its 402 in an error is named once, with the cure: %s', async (message) => {
  const { agentThat, log } = await shopper()
  const turn = { tools: [{ id: 'call-1', name: 'quote', input: {} }] }
  const { agent } = agentThat([turn, turn], { tools: [hiding('quote', message)] })
  await agent.invoke('buy it')
  const line = expect.stringMatching(
    /^quote hides .* return PAYMENT_REQUIRED_MARKER .* http_request/,
  )
  expect(log).toEqual([{ level: 'warn', message: line }])
})

test('each of two tools that hide their 402 is named, and over two agents once', async () => {
  const { plugin, log } = await shopper()
  const tools = ['quote', 'news'].map((name) => hiding(name, 'HTTP 402 Payment Required'))
  const calls = ['quote', 'news'].map((name) => ({ id: name, name, input: {} }))
  for (let i = 0; i < 2; i += 1) {
    const model = new ScriptedModel({ tools: calls })
    const agent = new Agent({ model, plugins: [plugin], tools, printer: false })
    await agent.invoke('buy both')
  }
  expect(log.map(({ message }) => message.split(' ')[0]).toSorted()).toEqual(['news', 'quote'])
})

test.each(['order 402 was not found', 'HTTP 404 Not Found: GET https://x.example/402', 'room 402'])(
  'an error that is no 402 is not one: %s',
  async (message) => {
    const { agentThat, log } = await shopper()
    const turn = { tools: [{ id: 'call-1', name: 'quote', input: {} }] }
    const { agent } = agentThat([turn], { tools: [hiding('quote', message)] })
    await agent.invoke('buy it')
    expect(log).toEqual([])
  },
)

test('without a logger of the caller’s the line is a warning on the console', async () => {
  const { settings } = await shopper()
  const shop = await merchant()
  const plugin = new AgentCorePaymentsPlugin({
    ...settings,
    limits: { maxAmountPerPayment: '10000' },
    logger: undefined,
  })
  const model = new ScriptedModel({ tools: [asked(shop.url)] })
  const agent = new Agent({ model, plugins: [plugin], tools: [httpRequest], printer: false })
  const said: unknown[] = []
  const { warn } = console
  console.warn = (message: unknown) => void said.push(message)
  try {
    await agent.invoke('buy it')
  } finally {
    console.warn = warn
  }
  expect(said).toEqual([REPLACED])
})

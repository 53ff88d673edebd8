import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from '@jest/globals'
import { OptionsError } from '../../src/errors/payment-error.js'
import { payingMcpClient } from '../../src/strands/paying-mcp-client.js'
import { started } from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { shop, type Params, type Tool } from '../client/support/mcp-shop.js'
import { answerTo, shopper } from './support/agent.js'
import {
  CHALLENGE,
  GOODS,
  buying,
  calling,
  clientOf,
  marked,
  paymentOf,
  selling,
  structured,
} from './support/mcp.js'

test('free tools, ordinary errors and challenges that a tool found are left alone', async () => {
  const found = { content: [{ type: 'text' as const, text: 'found one' }] }
  const sold = await shop({
    free: () => GOODS,
    broken: () => ({ isError: true, content: [{ type: 'text', text: 'no tea' }] }),
    search: () => ({ ...found, structuredContent: CHALLENGE }),
    crash: () => {
      throw Object.assign(new Error('down'), { code: -32000 })
    },
  })
  const { agentThat, tokens } = await shopper()
  const names = ['free', 'broken', 'search', 'crash']
  const turns = names.map((name) => calling(name, {}, name))
  const client = payingMcpClient(clientOf({ url: sold.url }))
  const { agent } = agentThat(turns, { tools: [client] })
  await agent.invoke('look around')
  expect(names.map((name) => answerTo(agent, name))).toEqual([
    { status: 'success', text: 'goods' },
    { status: 'error', text: 'no tea' },
    { status: 'success', text: 'found one' },
    { status: 'error', text: expect.stringContaining('down') },
  ])
  expect(tokens()).toEqual([])
  expect(sold.calls).toHaveLength(4)
})

/** A server with tools whose arguments are all named. */
async function strictShop(tools: Record<string, Tool>) {
  const calls: Params[] = []
  const create = () => {
    const server = new McpServer({ name: 'strict', version: '1' }, { capabilities: { tools: {} } })
    const inputSchema = { type: 'object' as const, additionalProperties: false }
    server.server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: Object.keys(tools).map((name) => ({ name, inputSchema })),
    }))
    server.server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      calls.push(params)
      return tools[params.name]?.(params) ?? GOODS
    })
    return server
  }
  const { url } = started.add(await startMcpServer({ json: true, stateless: true, create }))
  return { url, calls }
}

test('a tool without a place for headers can be paid in _meta, and only there', async () => {
  const { url, calls } = await strictShop({
    tea: selling(() => structured),
    coffee: selling(() => marked()),
  })
  const { agentThat, tokens } = await shopper({ maxInterruptRetries: 0 })
  const tools = [payingMcpClient(clientOf({ url }))]
  const { agent } = agentThat([calling('tea', {}, 'a'), calling('coffee', {}, 'b')], { tools })
  await agent.invoke('buy both')
  expect(answerTo(agent, 'a').text).toBe('goods')
  expect(answerTo(agent, 'b').text).not.toBe('goods')
  expect(tokens()).toHaveLength(1)
  expect(calls.map(({ name }) => name)).toEqual(['tea', 'tea', 'coffee'])
})

test('tools called at once each get their own payment, in its own place', async () => {
  const sold = await shop({
    tea: selling(() => structured),
    coffee: selling(() => marked()),
  })
  const { agentThat, spent } = await shopper()
  const turn = {
    tools: ['tea', 'coffee', 'tea'].map((name, at) => ({ id: `${at}`, name, input: { at } })),
  }
  const client = payingMcpClient(clientOf({ url: sold.url }))
  const { agent } = agentThat([turn], { tools: [client] })
  await agent.invoke('buy three')
  expect(['0', '1', '2'].map((id) => answerTo(agent, id).text)).toEqual(['goods', 'goods', 'goods'])
  const paid = sold.calls.filter((call) => {
    const { inMeta, inArguments } = paymentOf(call)
    return (inMeta ?? inArguments) !== undefined
  })
  const places = paid.map((call) => [call.name, paymentOf(call).inMeta !== undefined])
  expect(places.sort()).toEqual([
    ['coffee', false],
    ['tea', true],
    ['tea', true],
  ])
  const signed = paid.map((call) => JSON.stringify(paymentOf(call)))
  expect(new Set(signed).size).toBe(3)
  expect(spent()).toEqual(['0.03'])
})

test('tools have the prefix of their client, and are paid under it', async () => {
  const sold = await shop({ tea: selling(() => structured) })
  const { agentThat } = await shopper({ paymentToolAllowlist: ['house_tea'] })
  const client = payingMcpClient(clientOf({ url: sold.url, prefix: 'house' }))
  const { agent } = agentThat([calling('house_tea')], { tools: [client] })
  await agent.invoke('buy')
  expect(answerTo(agent).text).toBe('goods')
})

test('a client that calls tools as tasks pays as well', async () => {
  const { agent, calls } = await buying(
    { tea: selling(() => structured) },
    { config: { tasksConfig: {} } },
  )
  expect(answerTo(agent).text).toBe('goods')
  expect(calls[1]?._meta).toHaveProperty(['x402/payment'])
})

test('a payment that is given to the client itself goes into _meta, and what is none stays', async () => {
  const sold = await shop({ tea: selling(() => structured) })
  const client = payingMcpClient(clientOf({ url: sold.url }))
  const [tea] = await client.listTools()
  if (tea === undefined) throw new Error('no tea')
  const refused = await client.callTool(tea, { cups: 1 })
  expect(refused).toMatchObject({ isError: true })
  expect(refused).not.toHaveProperty('structuredContent')
  const header = Buffer.from(JSON.stringify({ x402Version: 2, payload: {} })).toString('base64')
  await client.callTool(tea, { cups: 1, headers: { 'payment-signature': header } })
  expect(sold.calls[1]).toEqual({
    name: 'tea',
    arguments: { cups: 1 },
    _meta: { 'x402/payment': { x402Version: 2, payload: {} } },
  })
  const odd = { cups: 1, headers: { 'payment-signature': 'no payment', a: null } }
  await client.callTool(tea, odd)
  expect(sold.calls[2]?.arguments).toEqual(odd)
  await client.callTool(tea, null)
  expect(sold.calls[3]?.arguments).toEqual({})
})

test('a client is made to pay once, and is the one that was given', async () => {
  const sold = await shop({ tea: selling(() => structured) })
  const client = clientOf({ url: sold.url })
  const methods = () => [Reflect.get(client, 'callTool'), Reflect.get(client.client, 'request')]
  const before = methods()
  expect(payingMcpClient(client)).toBe(client)
  const changed = methods()
  expect(changed[0] === before[0] || changed[1] === before[1]).toBe(false)
  expect(payingMcpClient(client)).toBe(client)
  expect(methods().map((one, at) => one === changed[at])).toEqual([true, true])
})

test.each([[undefined], [{}], [{ callTool: () => undefined }]])('%j is no client', (client) => {
  expect(() => payingMcpClient(client as never)).toThrow(OptionsError)
  expect(() => payingMcpClient(client as never)).toThrow('expected an McpClient')
})

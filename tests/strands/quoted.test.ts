// What a tool found may quote a challenge. Nobody asks the agent for money with it.
import {
  FunctionTool,
  Tool,
  ToolResultBlock,
  TextBlock,
  tool,
  type ToolContext,
} from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { base64, challengeV1, challengeV2, mpp } from '../agentcore/support/payment-header.js'
import { answering } from '../agentcore/support/answering.js'
import { flattened, refusing, shop, type Tool as McpTool } from '../client/support/mcp-shop.js'
import { payingMcpClient } from '../../src/strands/paying-mcp-client.js'
import { answerTo, get, merchant, shopper } from './support/agent.js'
import { calling, challengeFor, clientOf, marked } from './support/mcp.js'

const CHALLENGE = challengeV2()
const ENVELOPE = { statusCode: 402, headers: { 'payment-required': base64(CHALLENGE) }, body: {} }
const MARKED = `PAYMENT_REQUIRED: ${JSON.stringify(ENVELOPE)}`
const REFUSAL = { isError: true, content: [], structuredContent: CHALLENGE }

/** A tool that could carry a payment. */
const finding = (found: unknown) =>
  tool({
    name: 'search',
    description: 'Finds pages',
    inputSchema: z.object({
      url: z.string().optional(),
      headers: z.record(z.string(), z.string()).optional(),
    }),
    callback: () => found as never,
  })

test.each<[string, unknown]>([
  ['a page that is a marked challenge', MARKED],
  ['a page that is a challenge', JSON.stringify(CHALLENGE)],
  ['a page that is a challenge of version 1', JSON.stringify(challengeV1())],
  ['a page that speaks of a 402', JSON.stringify(ENVELOPE)],
  ['a page that is an error result of MCP', JSON.stringify(REFUSAL)],
  ['a page that is a text of JSON', JSON.stringify(MARKED)],
  ['an article with an example', `How x402 works. A seller answers:\n${MARKED}\nand you pay.`],
  ['a log', `${MARKED}\n12:00 GET /quote 402\n`],
  ['pages, one of them marked', [{ text: 'first page' }, { text: MARKED }]],
  ['pages, one of them an object', [{ text: 'first page' }, { json: ENVELOPE }]],
  ['a challenge as an object', CHALLENGE],
  ['an answer of status 200', { statusCode: 200, body: CHALLENGE }],
  [
    'an answer of status 200 with a field that says 402',
    { status: 200, httpStatus: 402, body: CHALLENGE },
  ],
  ['an object that quotes one', { title: 'x402', body: CHALLENGE }],
  ['an object with the headers of one', { headers: { 'www-authenticate': mpp() } }],
  ['a structuredContent', { structuredContent: CHALLENGE }],
  ['a nested result', { result: REFUSAL }],
  ['a list of results', { results: [ENVELOPE, REFUSAL] }],
])(
  '%s is what a tool found: it is not paid for, and reaches the model as it is',
  async (_, found) => {
    const { agentThat, calls } = await shopper()
    const turn = {
      tools: [{ id: 'call-1', name: 'search', input: { url: CHALLENGE.resource.url } }],
    }
    const { agent, model } = agentThat([turn], { tools: [finding(found)] })
    const { stopReason } = await agent.invoke('look it up')
    expect(stopReason).toBe('endTurn')
    expect(answerTo(agent).status).toBe('success')
    expect(model.shown.at(-1)).not.toContain('PAYMENT ERROR')
    expect(calls('ProcessPayment')).toEqual([])
  },
)

test('a tool that takes anything is not paid for what it found either', async () => {
  const { agentThat, calls } = await shopper()
  const logs = new FunctionTool({
    name: 'logs',
    description: 'Shows a log',
    inputSchema: { type: 'object' },
    callback: () => MARKED,
  })
  const { agent } = agentThat([calling('logs')], { tools: [logs] })
  await agent.invoke('what happened?')
  expect(answerTo(agent)).toEqual({ status: 'success', text: MARKED })
  expect(calls('ProcessPayment')).toEqual([])
})

test('a page that http_request was given with status 200 is not paid for', async () => {
  const { agentThat, calls } = await shopper()
  const page = await answering((_, response) =>
    response.writeHead(200, { 'payment-required': base64(CHALLENGE) }).end(MARKED),
  )
  const { agent } = agentThat([{ tools: [get(page.url)] }])
  await agent.invoke('read it')
  expect(answerTo(agent).text).toMatch(/^\{"statusCode":200,/)
  expect(calls('ProcessPayment')).toEqual([])
})

test('a page that http_request of the Python tools was given is not paid for', async () => {
  const { agentThat, calls } = await shopper({ provideHttpRequest: false })
  const own = tool({
    name: 'http_request',
    description: 'Gets a page',
    inputSchema: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    callback: () =>
      [{ text: 'Status Code: 200' }, { text: `Body: ${MARKED}` }, { text: MARKED }] as never,
  })
  const { agent } = agentThat([calling('http_request')], { tools: [own] })
  await agent.invoke('read it')
  expect(answerTo(agent).status).toBe('success')
  expect(calls('ProcessPayment')).toEqual([])
})

test('after a payment a good answer that quotes a challenge is the goods', async () => {
  const { agentThat, calls } = await shopper()
  const article = tool({
    name: 'article',
    description: 'Sells articles',
    inputSchema: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    callback: ({ headers = {} }) => {
      if (headers['PAYMENT-SIGNATURE'] === undefined) throw new Error(MARKED)
      return MARKED
    },
  })
  const { agent } = agentThat([calling('article')], { tools: [article] })
  await agent.invoke('buy it')
  expect(answerTo(agent)).toEqual({ status: 'success', text: MARKED })
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test('a developer whose own tool asks in a good answer is told once what to do', async () => {
  const { agentThat, log } = await shopper()
  const { agent } = agentThat([calling('search'), calling('search')], { tools: [finding(MARKED)] })
  await agent.invoke('look it up')
  const message = expect.stringMatching(/^search has a 402 in the text of a good answer.* throw /)
  expect(log).toEqual([{ level: 'warn', message }])
})

/** What tools of an MCP server found. */
const text = (found: string) => ({ content: [{ type: 'text' as const, text: found }] })
const flat = (result: object) => ({ ...text(JSON.stringify(result)), isError: false })

test.each<[string, string, object]>([
  ['a marked page', 'search', text(MARKED)],
  ['a page', 'search', text(JSON.stringify(CHALLENGE))],
  ['the page of an error result', 'search', flat(REFUSAL)],
  ['a page that names the tool', 'search', flat(refusing(challengeFor('search')))],
  ['the challenge of another tool', 'web___search', flat(refusing(challengeFor('shop___tea')))],
  ['the challenge of a site', 'web___search', flat(REFUSAL)],
  ['a marked text of another tool', 'web___search', text(JSON.stringify(MARKED))],
  [
    'headers beside the page',
    'search',
    { ...text('page'), responseHeaders: { 'www-authenticate': mpp() } },
  ],
  ['a structuredContent', 'search', { ...text('page'), structuredContent: CHALLENGE }],
  [
    'a member of it',
    'search',
    { ...text('page'), structuredContent: { statusCode: 402, body: CHALLENGE } },
  ],
])('%s in a good answer of an MCP tool is not paid for', async (_, name, found) => {
  for (const prepare of [payingMcpClient, <T>(client: T) => client]) {
    const { agentThat, calls } = await shopper()
    const server = await shop({ [name]: () => found as never })
    const { agent } = agentThat([calling(name)], {
      tools: [prepare(clientOf({ url: server.url }))],
    })
    await agent.invoke('look it up')
    expect(answerTo(agent).status).toBe('success')
    expect(calls('ProcessPayment')).toEqual([])
    expect(server.calls).toHaveLength(1)
  }
})

test('a text that a tool found for another by its proxy is not paid for', async () => {
  const { agentThat, calls } = await shopper()
  const server = await shop({ proxy_tool_call: () => text(JSON.stringify(CHALLENGE)) })
  const turn = calling('proxy_tool_call', { toolName: 'search', parameters: {} })
  const { agent } = agentThat([turn], { tools: [payingMcpClient(clientOf({ url: server.url }))] })
  await agent.invoke('look it up')
  expect(answerTo(agent).status).toBe('success')
  expect(calls('ProcessPayment')).toEqual([])
})

/** A Lambda target that asks for money for this tool until it gets it. */
const lambda = (named: string): McpTool => {
  const ask = flattened(() => refusing(challengeFor(named)))
  return (params) => (params.arguments?.['headers'] === undefined ? ask(params) : text('goods'))
}

test.each([
  ['with the name of its target', 'shop___tea', 1],
  ['without', 'tea', 1],
  ['for another tool', 'shop___coffee', 0],
])('a Lambda target’s own challenge counts where it is named, %s', async (_, named, payments) => {
  const { agentThat, calls } = await shopper()
  const server = await shop({ shop___tea: lambda(named), search: lambda('search') })
  const client = clientOf({ url: server.url, prefix: 'my' })
  const tools = [payingMcpClient(client, { lambdaTargets: ['shop___tea'] })]
  const turns = [calling('my_shop___tea', {}, 'a'), calling('my_search', {}, 'b')]
  const { agent } = agentThat(turns, { tools })
  await agent.invoke('buy it, and look around')
  expect(answerTo(agent, 'a').text === 'goods').toBe(payments === 1)
  expect(answerTo(agent, 'b').status).toBe('success')
  expect(calls('ProcessPayment')).toHaveLength(payments)
})

test.each<[string, McpTool]>([
  ['error result', () => refusing(challengeFor('dear'))],
  ['marked text', () => marked(challengeFor('dear'))],
  [
    'error',
    () => {
      throw Object.assign(new Error('pay'), { code: 402, data: challengeFor('dear') })
    },
  ],
])('an %s that asks for money for another tool is not paid', async (_, cheap) => {
  const { agentThat, calls } = await shopper()
  const server = await shop({ cheap })
  const { agent } = agentThat([calling('cheap')], {
    tools: [payingMcpClient(clientOf({ url: server.url }))],
  })
  await agent.invoke('buy it')
  expect(answerTo(agent)).toMatchObject({
    status: 'error',
    text: expect.stringContaining('for another tool, so nothing was paid'),
  })
  expect(calls('ProcessPayment')).toEqual([])
})

test('options of a paying client are checked', () => {
  const client = clientOf({ url: 'http://127.0.0.1:1' })
  expect(() => payingMcpClient(client, { lambdas: [] } as never)).toThrow(
    'lambdas: is not one of options',
  )
  expect(() => payingMcpClient(client, { lambdaTargets: [] })).toThrow('lambdaTargets')
})

class Reporting extends Tool {
  readonly name = 'report'
  readonly description = 'Fails, and says why'
  readonly toolSpec = {
    name: this.name,
    description: this.description,
    inputSchema: { type: 'object' as const },
  }
  override async *stream({ toolUse: { toolUseId } }: ToolContext) {
    yield* []
    const content = [new TextBlock(`The page could not be saved: ${MARKED}`)]
    return new ToolResultBlock({ toolUseId, status: 'error', content })
  }
}

test('an error that quotes a challenge is not paid for', async () => {
  const { agentThat, calls } = await shopper()
  const { agent } = agentThat([calling('report')], { tools: [new Reporting()] })
  await agent.invoke('save it')
  expect(answerTo(agent).status).toBe('error')
  expect(calls('ProcessPayment')).toEqual([])
})

const UNLIMITED = expect.stringMatching(
  /^the first payment was made.* limits\.hosts, limits\.payees or limits\.maxAmountPerPayment/,
)

test('the first payment without a limit of payee, host or amount is logged, once', async () => {
  const { agentThat, log } = await shopper()
  const seller = await merchant()
  const { agent } = agentThat(['a', 'b'].map((id) => ({ tools: [get(seller.url, id)] })))
  await agent.invoke('buy two')
  await agentThat([{ tools: [get(seller.url)] }]).agent.invoke('buy a third')
  expect(seller.payments).toHaveLength(3)
  expect(log).toEqual([{ level: 'warn', message: UNLIMITED }])
})

test.each(['amount', 'payee', 'host'])('with a limit of %s nothing is logged', async (limit) => {
  const seller = await merchant()
  const limits = {
    amount: { maxAmountPerPayment: '10000' },
    payee: {
      payees: [CHALLENGE.accepts.map((one) => (one as { payTo: string }).payTo)[0] ?? ''],
    },
    host: { hosts: ['127.0.0.1'] },
  }[limit]
  const { agentThat, log } = await shopper({ limits })
  await agentThat([{ tools: [get(seller.url)] }]).agent.invoke('buy it')
  expect(seller.payments).toHaveLength(1)
  expect(log).toEqual([])
})

// The same through the front doors: a megabyte of somebody else's words stalls neither a seller nor a buyer.
import { FunctionTool } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import { payingMcp } from '../../src/client/index.js'
import { requiresPayment, type RequiresPaymentOptions } from '../../src/index.js'
import { inCents } from '../seller/money/support/money.js'
import { answerTo, shopper } from '../strands/support/agent.js'
import { calling } from '../strands/support/mcp.js'
import { FUNCTION_URL, LAMBDA_TARGETS } from '../support/events.js'
import { eventOf, hello, silent, stack, toolCall } from '../support/seller.js'
import { DEEP_JSON, HOSTILE_TEXTS } from './support/hostile-texts.js'
import { tooMuchWork } from './support/work.js'

async function seller() {
  const local = await stack()
  const options = { ...inCents(local), logger: silent } as unknown as RequiresPaymentOptions
  const tools = { greet: { price: '$0.01' }, '/free': 'free', '/slash/': { price: '$0.50' } }
  const sold = requiresPayment(hello, { ...options, tools } as RequiresPaymentOptions)
  const httpOptions = { ...options, tools, httpEvents: 'http' } as RequiresPaymentOptions
  const http = requiresPayment(() => ({ statusCode: 200, body: 'Hello!' }), httpOptions)
  return { sold, http }
}

const pathOf = (rawPath: string) => ({
  version: '2.0',
  rawPath,
  rawQueryString: '',
  headers: {},
  requestContext: { http: { method: 'GET', path: rawPath } },
})

type Door = (text: string) => Promise<unknown>

/** Each place in which a caller can write what it likes. */
async function places(): Promise<Record<string, Door>> {
  const { sold, http } = await seller()
  const [lambdaTarget = FUNCTION_URL] = LAMBDA_TARGETS
  const call = (body: unknown, headers = {}) => sold(eventOf(body, headers))
  return {
    'the name of a tool': (text) => call(toolCall(text)),
    'the name of a tool behind a target': (text) => call(toolCall(`T___${text}`)),
    'a method': (method) => call({ ...toolCall('greet'), method }),
    'an id': (id) => call(toolCall('greet', {}, { id })),
    'a payment in _meta': (text) =>
      call(
        toolCall('greet', {}, { _meta: { 'x402/payment': { x402Version: 2, payload: { text } } } }),
      ),
    'a text of a payment in _meta': (text) =>
      call(toolCall('greet', {}, { _meta: { 'x402/payment': text } })),
    'a payment in the arguments': (text) =>
      call(toolCall('greet', { headers: { 'PAYMENT-SIGNATURE': text } })),
    'a header': (text) =>
      call(toolCall('greet'), { 'payment-signature': text, authorization: text, accept: text }),
    'a body': (body) => sold(FUNCTION_URL.event({ body })),
    'a header of HTTP': (text) =>
      sold(
        FUNCTION_URL.event({
          body: toolCall('greet'),
          token: text,
          headers: { cookie: text },
        }),
      ),
    'the arguments of a Lambda target': (text) => {
      const sent = { body: toolCall('greet', { text }) }
      return sold(lambdaTarget.event(sent), lambdaTarget.context(sent))
    },
    'a path': (text) => http(pathOf(`/${text}`)),
    'a path in escapes': (text) =>
      http(pathOf(`/${encodeURIComponent(text.replaceAll('\ud83d', ''))}`)),
    'a result of MCP': (text) => bought({ isError: true, content: [{ type: 'text', text }] }),
    'a good result of MCP': (text) => bought({ content: [{ type: 'text', text }] }),
    'a marked result of MCP': (text) =>
      bought({ isError: true, content: [{ type: 'text', text: `PAYMENT_REQUIRED: ${text}` }] }),
  }
}

/** A result as a paying client reads it. */
function bought(result: object): Promise<unknown> {
  const pay = () => Promise.reject(new Error('asked to pay'))
  const limits = { budgets: { 'base/0x1': { maxAmountPerPayment: 1n, total: 1n } } }
  const client = payingMcp({ callTool: () => Promise.resolve(result) }, pay, limits)
  return (client.callTool as (params: object) => Promise<unknown>)({ name: 'tea', arguments: {} })
}

test('a megabyte in any place is read in one go', async () => {
  const slow: string[] = []
  for (const [place, door] of Object.entries(await places())) {
    expect(await door('short')).toBeDefined()
    for (const [name, make] of HOSTILE_TEXTS) {
      const problem = await tooMuchWork(door, make)
      if (problem !== undefined) slow.push(`${place}, ${name}: ${problem}`)
    }
  }
  expect(slow).toEqual([])
}, 300_000)

test('what is nested deeply is answered like anything else', async () => {
  const { sold } = await seller()
  for (const [, make] of DEEP_JSON) {
    for (const levels of [3_000, 30_000]) {
      const deep = JSON.parse(make(levels)) as Record<string, unknown>
      const payment = Buffer.from(
        JSON.stringify({ x402Version: 2, payload: 'HERE' }).replace('"HERE"', make(3_000)),
      ).toString('base64')
      const events = [
        eventOf(toolCall('greet', { deep })),
        eventOf(toolCall('greet', { deep, headers: { 'x-payment': payment } })),
        eventOf(
          toolCall('greet', {}, { _meta: { 'x402/payment': { x402Version: 2, payload: deep } } }),
        ),
        eventOf(
          toolCall(
            'greet',
            {},
            { _meta: { 'x402/payment': { x402Version: 2, payload: { transaction: deep } } } },
          ),
        ),
        eventOf(toolCall('greet'), { 'payment-signature': payment }),
        FUNCTION_URL.event({ body: make(levels) }),
        FUNCTION_URL.event({ body: toolCall('greet'), token: payment }),
      ]
      for (const event of events) expect(await sold(event as never)).toBeDefined()
    }
  }
})

const QUOTES = "'\\'\\'"

test.each([
  [
    '64 KB of quotes in Python’s headers',
    'http_request',
    `Headers: {'a': ${QUOTES.repeat(13_000)}`,
  ],
  ['a megabyte of them', 'http_request', `Headers: {'a': ${QUOTES.repeat(200_000)}`],
  ['a megabyte of brackets', 'search', '{"accepts":['.repeat(90_000)],
  ['a megabyte behind the marker', 'search', `PAYMENT_REQUIRED: ${'{"a":'.repeat(200_000)}`],
])('an agent does not stall at %s', async (_, name, found) => {
  const { agentThat, calls } = await shopper({ provideHttpRequest: false, maxInterruptRetries: 0 })
  for (const isThrown of [false, true]) {
    const own = new FunctionTool({
      name,
      description: 'Finds something',
      inputSchema: { type: 'object' },
      callback: () => {
        if (isThrown) throw new Error(found)
        return [{ text: 'Status Code: 402' }, { text: found }] as never
      },
    })
    const { agent } = agentThat([calling(name)], { tools: [own] })
    const before = process.cpuUsage()
    await agent.invoke('look it up')
    const { user } = process.cpuUsage(before)
    expect(user / 1000).toBeLessThan(2_000)
    expect(answerTo(agent)).toBeDefined()
  }
  expect(calls('ProcessPayment')).toEqual([])
})

test('a schema that names its parts again and again is read in so many steps', async () => {
  const { agentThat, calls } = await shopper({ maxInterruptRetries: 0 })
  const parts = Array.from({ length: 13 }, (_, i) => {
    const next = { $ref: `#/$defs/p${i + 1}` }
    return [`p${i}`, i === 12 ? {} : { allOf: [next, next, next, next] }] as const
  })
  const $defs = Object.fromEntries(parts)
  const own = new FunctionTool({
    name: 'shop',
    description: 'Sells something',
    inputSchema: {
      type: 'object',
      $defs,
      properties: { headers: { $ref: '#/$defs/p0' } },
    } as never,
    callback: () => ({ statusCode: 402, headers: {}, body: { x402Version: 2, accepts: [{}] } }),
  })
  const { agent } = agentThat([calling('shop')], { tools: [own] })
  const before = process.cpuUsage()
  await agent.invoke('buy it')
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000)
  expect(calls('ProcessPayment')).toEqual([])
})

import { expect, test } from '@jest/globals'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import * as z from 'zod'
import {
  HTTPFacilitatorClient,
  Payments,
  createLambdaHandler,
  requiresPayment,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import type { LambdaHandler, Local, ShopOptions } from '../../../src/local/index.js'
import { gatewayTrial } from '../../../src/local/trial-of.js'
import { run } from '../../support/built.js'
import { stack } from '../../support/seller.js'
import { started } from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'

type Selling = (local: Local) => RequiresPaymentOptions

const onPlan: Selling = ({ nvmApiKey, url: backendUrl, planId }) => ({
  payments: Payments.getInstance({ nvmApiKey, backendUrl }),
  planId,
  credits: 1,
})
const inMoney: Selling = ({ x402, sellerAddress }) => ({
  price: '$0.25',
  payTo: sellerAddress,
  network: x402.network,
  facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
})

const text = { type: 'string' } as const
const LONG = 'thing_with_a_long_name'
const tools = [
  {
    name: 'forecast',
    description: 'Says the weather',
    inputSchema: {
      type: 'object',
      properties: {
        city: text,
        days: { type: 'integer' },
        around: { type: 'object', properties: { name: text }, required: ['name'] },
        units: text,
      },
      required: ['city', 'days', 'around'],
    },
  },
] as const

const answer = (given: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(given) }] })

/** What a handler is given as arguments, as its answer. */
const echo = (options: RequiresPaymentOptions): LambdaHandler =>
  requiresPayment((event) => answer(event.mcp.gatewayRequest.body.params.arguments), options)

/** The blocks that are printed for a shop, and what each of its lines is answered. */
async function tried(local: Local, shop: ShopOptions) {
  local.sell(shop)
  const { blocks } = await gatewayTrial(local, shop)
  const answers: string[] = []
  for (const [, line] of blocks) {
    if (line?.startsWith('curl') !== true) continue
    expect(line.length).toBeLessThan(300)
    const { stdout } = await run('bash', ['-c', line])
    const { result } = JSON.parse(stdout.split('\r\n\r\n').at(-1) ?? '') as {
      result: { isError?: boolean; content: { text: string }[] }
    }
    answers.push(result.isError === true ? 'refused' : (result.content[0]?.text ?? ''))
  }
  return { titles: blocks.map(([title]) => title), answers, blocks }
}

const GIVEN = '{"city":"Rome","days":1,"around":{"name":"Ada"}}'

test.each<[string, Selling, string[], bigint]>([
  ['a plan', onPlan, ['# paid with 1 credit: result and receipt'], 99n],
  ['money', inMoney, ['# paid with $0.25 in USDC: result and receipt'], 100n],
  [
    'either',
    (local) => ({ ...onPlan(local), ...inMoney(local), credits: 3 }) as RequiresPaymentOptions,
    ['# paid with 3 credits: result and receipt', '# paid with $0.25 in USDC: result and receipt'],
    97n,
  ],
])('the lines of a tool that is sold for %s work as printed', async (_, selling, paid, left) => {
  const local = await stack()
  const handler = echo(selling(local))
  const { titles, answers } = await tried(local, { handler, tools })
  expect(titles).toEqual(['# without payment: a challenge', ...paid])
  expect(answers).toEqual(['refused', ...paid.map(() => GIVEN)])
  expect(local.balance()).toBe(left)
})

test('the lines of an MCP server name its own tool and arguments', async () => {
  const local = await stack()
  const create = () => {
    const server = new McpServer({ name: 'weather', version: '1' })
    const inputSchema = { city: z.string(), days: z.int().min(2), unit: z.enum(['C', 'F']) }
    server.registerTool('forecast', { inputSchema }, (args) => answer(args) as never)
    return server
  }
  const server = started.add(await startMcpServer({ create }))
  const { titles, answers } = await tried(local, { target: server.url })
  expect(titles).toEqual([
    '# without payment: a challenge',
    '# paid with 1 credit: result and receipt',
  ])
  expect(answers).toEqual(['refused', '{"city":"Rome","days":2,"unit":"C"}'])
})

test('an interceptor is asked for its prices, too', async () => {
  const local = await stack()
  const interceptor = createLambdaHandler({
    ...onPlan(local),
    credits: 4,
  })
  const { titles, answers } = await tried(local, { interceptor })
  expect(titles[1]).toBe('# paid with 4 credits: result and receipt')
  expect(answers[1]).toContain('Hello, Ada!')
})

test('long arguments are fetched from the stack', async () => {
  const local = await stack()
  const names = Array.from({ length: 9 }, (_, i) => `${LONG}_${i}`)
  const properties = Object.fromEntries(names.map((name) => [name, text]))
  const inputSchema = { type: 'object', properties, required: names } as const
  const long = [{ name: 'long', description: 'Takes much', inputSchema }]
  const handler = echo(onPlan(local))
  const { answers, blocks } = await tried(local, { handler, tools: long })
  expect(blocks[1]?.[1]).toMatch(/ -d "\$\(curl -s http:\/\/127\.0\.0\.1:\d+\/try\/call-1\)"$/)
  expect(Object.keys(JSON.parse(answers[1] ?? '') as object)).toEqual(names)
})

test('the first tool that has a price is tried, and free ones are not run', async () => {
  const local = await stack()
  const ran: unknown[] = []
  const named = ['status', 'other', 'forecast'].map((name) => ({ ...tools[0], name }))
  const { planId } = local
  const rows = { status: 'free', Greeter___forecast: { planId, credits: 2 } } as const
  const { payments } = onPlan(local) as { payments: Payments }
  const handler = requiresPayment(
    (event) => {
      ran.push(event)
      return answer(0)
    },
    { payments, tools: rows },
  )
  local.sell({ handler, tools: named })
  const { blocks } = await gatewayTrial(local, { handler, tools: named })
  expect(ran).toEqual([])
  expect(blocks.flat().join('\n')).toContain('"name":"Greeter___forecast"')
  expect(blocks.flat().join('\n')).not.toContain('Greeter___status')
})

const wrapped =
  (handler: LambdaHandler): LambdaHandler =>
  (event, context) =>
    handler(event, context)

test('the price of a handler in a function of its own is not known, and a credit is tried', async () => {
  const local = await stack()
  const handler = wrapped(echo(onPlan(local)))
  const { titles, answers } = await tried(local, { handler, tools })
  expect(titles[1]).toBe('# paid with credits, if it takes the plan above: result and receipt')
  expect(answers).toEqual(['refused', GIVEN])
})

test('a quote in an example does not end the line', async () => {
  const local = await stack()
  const create = () => {
    const server = new McpServer({ name: 'words', version: '1' })
    const inputSchema = { word: z.string().default("rock'n'roll") }
    server.registerTool(
      'say',
      { inputSchema: { word: inputSchema.word.unwrap().meta({ examples: ["rock'n'roll"] }) } },
      (args) => answer(args) as never,
    )
    return server
  }
  const server = started.add(await startMcpServer({ create }))
  const { answers } = await tried(local, { target: server.url })
  expect(answers[1]).toBe(`{"word":"rock'n'roll"}`)
})

test.each<[string, (local: Local) => Promise<ShopOptions>, RegExp]>([
  [
    'of an argument that cannot be made',
    async () => {
      const create = () => {
        const server = new McpServer({ name: 'codes', version: '1' })
        const inputSchema = { code: z.string().regex(/^ZX-\d{9}$/) }
        server.registerTool('find', { inputSchema }, () => answer(1) as never)
        return server
      }
      return { target: started.add(await startMcpServer({ create })).url }
    },
    /^# Target___find: Its argument code has to match \/\^ZX-\\d\{9\}\$\/, so no example can be made/,
  ],
  [
    'of a plan that is unknown',
    (local) =>
      Promise.resolve({
        handler: echo({ ...onPlan(local), planId: '404' } as never),
      }),
    /^# Greeter___hello: Its price cannot be said: .*BCK\.PROTOCOL\.0003/,
  ],
  [
    'of tools that the handler does not sell',
    (local) => {
      const { payments, planId } = onPlan(local) as { payments: Payments; planId: string }
      const rows = { weather: { planId, credits: 1 } }
      return Promise.resolve({ handler: echo({ payments, tools: rows }) })
    },
    /^# None of the listed tools is sold: Greeter___hello\.\n# The option tools has: weather\. Export "tools"/,
  ],
  [
    'of a server that does not run',
    () => Promise.resolve({ target: 'http://127.0.0.1:9/mcp' }),
    /^# The tools cannot be listed\. Is an MCP server running at http:\/\/127\.0\.0\.1:9\/mcp\?/,
  ],
])('instead of lines, the reason is printed: %s', async (_, shopOf, reason) => {
  const local = await stack()
  const shop = await shopOf(local)
  local.sell(shop)
  const { blocks } = await gatewayTrial(local, shop)
  expect(blocks).toHaveLength(1)
  expect(blocks[0]?.join('\n')).toMatch(reason)
})

test('money of another network cannot be signed here, and the reason is printed', async () => {
  const local = await stack()
  const { facilitators, ...terms } = inMoney(local) as { facilitators: HTTPFacilitatorClient[] }
  const mainnet = { ...terms, network: 'eip155:8453', facilitators }
  const handler = echo(mainnet)
  const { blocks } = await gatewayTrial(local, { handler })
  expect(blocks.flat().join('\n')).toMatch(
    /on eip155:8453, and this stack settles 0x036C\w+ on eip155:84532/,
  )
})

test('the tools of a stranger can neither end a line nor steer the terminal', async () => {
  const local = await stack()
  const evil = 'bad\u001b[2J\ncurl evil.example #\u202e'
  const asked = async (shape: Record<string, z.ZodType>) => {
    const create = () => {
      const server = new McpServer({ name: 'strange', version: '1' })
      server.registerTool('say', { inputSchema: shape }, (args) => answer(args) as never)
      return server
    }
    return tried(local, { target: started.add(await startMcpServer({ create })).url })
  }
  const { answers, blocks } = await asked({ a: z.literal(evil) })
  expect(answers).toEqual(['refused', JSON.stringify({ a: evil })])
  expect(blocks.flat().join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  const { blocks: why } = await asked({ [evil]: z.string().regex(/^ZX-\d{9}$/) })
  expect(why).toHaveLength(1)
  expect(why.flat().join('')).toMatch(
    /^# [^\p{Cc}\p{Cf}]*so no example can be made[^\p{Cc}\p{Cf}]*$/u,
  )
})

import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { createInterceptor } from '../../../../src/index.js'
import { TOOL, content, delivered, forwardedBy, mcpOf, responseTo } from '../../../support/doors.js'
import { outcomeOf } from '../../../support/outcome.js'
import { answering, paid } from '../support/paid-phases.js'
import {
  SHOWN,
  bothPhases,
  hello,
  intercept,
  interceptorOptions,
  result,
} from '../support/phases.js'
import { amounts } from '../../../support/recorded.js'
import { eventOf, receiptOf, responseOf, stack, textOf, toolCall } from '../../../support/seller.js'

type Fields = Record<string, unknown>

test.each([null, undefined, '', 7, false, []])(
  'a gatewayResponse that is %p is none: the request phase',
  async (gatewayResponse) => {
    const local = await stack()
    const output = await intercept(local)(responseTo(local.paidEvent(TOOL), gatewayResponse))
    expect(forwardedBy(output).body).toEqual(toolCall(TOOL))
  },
)

test('of a stream the answer alone is settled, and its later events have a body only', async () => {
  const local = await stack()
  const handle = intercept(local)
  const event = local.paidEvent(TOOL)
  const forwarded = forwardedBy(await handle(event))
  const elicit = { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} }
  const answer = { jsonrpc: '2.0', id: 1, result: { content } }
  const first: Fields = { ...delivered(elicit), isStreamingResponse: true }
  const later = (body: unknown) => ({ isStreamingResponse: true, body })
  const send = async (response: Fields) =>
    mcpOf(await handle(responseTo(event, response, forwarded))).mcp.transformedGatewayResponse
  const { statusCode, headers, body } = first
  expect(await send(first)).toEqual({ statusCode, headers, body })
  expect(await send(later(elicit))).toEqual({ body: elicit })
  expect(amounts(local).settle).toEqual([])
  const sold = await send(later(answer))
  expect(Object.keys(sold ?? {})).toEqual(['body'])
  expect(sold).toMatchObject({
    body: { id: 1, result: { content, _meta: { x402: { success: true } } } },
  })
  expect(amounts(local).settle).toEqual(['1'])
})

test('a stream that starts with the answer has the receipt in its head too', async () => {
  const { output } = await paid('transformed', {}, answering({ isStreamingResponse: true }))
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(responseOf(output).statusCode).toBe(200)
})

test('a withheld answer of a stream is withheld in the body alone', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'refuse' })
  const handle = intercept(local)
  const event = local.paidEvent(TOOL)
  const response = { isStreamingResponse: true, body: delivered()['body'] }
  const output = mcpOf(await handle(responseTo(event, response, forwardedBy(await handle(event)))))
  expect(Object.keys(output.mcp.transformedGatewayResponse ?? {})).toEqual(['body'])
  expect(JSON.stringify(output)).not.toContain('Hello!')
})

test.each([[{ method: 'elicitation/create' }], [{ method: 'n', result: { content } }]])(
  'a message of the server that carries an answer is sold as one: %j',
  async (parts) => {
    const body = { jsonrpc: '2.0', id: 1, ...parts }
    const { local, output } = await paid('transformed', {}, answering({ body }))
    const given = JSON.stringify(output).includes('Hello!')
    expect(local.balance()).toBe(given ? 99n : 100n)
  },
)

function deep(): Fields {
  let value: Fields = {}
  for (let i = 0; i < 20_000; i++) value = { headers: value }
  return { headers: { 'payment-signature': value }, value }
}

const HOSTILE: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['text', 'event'],
  ['a list', [1]],
  ['an empty object', {}],
  ['an empty mcp', { mcp: {} }],
  ['an mcp that is text', { mcp: 'x' }],
  ['a request that is null', { mcp: { gatewayRequest: null } }],
  ['a response without request', { mcp: { gatewayRequest: null, gatewayResponse: delivered() } }],
  ['arguments of a Lambda target', { city: 'Bern' }],
  [
    'a Function URL',
    { requestContext: { http: { method: 'POST' } }, body: JSON.stringify(toolCall(TOOL)) },
  ],
  ['a request nested deeper than the stack', eventOf(toolCall(TOOL, deep()))],
  [
    'a getter that throws',
    {
      get mcp() {
        throw new Error('hunter2')
      },
    },
  ],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('hunter2')
        },
      },
    ),
  ],
]
test.each(HOSTILE)('%s is answered with an error, and nothing goes on or out', async (_, event) => {
  const local = await stack()
  const custom = { bedrockAgentCoreToolName: TOOL, bedrockAgentCorePropagatedHeaders: {} }
  for (const context of [undefined, { clientContext: { custom } } as unknown as Context]) {
    const output = await intercept(local)(event, context)
    expect(mcpOf(output).mcp.transformedGatewayRequest).toBeUndefined()
    expect(responseOf(mcpOf(output))).toMatchObject({ statusCode: 200, body: { jsonrpc: '2.0' } })
    expect(JSON.stringify(output)).not.toMatch(/Hello!|hunter2/)
  }
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

const broken = () => {
  throw new Error('hunter2')
}
test.each<[string, object]>([
  ['a facilitator', { facilitator: { verifyPermissions: broken, settlePermissions: broken } }],
  [
    'a facilitator without promises',
    { facilitator: { verifyPermissions: () => 7, settlePermissions: broken } },
  ],
  ['a logger', { logger: { debug: broken, info: broken, warn: broken, error: broken } }],
  ['a store', { store: { put: broken, take: broken } }],
  ['a secret', { secret: broken }],
  ['every hook', { onBeforeVerify: broken, onAfterVerify: broken, onPaymentError: broken }],
])('%s that throws makes neither a failure of the Lambda nor a free call', async (what, more) => {
  for (const shown of SHOWN) {
    const local = await stack()
    const { payments, ...options } = interceptorOptions(local, more)
    const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
    const seller = 'facilitator' in more ? terms : { payments }
    const handle = createInterceptor({ ...options, ...seller } as never).handle
    const { output } = await bothPhases(handle, local.paidEvent(TOOL), hello, { shown })
    const sells = ['a logger', 'a store', 'a secret'].includes(what)
    expect(outcomeOf(output)).toBe(sells ? 'settled' : 'not charged')
    expect(JSON.stringify(output)).not.toContain('hunter2')
    expect(local.balance()).toBe(sells ? 99n : 100n)
  }
})

test('a result too large to be sent is neither sent nor charged', async () => {
  const huge = result({ content: [{ type: 'text', text: 'Hello!'.repeat(1_100_000) }] })
  const { local, output } = await paid('transformed', {}, huge)
  expect(textOf(output)).toBe('The tool failed. You were not charged.')
  expect(amounts(local).settle).toEqual([])
})

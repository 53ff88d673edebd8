import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type { InterceptorOutput } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { RuntimeContext } from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { hello } from './support/phases.js'
import { amounts } from '../../support/recorded.js'
import {
  SEAL,
  NAMED_SHARINGS,
  account,
  callWith,
  isDelivered,
  sharing,
  type Sharing,
} from './support/sealed-calls.js'
import { sell, stack, toolCall } from '../../support/seller.js'

type Fields = Record<string, unknown>

interface Gateway {
  rawGatewayRequest?: { body?: unknown } | null
  gatewayRequest: { headers: Fields; body: Fields }
  gatewayResponse: Fields
}

/** An honest request, and a response phase whose event was edited on the way. */
async function edited(
  how: Sharing,
  carrier: 'header' | 'arguments',
  edit: (mcp: Gateway, local: Local, stranger: string) => unknown,
  given?: Local,
) {
  const local = given ?? (await stack({ credits: 1_000n }))
  const stranger = account(local)
  const before = local.balance()
  const tools = { [TOOL]: { credits: 2 }, T___dear: { credits: 9 } }
  const handle = sharing(local, how, { planId: local.planId, tools })
  const payment = { 'payment-signature': local.accessToken() }
  const event =
    carrier === 'header' ? callWith(payment) : callWith({}, { args: { headers: payment } })
  const { mcp: original } = event as unknown as { mcp: Gateway }
  const first = (await handle(structuredClone(event))) as InterceptorOutput
  const { transformedGatewayRequest } = first.mcp as { transformedGatewayRequest: Fields }
  const request = { ...original.gatewayRequest, ...transformedGatewayRequest }
  const shown = structuredClone(how.shown === 'original' ? original.gatewayRequest : request)
  const gatewayResponse = await hello({ ...request })
  const mcp: Gateway = { ...structuredClone(original), gatewayRequest: shown, gatewayResponse }
  edit(mcp, local, stranger)
  const output = await handle({ ...event, mcp })
  const spent = before - local.balance()
  const spentByStranger = 100n - local.ledger.balance(local.planId, stranger)
  return { output, spent, spentByStranger }
}

const paramsOf = ({ gatewayRequest }: Gateway) =>
  gatewayRequest.body['params'] as { name: string; arguments: Fields; _meta?: Fields }
const swapHeader = ({ gatewayRequest }: Gateway, token: string | undefined) => {
  for (const name of Object.keys(gatewayRequest.headers)) {
    if (name === 'payment-signature') gatewayRequest.headers[name] = token
  }
}

const EDITS: [string, (mcp: Gateway, local: Local, stranger: string) => unknown][] = [
  ['nothing', () => undefined],
  [
    "somebody else's payment in the headers",
    (mcp, local, from) => swapHeader(mcp, local.accessToken({ from })),
  ],
  [
    "somebody else's payment added to the headers",
    (mcp, local, from) =>
      (mcp.gatewayRequest.headers['payment-signature'] = local.accessToken({ from })),
  ],
  [
    "somebody else's payment in the arguments",
    (mcp, local, from) =>
      (paramsOf(mcp).arguments['headers'] = { 'payment-signature': local.accessToken({ from }) }),
  ],
  [
    "somebody else's payment in the text",
    (mcp, local, from) => {
      const headers = { 'payment-signature': local.accessToken({ from }) }
      mcp.rawGatewayRequest = { body: JSON.stringify(toolCall(TOOL, { headers })) }
    },
  ],
  ['no text', (mcp) => (mcp.rawGatewayRequest = null)],
  ['a text that is none', (mcp) => (mcp.rawGatewayRequest = { body: 7 })],
  ['a text of something else', (mcp) => (mcp.rawGatewayRequest = { body: '[{"params":{}}]' })],
  ['half a text', (mcp) => (mcp.rawGatewayRequest = { body: '{"params":{"_meta"' })],
  ['no headers', (mcp) => (mcp.gatewayRequest.headers = null as unknown as Fields)],
  [
    'no payment anywhere',
    (mcp) => {
      mcp.gatewayRequest.headers = {}
      delete paramsOf(mcp).arguments['headers']
      mcp.rawGatewayRequest = null
    },
  ],
  ['a malformed payment', (mcp) => (paramsOf(mcp)._meta = { 'x402/payment': 'text' })],
  ['another dear tool', (mcp) => (paramsOf(mcp).name = 'T___dear')],
  ['a tool nobody sells', (mcp) => (paramsOf(mcp).name = '')],
  ['another id', (mcp) => (mcp.gatewayRequest.body['id'] = 2)],
  ['no id', (mcp) => delete mcp.gatewayRequest.body['id']],
  ['no message', (mcp) => (mcp.gatewayRequest.body = null as unknown as Fields)],
  ['a batch', (mcp) => (mcp.gatewayRequest.body = [toolCall(TOOL)] as unknown as Fields)],
  ['no request', (mcp) => (mcp.gatewayRequest = null as unknown as Gateway['gatewayRequest'])],
  ['no status', (mcp) => delete mcp.gatewayResponse['statusCode']],
  ['a status that is none', (mcp) => (mcp.gatewayResponse['statusCode'] = '200')],
  ['no version in the message', (mcp) => delete (mcp.gatewayResponse['body'] as Fields)['jsonrpc']],
  [
    'an answer as text',
    (mcp) => (mcp.gatewayResponse['body'] = JSON.stringify(mcp.gatewayResponse['body'])),
  ],
  ['a result as text', (mcp) => ((mcp.gatewayResponse['body'] as Fields)['result'] = 'Hello!')],
  ['a plain text', (mcp) => (mcp.gatewayResponse['body'] = 'Hello!')],
  ['a list', (mcp) => (mcp.gatewayResponse['body'] = [mcp.gatewayResponse['body']])],
  ['the answer to another call', (mcp) => ((mcp.gatewayResponse['body'] as Fields)['id'] = 99)],
  ['an answer without id', (mcp) => delete (mcp.gatewayResponse['body'] as Fields)['id']],
  [
    'a later event of a stream',
    (mcp) => {
      const { body } = mcp.gatewayResponse
      mcp.gatewayResponse = { isStreamingResponse: true, body }
    },
  ],
]

test.each(NAMED_SHARINGS)(
  'whatever a response phase is told, delivery costs one buyer what was quoted ($name)',
  async ({ how }) => {
    const local = await stack({ credits: 1_000n })
    for (const carrier of ['header', 'arguments'] as const) {
      for (const [what, edit] of EDITS) {
        const played = await edited(how, carrier, edit, local)
        const { output, spent, spentByStranger } = played
        const delivered = isDelivered(output)
        const quoted = what === 'another dear tool' ? 9n : 2n
        const total = delivered ? quoted : 0n
        const told = { carrier, what, delivered, total: spent + spentByStranger }
        expect(told).toEqual({ carrier, what, delivered, total })
        expect(spent > 0n && spentByStranger > 0n).toBe(false)
      }
    }
  },
)

test('an honest response is delivered however it is told', async () => {
  for (const { how } of NAMED_SHARINGS) {
    for (const what of [
      'nothing',
      'no text',
      'no status',
      'an answer as text',
      'a later event of a stream',
    ]) {
      const edit = EDITS.find(([name]) => name === what)?.[1] as (typeof EDITS)[number][1]
      const { output, spent } = await edited(how, 'header', edit)
      expect({ what, delivered: isDelivered(output), spent }).toEqual({
        what,
        delivered: true,
        spent: 2n,
      })
    }
  }
})

test('of a later event of a stream only the body is changed', async () => {
  const [, edit] = EDITS.at(-1) as (typeof EDITS)[number]
  const how: Sharing = { shown: 'transformed', secret: true, store: false }
  const { output } = await edited(how, 'header', edit)
  const { transformedGatewayResponse } = (output as InterceptorOutput).mcp
  expect(Object.keys(transformedGatewayResponse ?? {})).toEqual(['body'])
  expect(transformedGatewayResponse?.body).toMatchObject({ result: { _meta: { x402: {} } } })
})

test('a buyer who swaps a seal of a cheap call under a dear one pays the dear price', async () => {
  for (const { how } of NAMED_SHARINGS) {
    let seal: unknown
    const cheap = await edited(how, 'header', (mcp) => (seal = mcp.gatewayRequest.headers[SEAL]))
    expect(cheap.spent).toBe(2n)
    const dear = await edited(how, 'header', (mcp) => {
      paramsOf(mcp).name = 'T___dear'
      if (seal !== undefined) mcp.gatewayRequest.headers[SEAL] = seal
    })
    expect(dear.spent).toBe(isDelivered(dear.output) ? 9n : 0n)
  }
})

/** What a Lambda target is called with: the buyer writes the arguments, the Gateway the rest. */
function target(tool: unknown, more: Fields = {}): Context {
  return new RuntimeContext({
    custom: { bedrockAgentCoreToolName: tool, bedrockAgentCoreMcpMessageId: 1, ...more },
  }) as unknown as Context
}

const message = (method: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: { name: 'T___free' },
})
const POSES: [string, Fields][] = [
  ['a Gateway event', { mcp: { gatewayRequest: { body: message('tools/list') } } }],
  ['a free call', { mcp: { gatewayRequest: { body: message('tools/call') } } }],
  [
    'a response',
    { mcp: { gatewayRequest: {}, gatewayResponse: { statusCode: 200, body: message('ping') } } },
  ],
  ['an HTTP target', { http: { gatewayRequest: { path: '/free', httpMethod: 'GET' } } }],
  [
    'a response of an HTTP target',
    { http: { gatewayRequest: null, gatewayResponse: { body: '' } } },
  ],
  [
    'a Function URL',
    {
      requestContext: { http: { method: 'POST' } },
      headers: {},
      body: JSON.stringify(message('tools/list')),
    },
  ],
  ['a REST API', { httpMethod: 'POST', requestContext: {}, body: JSON.stringify(message('ping')) }],
  ['a message', message('tools/list')],
  ['a payment', { 'x402/payment': {}, _meta: { 'x402/payment': {} } }],
]

test.each(POSES)(
  'arguments that look like %s are arguments, and cost what the tool costs',
  async (_, args) => {
    for (const httpTargets of ['http', 'mcp'] as const) {
      const local = await stack()
      const handler = jest.fn<(event: unknown) => string>(() => 'Hello!')
      const tools = { [TOOL]: { planId: local.planId }, T___free: 'free' as const }
      const sold = sell(local, handler, { tools, otherMethods: 'handler', httpTargets })
      const unpaid: unknown = await sold(args, target(TOOL))
      expect(unpaid).toMatchObject({ isError: true, structuredContent: { accepts: [{}] } })
      expect(handler).not.toHaveBeenCalled()
      const headers = { 'payment-signature': local.accessToken() }
      const paid: unknown = await sold(
        args,
        target(TOOL, { bedrockAgentCorePropagatedHeaders: headers }),
      )
      expect(paid).toMatchObject({ content: [{ text: 'Hello!' }] })
      expect(handler.mock.calls[0]?.[0]).toEqual(args)
      expect(local.balance()).toBe(99n)
    }
  },
)

test('a client context names one tool, to us and to the handler', async () => {
  const local = await stack()
  const ran: unknown[] = []
  const handler = (_event: unknown, { clientContext }: Context) => {
    const { custom, Custom } = clientContext as unknown as Record<string, Fields | undefined>
    ran.push((Custom ?? custom)?.['bedrockAgentCoreToolName'])
    return 'Hello!'
  }
  const tools = { [TOOL]: { planId: local.planId }, T___free: 'free' as const }
  const sold = sell(local, handler, { tools })
  await sold({}, target('T___free'))
  const forged = { bedrockAgentCoreToolName: 'T___free' }
  const dear = { bedrockAgentCoreToolName: TOOL }
  const contexts = [
    { custom: forged, Custom: dear },
    { custom: null, Custom: dear },
    { custom: 'text', Custom: dear },
    { custom: {}, Custom: dear },
  ]
  for (const context of contexts) {
    await sold({}, new RuntimeContext(context) as unknown as Context)
  }
  expect(ran).toEqual(['T___free'])
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test.each([undefined, null, 7, {}, []])(
  'a client context whose tool is %j sells nothing and gives nothing away',
  async (tool) => {
    const local = await stack()
    const handler = jest.fn<(event: unknown) => string>(() => 'Hello!')
    const output: unknown = await sell(local, handler)({ city: 'Bern' }, target(tool))
    expect(isDelivered(output)).toBe(false)
    expect(handler).not.toHaveBeenCalled()
    expect(local.balance()).toBe(100n)
  },
)

import { expect, test } from '@jest/globals'
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  Context,
  LambdaFunctionURLEvent,
} from 'aws-lambda'
import { Payments, requiresPayment, type VerifiedPayment } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import {
  DOORS,
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LAMBDA_TARGETS,
  LOAD_BALANCERS,
  REST_API,
  RuntimeContext,
  base64,
  type Door,
  type Sent,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { sell, silent, stack, toolCall } from '../../support/seller.js'

/** What the handler is given for a call, and what is in the Lambda's own hands after it. */
async function seenBy(door: Door, sent: Sent, options: object = {}, local?: Local) {
  const seller = local ?? (await stack())
  const seen: { event: unknown; context: Context; payment: VerifiedPayment }[] = []
  const handler = (event: unknown, context: Context, payment: VerifiedPayment) => {
    seen.push({ event, context, payment })
    return 'Hello!'
  }
  const event = door.event(sent)
  const context = door.context(sent)
  const before = JSON.stringify([event, context])
  await sell(seller, handler, { ...door.options, ...options })(event, context)
  expect(JSON.stringify([event, context])).toBe(before)
  expect(seen).toHaveLength(1)
  return { ...(seen[0] as (typeof seen)[0]), givenContext: context, local: seller }
}

const named = (doors: readonly Door[]) => doors.map((door) => ({ door, name: door.name }))
const OTHER = { 'x-user-id': 'u-1', cookie: 'a=b; c=d' }
const ARGS = { city: 'Zürich', n: 1e21, list: [null, { deep: '\u2028' }] }

test.each(named(DOORS))(
  'the handler of $name sees its own event as if nothing had been paid',
  async ({ door }) => {
    const local = await stack()
    const body = toolCall(TOOL, ARGS)
    const token = local.accessToken()
    const { event } = await seenBy(door, { body, token, headers: OTHER }, {}, local)
    expect(event).toEqual(door.event({ body, headers: OTHER }))
    expect(local.balance()).toBe(99n)
  },
)

test.each(named(DOORS))(
  'a payment in the arguments is taken out of the event of $name, with all its copies',
  async ({ door }) => {
    const local = await stack()
    const token = local.accessToken()
    const headers = { 'PAYMENT-SIGNATURE': token, 'x-trace': 't-1' }
    const { event } = await seenBy(door, { body: toolCall(TOOL, { ...ARGS, headers }) }, {}, local)
    const clean = toolCall(TOOL, { ...ARGS, headers: { 'x-trace': 't-1' } })
    expect(event).toEqual(door.event({ body: clean }))
    expect(local.balance()).toBe(99n)
  },
)

test.each(named(DOORS))(
  'so is one under a name of the seller, from the event of $name',
  async ({ door }) => {
    const local = await stack()
    const headers = { 'X-Coins': local.accessToken(), a: 'b' }
    const options = { tokenHeader: 'x-coins' }
    const { event } = await seenBy(door, { body: toolCall(TOOL, { headers }) }, options, local)
    expect(event).toEqual(door.event({ body: toolCall(TOOL, { headers: { a: 'b' } }) }))
    expect(local.balance()).toBe(99n)
  },
)

test.each(named(DOORS.filter(({ statuses }) => statuses !== 'none')))(
  'a payment in _meta is taken out of the event of $name',
  async ({ door }) => {
    const local = await stack()
    const payload: unknown = JSON.parse(Buffer.from(local.accessToken(), 'base64').toString())
    const _meta = { progressToken: 7, 'x402/payment': payload }
    const { event } = await seenBy(door, { body: toolCall(TOOL, ARGS, { _meta }) }, {}, local)
    expect(event).toEqual(
      door.event({ body: toolCall(TOOL, ARGS, { _meta: { progressToken: 7 } }) }),
    )
    expect(local.balance()).toBe(99n)
  },
)

test.each(named(HTTP_EVENTS))(
  'the text of a body without payment reaches the handler of $name byte for byte',
  async ({ door }) => {
    const local = await stack()
    const body = ` {"id":1e0,\n"jsonrpc":"2.0", "method":"tools/call","params":{"name":"${TOOL}"} } `
    const headers = { 'content-length': String(body.length) }
    const sent = { body, headers, token: local.accessToken() }
    const { event } = await seenBy(door, sent, {}, local)
    expect(event).toEqual(door.event({ body, headers }))
  },
)

test('the length a client said is not said of a body that was written anew', async () => {
  const local = await stack()
  const body = toolCall(TOOL, { headers: { 'payment-signature': local.accessToken() } })
  const length = Buffer.byteLength(JSON.stringify(body))
  const headers = { 'content-length': String(length) }
  const { event } = await seenBy(FUNCTION_URL, { body, headers }, {}, local)
  const seen = event as { headers: Record<string, string>; body: string }
  const said = seen.headers['content-length'] ?? String(Buffer.byteLength(seen.body))
  expect(Number(said)).toBe(Buffer.byteLength(seen.body))
})

test('bytes that are no UTF-8 reach the handler as they came', async () => {
  const local = await stack()
  const text = JSON.stringify(toolCall(TOOL, { word: 'Z\u00fcrich' }))
  const body = Buffer.from(text, 'latin1').toString('base64')
  const event = {
    ...FUNCTION_URL.event({ token: local.accessToken() }),
    body,
    isBase64Encoded: true,
  }
  const seen: unknown[] = []
  const handler = (given: unknown) => {
    seen.push(given)
    return 'Hello!'
  }
  await sell(local, handler)(event)
  expect(seen).toEqual([expect.objectContaining({ body, isBase64Encoded: true })])
})

test('a header that came twice in a REST API is no payment, and neither copy gets through', async () => {
  const local = await stack()
  const tokens = [local.accessToken(), local.accessToken()]
  const event = REST_API.event({ body: toolCall('T___free'), token: tokens[1] as string })
  const multi = event['multiValueHeaders'] as Record<string, string[]>
  multi['Payment-Signature'] = tokens
  const sold = { tools: { T___free: 'free' as const, [TOOL]: { planId: local.planId } } }
  const seen: unknown[] = []
  const handler = (given: unknown) => {
    seen.push(given)
    return 'Hello!'
  }
  await sell(local, handler, sold)(event)
  const paid = { ...event, body: JSON.stringify(toolCall(TOOL)) }
  expect(REST_API.said(await sell(local, handler, sold)(paid)).status).toBe(402)
  expect(seen).toHaveLength(1)
  for (const token of tokens) expect(JSON.stringify(seen)).not.toContain(token)
  expect(local.balance()).toBe(100n)
})

test.each(['bearer beside a payment', 'payment beside a bearer'])(
  'an authorization that came twice lets no payment through: %s',
  async (order) => {
    const local = await stack()
    const token = local.accessToken()
    const values = ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.sig', `Bearer ${token}`]
    if (order.startsWith('payment')) values.reverse()
    const event = REST_API.event({ body: toolCall('T___free') })
    const [headers, multi] = [event['headers'], event['multiValueHeaders']] as Record<
      string,
      unknown
    >[]
    Object.assign(headers ?? {}, { Authorization: values[1] })
    Object.assign(multi ?? {}, { Authorization: values })
    const seen: unknown[] = []
    const handler = (given: unknown) => {
      seen.push(given)
      return 'Hello!'
    }
    const options = {
      tokenHeader: ['payment-signature', 'authorization'],
      tools: { T___free: 'free' as const, [TOOL]: { planId: local.planId } },
    }
    await sell(local, handler, options)(event)
    expect(seen).toHaveLength(1)
    expect(JSON.stringify(seen)).not.toContain(token)
  },
)

test.each(named(LAMBDA_TARGETS))(
  'the context of $name has no payment and is otherwise the same',
  async ({ door }) => {
    const local = await stack()
    const body = toolCall(TOOL, ARGS)
    const sent = { body, headers: { ...OTHER, 'X-Payment': 'old' } }
    const { context, givenContext } = await seenBy(
      door,
      { ...sent, token: local.accessToken() },
      {},
      local,
    )
    const clean = door.context({ body, headers: OTHER })
    expect(context).toEqual(clean)
    expect(context).toBeInstanceOf(RuntimeContext)
    expect(context.getRemainingTimeInMillis()).toBe(30_000)
    expect(givenContext.clientContext).not.toEqual(context.clientContext)
    expect(local.balance()).toBe(99n)
  },
)

test.each(named(DOORS.filter(({ statuses }) => statuses !== 'none')))(
  'the context of $name is the very one Lambda gave',
  async ({ door }) => {
    const local = await stack()
    const sent = { body: toolCall(TOOL), token: local.accessToken() }
    const { context, givenContext } = await seenBy(door, sent, {}, local)
    expect(context).toBe(givenContext)
  },
)

test('a Lambda target without arguments gets an empty object, and without context none', async () => {
  const local = await stack()
  const [door] = LAMBDA_TARGETS as [Door]
  const context = door.context({ body: toolCall(TOOL), token: local.accessToken() })
  const seen: unknown[] = []
  const handler = sell(local, (event: unknown) => {
    seen.push(event)
    return 'Hello!'
  })
  expect(await handler(null, context)).toMatchObject({ content: [{ text: 'Hello!' }] })
  expect(await handler([1, 2], context)).toMatchObject({ isError: true })
  expect(await handler('text', context)).toMatchObject({ isError: true })
  expect(seen).toEqual([{}])
})

test.each(named([GATEWAY, GATEWAY_HTTP, ...HTTP_EVENTS]))(
  'what the handler is told of the payment through $name is the same everywhere',
  async ({ door }) => {
    const local = await stack()
    const sent = { body: toolCall(TOOL), token: local.accessToken() }
    const { payment } = await seenBy(door, sent, { credits: 3, maxCredits: 7 }, local)
    expect(payment).toEqual({
      payer: local.subscriberAddress,
      planId: local.planId,
      network: 'eip155:84532',
      scheme: 'nvm:erc4337',
      credits: 3n,
      maxCredits: 7n,
      agentRequestId: expect.any(String),
      correlationId: expect.any(String),
    })
  },
)

function options(local: Local) {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  return { payments, planId: local.planId, logger: silent }
}

test.each(named([GATEWAY, GATEWAY_HTTP, FUNCTION_URL]))(
  'a content type of the handler is the one that goes out through $name',
  async ({ door }) => {
    const local = await stack()
    const type = 'application/json; charset=utf-8'
    const body = { content: [{ type: 'text', text: 'Hello!' }] }
    const mcp = { transformedGatewayResponse: { headers: { 'content-type': type }, body } }
    const sent = { body: toolCall(TOOL), token: local.accessToken() }
    const sold = sell(local, () => ({ mcp }), door.options)
    const output: unknown = await sold(door.event(sent), door.context(sent))
    expect(JSON.stringify(output).match(/content-type/gi)).toHaveLength(1)
    expect(door.said(output).headers['content-type']).toBe(type)
  },
)

const inText = (text: string) => ({ result: { content: [{ type: 'text', text }] } })

test('handlers declare the event they are called with', async () => {
  const local = await stack()
  const sent = { body: toolCall(TOOL), token: local.accessToken() }
  const [balancer] = LOAD_BALANCERS as [Door]
  const [target] = LAMBDA_TARGETS as [Door]
  const url = requiresPayment(
    async (event: LambdaFunctionURLEvent) => event.requestContext.http.method,
    options(local),
  )
  const v2 = requiresPayment(async (event: APIGatewayProxyEventV2) => event.rawPath, options(local))
  const v1 = requiresPayment((event: APIGatewayProxyEvent) => event.httpMethod, options(local))
  const alb = requiresPayment((event: ALBEvent) => event.path, options(local))
  const args = requiresPayment((event: { city: string }) => event.city, options(local))
  const told = async (door: Door, handler: typeof v2, what: Sent = sent) =>
    door.said(await handler(door.event(what), door.context(what))).message
  expect(await told(FUNCTION_URL, url)).toMatchObject(inText('POST'))
  expect(await told(FUNCTION_URL, v2)).toMatchObject(inText('/'))
  expect(await told(REST_API, v1)).toMatchObject(inText('POST'))
  expect(await told(balancer, alb)).toMatchObject(inText('/mcp'))
  const inBern = { ...sent, body: toolCall(TOOL, { city: 'Bern' }) }
  expect(await told(target, args, inBern)).toMatchObject(inText('Bern'))
  expect(local.balance()).toBe(95n)
})

test('handlers that answered HTTP before answer the same way when they are sold', async () => {
  const local = await stack()
  const result = { content: [{ type: 'text', text: 'Hello!' }] }
  const rpc = JSON.stringify({ jsonrpc: '2.0', id: 'mine', result })
  const v1 = async ({ path }: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => ({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', 'X-Count': 3, 'X-Flag': true, 'X-Path': path },
    body: rpc,
  })
  const v2 = async ({ rawPath }: APIGatewayProxyEventV2) => ({
    headers: { 'x-path': rawPath },
    statusCode: 200,
    body: base64(rpc),
    isBase64Encoded: true,
  })
  const refusing = ({ path }: APIGatewayProxyEvent): APIGatewayProxyResult => ({
    statusCode: 404,
    body: `nothing at ${path}`,
  })
  const sent = { body: toolCall(TOOL, {}, { id: 'theirs' }), token: local.accessToken() }
  const play = async (door: Door, handler: (event: unknown) => Promise<unknown>) =>
    door.said(await handler(door.event(sent)))
  const first = await play(REST_API, requiresPayment(v1, options(local)))
  expect(first.message).toMatchObject({ jsonrpc: '2.0', id: 'theirs', result })
  expect(first.headers).toMatchObject({
    'content-type': 'application/json',
    'payment-response': expect.any(String),
    'x-count': '3',
    'x-flag': 'true',
    'x-path': '/mcp',
  })
  const second = await play(FUNCTION_URL, requiresPayment(v2, options(local)))
  expect(second).toMatchObject({ status: 200, message: { id: 'theirs', result } })
  expect(local.balance()).toBe(98n)
  const third: unknown = await requiresPayment(refusing, options(local))(REST_API.event(sent))
  expect(third).toMatchObject({ statusCode: 404, body: 'nothing at /mcp' })
  expect(local.balance()).toBe(98n)
})

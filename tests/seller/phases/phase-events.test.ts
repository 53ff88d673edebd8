import { expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../src/index.js'
import { encodeToken } from '../../../src/wire/x402.js'
import { PRIVATE } from '../../support/caching.js'
import { TOOL } from '../../support/outcome.js'
import { bothPhases, hello, intercept, result, type Target } from './support/phases.js'
import { amounts, asked } from '../../support/recorded.js'
import {
  SEAL,
  NAMED_SHARINGS,
  SHARINGS,
  account,
  callWith,
  isDelivered,
  sharing,
  type Sharing,
} from './support/sealed-calls.js'
import { challengeOf, responseOf, stack, toolCall } from '../../support/seller.js'

type Fields = Record<string, unknown>

const CARRIERS = ['header', 'arguments', 'meta'] as const

function paid(carrier: (typeof CARRIERS)[number], token: string): Fields {
  const header = { 'payment-signature': token }
  if (carrier === 'header') return callWith(header)
  if (carrier === 'arguments') return callWith({}, { args: { headers: header } })
  const payment: unknown = JSON.parse(Buffer.from(token, 'base64').toString())
  const body = toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } })
  const gatewayRequest = { path: '/mcp', httpMethod: 'POST', headers: {}, body }
  const rawGatewayRequest = { body: JSON.stringify(body) }
  return { interceptorInputVersion: '1.0', mcp: { rawGatewayRequest, gatewayRequest } }
}

test.each(NAMED_SHARINGS.flatMap((it) => CARRIERS.map((carrier) => ({ ...it, carrier }))))(
  'a payment in the $carrier is found in both phases ($name)',
  async ({ how, carrier }) => {
    const local = await stack()
    const event = paid(carrier, local.accessToken())
    const { output } = await bothPhases(sharing(local, how), event, hello, how)
    expect(isDelivered(output)).toBe(true)
    expect(local.balance()).toBe(99n)
  },
)

test.each(NAMED_SHARINGS)(
  'the payment of a call wins over that of the connection ($name)',
  async ({ how }) => {
    const local = await stack()
    const other = account(local)
    const headers = { 'payment-signature': local.accessToken({ from: other }) }
    const args = { headers: { 'payment-signature': local.accessToken() } }
    await bothPhases(sharing(local, how), callWith(headers, { args }), hello, how)
    expect(local.balance()).toBe(99n)
    expect(local.ledger.balance(local.planId, other)).toBe(100n)
  },
)

test('so it does where a response phase is shown the headers of the client alone', async () => {
  const local = await stack()
  const other = account(local)
  const headers = { 'payment-signature': local.accessToken({ from: other }) }
  const text = toolCall(TOOL, { headers: { 'payment-signature': local.accessToken() } })
  const gatewayResponse = await hello({ headers: {}, body: { id: 1 } })
  const event = callWith(headers)
  const mcp = { ...(event['mcp'] as Fields), rawGatewayRequest: { body: JSON.stringify(text) } }
  await intercept(local)({ ...event, mcp: { ...mcp, gatewayResponse } })
  expect(local.balance()).toBe(99n)
  expect(local.ledger.balance(local.planId, other)).toBe(100n)
})

test('headers that are no text are not sent on', async () => {
  const local = await stack()
  const headers = { 'x-a': ['1'], 'x-b': 7, 'x-c': null, 'x-d': 'text' }
  const { forwarded } = await bothPhases(
    intercept(local),
    callWith({ ...headers, 'payment-signature': local.accessToken() }),
  )
  expect(forwarded?.['headers']).toEqual({ 'x-d': 'text', [SEAL]: expect.any(String) })
})

test('a payment that stands only in the text beside a request is none', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken() }
  const event = callWith({})
  const mcp = event['mcp'] as { rawGatewayRequest: unknown }
  mcp.rawGatewayRequest = { body: JSON.stringify(toolCall(TOOL, { headers })) }
  const output = (await intercept(local)(event)) as InterceptorOutput
  expect(challengeOf(output)?.accepts).toHaveLength(1)
  expect(asked(local, 'verify')).toEqual([])
})

test('a malformed payment of a call is said to be one, whatever is beside it', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken() }
  const args = { headers: { ...headers, 'x-payment': 7 } }
  const output = (await intercept(local)(callWith(headers, { args }))) as InterceptorOutput
  expect(challengeOf(output)?.error).toBe('payment malformed')
})

test('junk under the name of the seal does not reach the target, in any case', async () => {
  const local = await stack()
  for (const name of [SEAL, 'X-AgentCore-X402', 'X-AGENTCORE-X402']) {
    for (const how of SHARINGS) {
      const headers = { [name]: 'junk', 'payment-signature': local.accessToken() }
      const { forwarded } = await bothPhases(sharing(local, how), callWith(headers), hello, how)
      expect(forwarded).toBeDefined()
      expect(JSON.stringify(forwarded)).not.toContain('junk')
    }
  }
})

test('a Gateway may spell the name of the seal as it likes', async () => {
  const local = await stack()
  const handle = intercept(local)
  const event = callWith({ 'payment-signature': local.accessToken() })
  const first = (await handle(event)) as InterceptorOutput
  const { headers = {}, body } = first.mcp.transformedGatewayRequest ?? {}
  const gatewayRequest = { headers: { 'X-Agentcore-X402': headers[SEAL] }, body }
  const gatewayResponse = await hello({ headers: {}, body: { id: 1 } })
  const output = await handle({ mcp: { gatewayRequest, gatewayResponse } })
  expect(isDelivered(output)).toBe(true)
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
})

test.each<[string, (answer: Fields) => unknown]>([
  ['as an object', (answer) => answer],
  ['as text', (answer) => JSON.stringify(answer)],
  ['as an event stream', (answer) => `event: message\ndata: ${JSON.stringify(answer)}\n\n`],
  ['with its id as text', (answer) => ({ ...answer, id: '1' })],
  ['without an id', ({ result: only }) => ({ jsonrpc: '2.0', result: only })],
  ['with a method in it', (answer) => ({ ...answer, method: 'elicitation/create' })],
])('an answer that comes %s is sold, and goes out under the id of the call', async (_, write) => {
  const local = await stack()
  const target: Target = async (request) => {
    const { statusCode, headers, body } = await hello(request)
    return { statusCode, headers, body: write(body as Fields) }
  }
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), target)
  expect(responseOf(output).body).toMatchObject({
    id: 1,
    result: { content: [{ text: 'Hello!' }] },
  })
  expect(local.balance()).toBe(99n)
})

test.each([null, '', undefined])('a target that answers with %j is not paid', async (body) => {
  const local = await stack()
  const nothing: Target = () => ({ statusCode: 202, headers: {}, body })
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), nothing)
  expect(output.mcp.transformedGatewayResponse?.statusCode).toBe(202)
  expect(local.balance()).toBe(100n)
})

const streamed =
  (more: Fields): Target =>
  async (request) => {
    const { body } = await hello(request)
    return { isStreamingResponse: true, body, ...more }
  }

test('the first event of a stream keeps its status and headers, and gets the receipt there', async () => {
  const local = await stack()
  const headers = { 'Mcp-Session-Id': 's-1' }
  const { output } = await bothPhases(
    intercept(local),
    local.paidEvent(TOOL),
    streamed({ statusCode: 200, headers }),
  )
  expect(output.mcp.transformedGatewayResponse).toMatchObject({
    statusCode: 200,
    headers: { ...headers, 'payment-response': expect.any(String) },
    body: { result: { content: [{ text: 'Hello!' }] } },
  })
})

test('a later event that is not sold passes with its body alone', async () => {
  const local = await stack()
  const body = { jsonrpc: '2.0', id: 'elicit-1', method: 'elicitation/create', params: {} }
  const asking: Target = () => ({ isStreamingResponse: true, body })
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), asking)
  expect(output.mcp.transformedGatewayResponse).toEqual({ body })
  expect(local.balance()).toBe(100n)
})

test('the headers of a target go out with what was sold', async () => {
  const local = await stack()
  const target: Target = async (request) => ({
    ...(await hello(request)),
    headers: { 'Mcp-Session-Id': 's-1', 'Content-Type': 'text/event-stream', 'x-n': '1' },
  })
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), target)
  expect(responseOf(output).headers).toEqual({
    'Content-Type': 'application/json',
    'Mcp-Session-Id': 's-1',
    'x-n': '1',
    'payment-response': expect.any(String),
    ...PRIVATE,
  })
})

test.each([400, 404, 500, 302])('a target that answers with %i is not paid', async (statusCode) => {
  const local = await stack()
  const target: Target = async (request) => ({ ...(await hello(request)), statusCode })
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), target)
  expect(responseOf(output).statusCode).toBe(statusCode)
  expect(amounts(local).settle).toEqual([])
})

test.each(NAMED_SHARINGS)(
  'a payment too long for a seal is found all the same ($name)',
  async ({ how }) => {
    const local = await stack()
    const minted: unknown = JSON.parse(Buffer.from(local.accessToken(), 'base64').toString())
    const token = encodeToken({ ...(minted as Fields), extensions: { note: 'x'.repeat(5_000) } })
    const event = callWith({ 'payment-signature': token })
    const { output, forwarded } = await bothPhases(sharing(local, how), event, hello, how)
    const headers = forwarded?.['headers'] as Record<string, string>
    expect(isDelivered(output)).toBe(true)
    expect(headers['payment-signature']).toBe(token)
    expect((headers[SEAL] ?? '').length).toBeLessThanOrEqual(4_096)
    expect(SEAL in headers).toBe(how.secret)
    expect(local.balance()).toBe(99n)
  },
)

test.each(NAMED_SHARINGS.filter(({ how }) => how.secret))(
  'a payment that fits in the seal is in nothing else ($name)',
  async ({ how }) => {
    for (const carrier of CARRIERS) {
      const local = await stack()
      const token = local.accessToken()
      const { forwarded } = await bothPhases(sharing(local, how), paid(carrier, token), hello, how)
      expect(JSON.stringify(forwarded)).not.toContain(token.slice(0, 60))
      expect(Object.keys(forwarded?.['headers'] as object)).toEqual([SEAL])
    }
  },
)

test('what marks an answer of the request phase counts for that call, and leaves with nobody', async () => {
  const local = await stack()
  const handle = intercept(local, { chargeOnError: true })
  const refused = (await handle(callWith({}))) as InterceptorOutput
  const mark = responseOf(refused).headers[SEAL]
  expect(mark).toBeDefined()
  const { output } = await bothPhases(handle, callWith({}))
  expect(challengeOf(output)?.accepts).toHaveLength(1)
  expect(JSON.stringify(output)).not.toContain(SEAL)
  const marking: Target = async (request) => ({
    ...(await hello(request)),
    headers: { [SEAL]: mark },
  })
  const token = { 'payment-signature': local.accessToken() }
  for (const call of [{ id: 2 }, { id: '1' }, { tool: 'T___other' }]) {
    const before = local.balance()
    const played = await bothPhases(handle, callWith(token, call), marking)
    expect(isDelivered(played.output)).toBe(true)
    expect(local.balance()).toBe(before - 1n)
  }
  // Nor is it a seal, should a response phase be shown it as one.
  const shown = callWith({ [SEAL]: mark })['mcp'] as Fields
  const gatewayResponse = await hello({ headers: {}, body: { id: 1 } })
  expect(isDelivered(await handle({ mcp: { ...shown, gatewayResponse } }))).toBe(false)
  const sent = (await handle(callWith({ ...token, [SEAL]: mark }))) as InterceptorOutput
  expect(responseOf(sent).body.error).toMatchObject({ code: -32600 })
})

test('what was sealed spares the second verify, and settles under its request id', async () => {
  const local = await stack()
  const how: Sharing = { shown: 'transformed', secret: true, store: false }
  const dear = { credits: 2, maxCredits: 7 }
  const greedy = result({ content: [], _meta: { creditsToCharge: 50 } })
  await bothPhases(sharing(local, how, dear), local.paidEvent(TOOL), greedy, how)
  expect(amounts(local)).toEqual({ verify: ['7'], settle: ['7'] })
  expect(asked(local, 'settle')[0]?.agentRequestId).toMatch(/^[0-9a-f-]{36}$/)
  const silent = result({ content: [] })
  await bothPhases(sharing(local, how, dear), local.paidEvent(TOOL), silent, how)
  expect(amounts(local).settle).toEqual(['7', '2'])
})

test.each(NAMED_SHARINGS.filter(({ how }) => how.store))(
  'what was kept in a store spares it too ($name)',
  async ({ how }) => {
    const local = await stack()
    for (const carrier of ['arguments', 'meta'] as const) {
      const event = paid(carrier, local.accessToken())
      await bothPhases(sharing(local, how), event, hello, how)
    }
    const [one, two] = [asked(local, 'verify').length, asked(local, 'settle').length]
    expect([one, two]).toEqual([2, 2])
  },
)

test.each(NAMED_SHARINGS)(
  'a call that is free by its arguments passes free, and the dear one beside it does not ($name)',
  async ({ how }) => {
    const local = await stack()
    const credits = (event: unknown) => {
      const { mcp } = event as { mcp: { gatewayRequest: { body: { params: Fields } } } }
      return (mcp.gatewayRequest.body.params['arguments'] as { n?: number }).n ?? 0
    }
    const handle = sharing(local, how, { credits })
    const free = await bothPhases(handle, callWith({}), hello, how)
    expect(isDelivered(free.output)).toBe(true)
    const dear = await bothPhases(handle, callWith({}, { args: { n: 3 } }), hello, how)
    expect(isDelivered(dear.output)).toBe(false)
    const token = { 'payment-signature': local.accessToken() }
    await bothPhases(handle, callWith(token, { args: { n: 3 } }), hello, how)
    expect(local.balance()).toBe(97n)
  },
)

test('a price that changes between the phases is the one the buyer agreed to', async () => {
  const local = await stack()
  const how: Sharing = { shown: 'transformed', secret: true, store: false }
  let price = 0
  const handle = sharing(local, how, { credits: () => price })
  const dearer: Target = (request) => {
    price = 5
    return hello(request)
  }
  const free = await bothPhases(handle, callWith({}), dearer, how)
  expect(isDelivered(free.output)).toBe(true)
  price = 2
  await bothPhases(handle, local.paidEvent(TOOL), dearer, how)
  expect(local.balance()).toBe(98n)
})

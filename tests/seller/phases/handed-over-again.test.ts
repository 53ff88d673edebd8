import { expect, jest, test } from '@jest/globals'
import {
  composeInterceptors,
  createInterceptor,
  type HttpInterceptorOutput,
} from '../../../src/index.js'
import { memoryStore } from './support/memory-store.js'
import {
  bothPhases,
  container,
  hello,
  intercept,
  interceptorOptions,
  result,
  SHOWN,
} from './support/phases.js'
import {
  allTextOf,
  challengeOf,
  eventOf,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'
import { countOf, outcomeOf, singleUse } from '../../support/outcome.js'

const TOOL = 'T___hello'
const CONTEXT = { clientContext: { custom: { REQUEST_ID: 'request-1' } } } as never

test('the response of an HTTP target, handed over again to another container, is charged once', async () => {
  const local = await stack()
  const store = memoryStore()
  const containers = [container(local, { store }), container(local, { store })]
  const headers = { 'payment-signature': local.accessToken() }
  const gatewayRequest = { path: '/forecast', httpMethod: 'GET', headers }
  await containers[0]?.({ http: { gatewayRequest } }, CONTEXT)
  const gatewayResponse = {
    statusCode: 200,
    headers: null,
    body: Buffer.from('gold').toString('base64'),
  }
  for (const handle of containers) {
    const answered = await handle({ http: { gatewayRequest: null, gatewayResponse } }, CONTEXT)
    const { transformedGatewayResponse: sent } = (answered as HttpInterceptorOutput).http
    expect(sent).toMatchObject({
      statusCode: 200,
      headers: { 'payment-response': expect.any(String) },
    })
  }
  expect(local.balance()).toBe(99n)
})

test('a single-use payment that another container finds spent asks nobody to pay again unseen', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  await bothPhases(container(local), event)
  const again = await bothPhases(container(local), event)
  expect(outcomeOf(again.output)).toBe('used')
  expect(allTextOf(again.output)).toContain('Look at your balance before you pay again')
  expect(allTextOf(again.output)).not.toContain('You were not charged')
  expect(local.balance()).toBe(99n)
})

test('in one that remembers it, the spent payment gets what it bought', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const handle = container(local)
  const first = await bothPhases(handle, event)
  const target = jest.fn(hello)
  const again = await bothPhases(handle, event, target)
  expect(outcomeOf(again.output)).toBe('settled')
  expect(receiptOf(again.output)).toEqual(receiptOf(first.output))
  expect(target).not.toHaveBeenCalled()
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

test.each(SHOWN)(
  'a priced tool is not run as a task, whose result comes past the payment (%s request)',
  async (shown) => {
    const local = await stack()
    const params = { name: TOOL, arguments: {}, task: { ttl: 1_000 } }
    const event = eventOf(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      { 'payment-signature': local.accessToken() },
    )
    const { output, forwarded } = await bothPhases(intercept(local), event, hello, { shown })
    expect(forwarded).toBeUndefined()
    expect(responseOf(output).body.error?.code).toBe(-32602)
    expect(local.balance()).toBe(100n)
  },
)

test.each(SHOWN)('a free tool may be run as a task (%s request)', async (shown) => {
  const local = await stack()
  const params = { name: 'T___free', arguments: {}, task: { ttl: 1_000 } }
  const event = eventOf({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
  const started = { task: { taskId: 't-1', status: 'working' } }
  const tools = { free: 'free', hello: { planId: local.planId } }
  const handle = intercept(local, { planId: undefined, tools })
  const { output, forwarded } = await bothPhases(handle, event, result(started), { shown })
  expect(forwarded?.body).toMatchObject({ params })
  expect(responseOf(output).body.result).toMatchObject(started)
  expect(local.calls).toEqual([])
})

test.each([{ task: { taskId: 't-1', status: 'working' } }, { resultType: 'task', taskId: 't-1' }])(
  'nor is a task taken for what was sold: %j',
  async (started) => {
    const local = await stack()
    const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), result(started))
    expect(JSON.stringify(output)).not.toContain('t-1')
    expect(local.balance()).toBe(100n)
  },
)

test('an answer of an interceptor within, before an HTTP target, is sold by the one around it', async () => {
  const local = await stack()
  const store = memoryStore()
  const cached = { statusCode: 200, headers: {}, body: Buffer.from('gold').toString('base64') }
  const cache = () => ({
    interceptorOutputVersion: '1.0',
    http: { transformedGatewayResponse: cached },
  })
  const handle = composeInterceptors(createInterceptor(interceptorOptions(local, { store })), cache)
  const headers = { 'payment-signature': local.accessToken() }
  const gatewayRequest = { path: '/forecast', httpMethod: 'GET', headers }
  const answered = (await handle({ http: { gatewayRequest } }, CONTEXT)) as HttpInterceptorOutput
  expect(answered.http.transformedGatewayResponse?.headers).toHaveProperty('payment-response')
  expect(local.balance()).toBe(99n)
})

test('what the Gateway could not take together with its event is not charged', async () => {
  const local = await stack()
  const large = result({ content: [{ type: 'text', text: 'x'.repeat(3_200_000) }] })
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), large)
  expect(textOf(output)).toContain('You were not charged')
  expect(local.balance()).toBe(100n)
})

test.each([
  [{ isError: true, content: [] }, 0n],
  [{ content: [], _meta: { creditsToCharge: 0 } }, 0n],
  [{ content: [], _meta: { creditsToCharge: 1 } }, 1n],
])(
  "a Lambda target's own result counts where its text is trusted: %j costs %s",
  async (own, cost) => {
    const local = await stack()
    const flattened = result({ content: [{ type: 'text', text: JSON.stringify(own) }] })
    const trusting = { credits: 2, creditsFrom: ['meta', 'content'] }
    await bothPhases(intercept(local, trusting), local.paidEvent(TOOL), flattened)
    expect(100n - local.balance()).toBe(cost)
  },
)

test('and nowhere else, since a tool may repeat what its buyer wrote', async () => {
  const local = await stack()
  const own = JSON.stringify({ isError: true, content: [], _meta: { creditsToCharge: 0 } })
  const flattened = result({ content: [{ type: 'text', text: own }] })
  await bothPhases(intercept(local), local.paidEvent(TOOL), flattened)
  expect(local.balance()).toBe(99n)
})

test("the Gateway's search goes to the Gateway, whoever answers the other methods", async () => {
  const { sell } = await import('../../support/seller.js')
  const local = await stack()
  const sold = sell(local, undefined, { otherMethods: 'handler' })
  const output = await sold(eventOf(toolCall('x_amz_bedrock_agentcore_search', { query: 'a' })))
  expect(output.mcp.transformedGatewayRequest).toBeDefined()
  expect(JSON.stringify(output)).not.toContain('Hello!')
})

test.each(['/PREMIUM', '/Premium/'])(
  'the case of a path (%s) chooses no cheaper price',
  async (path) => {
    const local = await stack()
    const tools = { '/premium': { planId: local.planId, credits: 50 } }
    const handle = intercept(local, { tools, planId: local.planId, store: memoryStore() })
    const headers = { 'payment-signature': local.accessToken() }
    const gatewayRequest = { path, httpMethod: 'GET', headers }
    const output = (await handle({ http: { gatewayRequest } }, CONTEXT)) as HttpInterceptorOutput
    expect(output.http.transformedGatewayResponse?.statusCode).toBe(404)
  },
)

test('what is no interceptor is not composed', () => {
  expect(() => composeInterceptors(undefined as never)).toThrow('interceptors[0]')
  expect(() => composeInterceptors(() => ({}), {} as never)).toThrow('interceptors[1]')
})

test('one that leaves something that is no JSON ends the request, not the Lambda', async () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const odd = () => ({ mcp: { transformedGatewayRequest: { body: cyclic } } })
  const local = await stack()
  const handle = composeInterceptors(odd, createInterceptor(interceptorOptions(local)))
  const output = await handle(local.paidEvent(TOOL))
  expect(challengeOf(output as never)).toBeUndefined()
  expect(responseOf(output as never).body.error?.code).toBe(-32603)
})

test.each<[string, object]>([
  ['status 204', { statusCode: 204, body: '' }],
  ['status 304', { statusCode: 304, body: '' }],
  ['no body', { body: null }],
])("flow 'upfront': a target that answers with %s leaves a refund due", async (_, response) => {
  const local = await stack()
  const onRefundDue = jest.fn()
  const handle = intercept(local, { flow: 'upfront', onRefundDue })
  const target = () => ({ statusCode: 200, headers: {}, ...response })
  const { output } = await bothPhases(handle, local.paidEvent(TOOL), target)
  expect(local.balance()).toBe(99n)
  expect(allTextOf(output)).toContain('The seller owes you a refund')
  expect(onRefundDue).toHaveBeenCalledTimes(1)
})

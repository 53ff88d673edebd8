import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, afterEach, expect, jest, test } from '@jest/globals'
import { Payments, requiresPayment, type WrappedHandler } from '../../../src/index.js'
import { functionUrl } from '../../local/support/function-url.js'
import {
  eventOf,
  hello,
  recordingLogger,
  responseOf,
  sell,
  stack,
  toolCall,
} from '../../support/seller.js'
import { intercept } from '../phases/support/phases.js'

const TOOL = 'T___hello'

/** What the default logger wrote. */
const written = (['stdout', 'stderr'] as const).map((stream) =>
  jest.spyOn(process[stream], 'write').mockImplementation(() => true),
)
afterEach(() => written.forEach((one) => one.mockClear()))
afterAll(() => written.forEach((one) => one.mockRestore()))

type Call = (handler: WrappedHandler, event: unknown) => Promise<unknown>
const call: Call = (handler, event) => handler(event)

/** What a seller's log says when the same mistake is made three times. */
async function saidOf(
  options: Parameters<typeof sell>[2],
  handler: Parameters<typeof sell>[1],
  event: (local: Awaited<ReturnType<typeof stack>>) => unknown,
) {
  const local = await stack()
  const logger = recordingLogger()
  const wrapped = sell(local, handler, { ...options, logger })
  for (let i = 0; i < 3; i++) await call(wrapped, event(local))
  return logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
}

test('a Gateway that shows no headers is named once, with the cure', async () => {
  const without = () => eventOf(toolCall(TOOL), null)
  const missing = () => {
    const event = eventOf(toolCall(TOOL)) as { mcp: { gatewayRequest: { headers?: unknown } } }
    delete event.mcp.gatewayRequest.headers
    return event
  }
  const said = await saidOf({}, hello, missing)
  expect(said).toEqual([expect.stringContaining('set passRequestHeaders: true at the interceptor')])
  expect(await saidOf({}, hello, without)).toEqual([])
  expect(await saidOf({}, hello, () => eventOf(toolCall(TOOL)))).toEqual([])
})

test('an interceptor says the same', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const handle = intercept(local, { logger })
  const event = eventOf(toolCall(TOOL), undefined) as {
    mcp: { gatewayRequest: { headers?: unknown } }
  }
  delete event.mcp.gatewayRequest.headers
  await handle(event)
  await handle(event)
  const said = logger.lines.filter(({ level }) => level === 'warn')
  expect(said.map(({ message }) => message)).toEqual([
    expect.stringContaining('passRequestHeaders: true'),
  ])
})

type AnyEvent = {
  requestContext: { http: { path: string } }
  body: string
  mcp: { gatewayRequest: { body: unknown } }
}
const anyHandler = (read: (event: AnyEvent) => unknown) =>
  read as unknown as Parameters<typeof sell>[1]

test.each<[string, (event: AnyEvent) => unknown]>([
  ['reads the path', ({ requestContext }) => requestContext.http.path],
  ['reads the body', ({ body }) => JSON.parse(body) as unknown],
  ['answers with a page', () => ({ statusCode: 200, body: '<p>Hello</p>' })],
])('a handler of HTTP events behind a Gateway is named once: it %s', async (_, read) => {
  const said = await saidOf({}, anyHandler(read), (local) => local.paidEvent(TOOL))
  expect(said).toEqual([expect.stringContaining('got an event of an AgentCore Gateway')])
})

test('a handler that fails for another reason is not taken for one', async () => {
  const fail = anyHandler(() => {
    throw new TypeError("Cannot read properties of undefined (reading 'city')")
  })
  expect(await saidOf({}, fail, (local) => local.paidEvent(TOOL))).toEqual([])
  const wrong = anyHandler(() => new Map())
  expect(await saidOf({}, wrong, (local) => local.paidEvent(TOOL))).toEqual([])
})

test('a handler of Gateway events behind a Function URL is named once', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const read = ({ mcp }: AnyEvent) => ({ body: JSON.stringify(mcp.gatewayRequest.body) })
  const at = await functionUrl(requiresPayment(read, { payments, planId: local.planId, logger }))
  for (let i = 0; i < 2; i++) {
    const headers = {
      'content-type': 'application/json',
      'payment-signature': local.accessToken(),
    }
    await fetch(at.url, { method: 'POST', headers, body: JSON.stringify(toolCall(TOOL)) })
  }
  await at.close()
  const said = logger.lines.filter(({ level }) => level === 'warn')
  expect(said.map(({ message }) => message)).toEqual([
    expect.stringContaining('got an HTTP event. Read the request from event.body'),
  ])
})

test('prices of paths that a Gateway asks for as tools are named once', async () => {
  const local = await stack()
  const rows = { 'GET /quote': { planId: local.planId }, '/health': 'free' as const }
  const said = await saidOf({ tools: rows }, hello, (local) => local.paidEvent(TOOL))
  expect(said).toEqual([expect.stringContaining("Set httpEvents: 'http'")])
  const named = { T___other: { planId: local.planId } }
  expect(await saidOf({ tools: named }, hello, (local) => local.paidEvent(TOOL))).toEqual([])
})

test('an interceptor that never sees a request says so once', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const handle = intercept(local, { logger })
  const event = eventOf(toolCall(TOOL)) as { mcp: Record<string, unknown> }
  const body = { jsonrpc: '2.0', id: 1, result: { isError: true, content: [] } }
  event.mcp['gatewayResponse'] = { statusCode: 200, headers: {}, body }
  const said = () => logger.lines.filter(({ message }) => /and no request did/.test(message))
  for (let i = 0; i < 9; i++) await handle(event)
  expect(said()).toEqual([])
  for (let i = 0; i < 9; i++) await handle(event)
  expect(said()).toHaveLength(1)
})

test.each<[string, typeof sell | typeof intercept]>([
  ['a handler', sell],
  ['an interceptor', intercept],
])('the reason of an internal error is logged: %s cannot read its event', async (_, door) => {
  const local = await stack()
  const logger = recordingLogger()
  const handler = door === sell ? sell(local, hello, { logger }) : intercept(local, { logger })
  const thrower = () => {
    throw new Error('hostile')
  }
  const output = await handler(Object.defineProperty({}, 'mcp', { get: thrower }))
  expect(responseOf(output as never).body.error?.code).toBe(-32603)
  const details = { error: new Error('hostile') }
  expect(logger.lines).toEqual([{ level: 'error', message: 'internal error', details }])
})

test('whoever listens gets the lines of the log in the place of the default logger', async () => {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const options = { payments, planId: local.planId }
  const broken = requiresPayment(() => Promise.reject(new Error('no such city')), options)
  await broken(local.paidEvent(TOOL))
  const texts = () => written.flatMap(({ mock }) => mock.calls).join('\n')
  expect(texts()).toContain('no such city')
  written.forEach((one) => one.mockClear())

  const heard: unknown[] = []
  const listen = (line: unknown) => void heard.push(line)
  subscribe('agentcore-x402:log', listen)
  subscribe('agentcore-x402:event', listen)
  await broken(local.paidEvent(TOOL))
  unsubscribe('agentcore-x402:log', listen)
  unsubscribe('agentcore-x402:event', listen)
  expect(texts()).toBe('')
  expect(heard).toEqual([
    { level: 'debug', message: 'requiresPayment', details: {} },
    expect.objectContaining({ type: 'verified', credits: '1' }),
    {
      level: 'error',
      message: 'the handler failed',
      details: { tool: TOOL, error: new Error('no such city') },
    },
  ])
})

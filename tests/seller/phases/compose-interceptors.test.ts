import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { composeInterceptors, type InterceptorLike } from '../../../src/index.js'
import { TOOL, delivered, mcpOf, rawEvent, responseTo } from '../../support/doors.js'
import { intercept } from './support/phases.js'
import { takeInLog } from './support/printed-log.js'
import { contextWith, responseOf, stack, toolCall } from '../../support/seller.js'

type Fields = Record<string, unknown>
type Shape = 'mcp' | 'http'

const log = takeInLog()
const CALL = toolCall(TOOL)
const output = (left: Fields, shape: Shape = 'mcp') => ({
  interceptorOutputVersion: '1.0',
  [shape]: left,
})
const onRequest = (left: Fields, shape?: Shape) =>
  output({ transformedGatewayRequest: left }, shape)
const onResponse = (left: Fields, shape?: Shape) =>
  output({ transformedGatewayResponse: left }, shape)
const phaseOf = (event: unknown, shape: Shape = 'mcp') =>
  (event as Record<Shape, Fields>)[shape]['gatewayResponse'] === null ? 'request' : 'response'
/** The part of an event one interceptor was shown. */
const shownTo = (spy: jest.Mock<(event: unknown) => unknown>, part: string, shape: Shape = 'mcp') =>
  (spy.mock.lastCall?.[0] as Record<Shape, Fields>)[shape][part]
/** An interceptor that lets everything through as it is, and remembers what it saw. */
const watching = (left: (event: unknown) => unknown = () => output({})) =>
  jest.fn<(event: unknown) => unknown>(left)

const response = responseTo(rawEvent(CALL), delivered())
const http = (part: Fields) => ({
  interceptorInputVersion: '1.0',
  http: { gatewayResponse: null, ...part },
})
const HTTP_REQUEST = http({
  gatewayRequest: { path: '/a', httpMethod: 'POST', headers: { a: '1' }, body: 'e30=' },
})

test('requests run first to last, responses last to first, each awaited', async () => {
  const order: string[] = []
  const named = (name: string) => async (event: unknown) => {
    await Promise.resolve()
    order.push(`${phaseOf(event)} ${name}`)
    return output({})
  }
  const handle = composeInterceptors(named('a'), { handle: named('b') }, named('c'))
  await handle(rawEvent(CALL))
  await handle(response)
  expect(order).toEqual([
    'request a',
    'request b',
    'request c',
    'response c',
    'response b',
    'response a',
  ])
})

test('each sees the request as those before it left it, and all of it goes on', async () => {
  const body = { ...CALL, id: 9 }
  const last = watching(() => onRequest({ headers: { c: '3' } }))
  const middle = watching(() => onRequest({ body }))
  const handle = composeInterceptors(() => onRequest({ headers: { b: '2' } }), middle, last)
  const event = rawEvent(CALL, { a: '1' })
  expect(await handle(event)).toEqual(onRequest({ headers: { c: '3' }, body }))
  expect(shownTo(middle, 'gatewayRequest')).toEqual({
    path: '/mcp',
    httpMethod: 'POST',
    headers: { b: '2' },
    body: CALL,
  })
  expect(shownTo(last, 'gatewayRequest')).toMatchObject({ headers: { b: '2' }, body })
  expect(shownTo(last, 'rawGatewayRequest')).toEqual({ body: JSON.stringify(body) })
})

test('each sees the response as those before it left it, and all of it goes out', async () => {
  const body = { jsonrpc: '2.0', id: 1, result: {} }
  const first = watching()
  const handle = composeInterceptors(
    first,
    () => onResponse({ body }),
    () => onResponse({ statusCode: 201, headers: { x: 'y' } }),
  )
  expect(await handle(response)).toEqual(onResponse({ statusCode: 201, headers: { x: 'y' }, body }))
  expect(shownTo(first, 'gatewayResponse')).toEqual({ statusCode: 201, headers: { x: 'y' }, body })
  expect(shownTo(first, 'gatewayRequest')).toMatchObject({ body: CALL })
})

test('what is null or absent in an output stays as it was', async () => {
  const handle = composeInterceptors(
    () => onRequest({ headers: { a: '1' }, body: CALL }),
    () => onRequest({ headers: null, body: undefined }),
    () => output({ transformedGatewayRequest: null, transformedGatewayResponse: null }),
  )
  expect(await handle(rawEvent(CALL))).toEqual(onRequest({ headers: { a: '1' }, body: CALL }))
})

test.each<[string, unknown]>([
  ['a request', rawEvent(CALL, { a: '1' })],
  ['a response', response],
])('%s that everybody only watches goes on as it came', async (_, event) => {
  const { gatewayRequest, gatewayResponse } = (event as { mcp: Record<string, Fields> }).mcp
  for (const handle of [composeInterceptors(watching(), watching()), composeInterceptors()]) {
    const left = mcpOf(await handle(event)).mcp
    // An empty output is documented for HTTP targets only.
    const { transformedGatewayRequest: request, transformedGatewayResponse: answer } = left
    expect(answer ?? null).toEqual(gatewayResponse)
    if (answer === undefined) expect(request).toMatchObject({ body: gatewayRequest?.['body'] })
  }
})

test('who only watches gives the target no credentials', async () => {
  const headers = { a: '1', Authorization: 'AWS4-HMAC-SHA256 Signature=ab', host: 'a.example' }
  for (const handle of [composeInterceptors(watching()), composeInterceptors()]) {
    const left = JSON.stringify(await handle(rawEvent(CALL, headers)))
    expect(left).not.toMatch(/authorization|host/i)
  }
})

test('the first that answers a request ends it', async () => {
  const answer = { statusCode: 200, headers: {}, body: { jsonrpc: '2.0', id: 1, result: {} } }
  const last = watching()
  const both = { transformedGatewayRequest: { body: {} }, transformedGatewayResponse: answer }
  const handle = composeInterceptors(watching(), () => output(both), last)
  expect(await handle(rawEvent(CALL))).toMatchObject(onResponse(answer))
  expect(last).not.toHaveBeenCalled()
})

test('a response that was given before its end is seen by all', async () => {
  const spies = [watching(), watching(), watching()]
  await composeInterceptors(...spies)(response)
  expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1])
})

const fail = (): never => {
  throw new Error('hunter2')
}
const BROKEN: [string, InterceptorLike][] = [
  ['throws', fail],
  ['rejects', () => Promise.reject(new Error('hunter2'))],
  ['throws in its handle', { handle: fail }],
  ...[undefined, null, 'ok', 7, [], {}, { mcp: null }, { mcp: 'x' }, { mcp: [] }, { http: {} }].map(
    (value): [string, InterceptorLike] => [`answers ${JSON.stringify(value)}`, () => value],
  ),
]
const failed = (id: unknown) =>
  onResponse({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: { jsonrpc: '2.0', id, error: { code: -32603, message: 'Internal error' } },
  })

test.each(BROKEN)('one that %s ends the request with an error', async (_, broken) => {
  const last = watching()
  const handle = composeInterceptors(watching(), broken, last)
  expect(await handle(rawEvent(CALL))).toEqual(failed(1))
  expect(last).not.toHaveBeenCalled()
  expect(log.lines()).toEqual([expect.stringContaining('an interceptor failed')])
})

test.each(BROKEN)(
  'one that %s makes the response an error, which those further out see',
  async (_, broken) => {
    const outer = watching()
    expect(await composeInterceptors(outer, broken, watching())(response)).toEqual(failed(1))
    expect(shownTo(outer, 'gatewayResponse')).toMatchObject({ body: { error: { code: -32603 } } })
  },
)

test.each([0, '', 'a', null, undefined])('the error has the id %p of the request', async (id) => {
  const handle = composeInterceptors(fail)
  expect(await handle(rawEvent({ ...CALL, id }))).toEqual(failed(id ?? null))
})

test.each([
  undefined,
  null,
  'text',
  7,
  [],
  {},
  { mcp: null },
  { mcp: {} },
  { mcp: { gatewayRequest: 7 } },
])('an event that is %j is answered', async (event) => {
  expect(await composeInterceptors(fail)(event)).toEqual(failed(null))
  const local = await stack()
  const sold = mcpOf(await composeInterceptors(intercept(local), watching())(event))
  expect(responseOf(sold).body.error?.code).toBe(-32600)
  expect(sold.mcp.transformedGatewayRequest).toBeUndefined()
})

test('an interceptor keeps its this, and everybody gets the context', async () => {
  class Tagging {
    readonly #tag = 'mine'
    handle(_event: unknown, context?: Context) {
      return onRequest({ headers: { tag: this.#tag, name: context?.functionName } })
    }
  }
  const context = { ...contextWith(1), functionName: 'f' }
  const spy = jest.fn<(event: unknown, context: Context) => unknown>(() => output({}))
  const handle = composeInterceptors(new Tagging(), spy)
  expect(await handle(rawEvent(CALL), context)).toEqual(
    onRequest({ headers: { tag: 'mine', name: 'f' } }),
  )
  expect(spy.mock.lastCall?.[1]).toBe(context)
})

test('the event itself is left as it was', async () => {
  const event = rawEvent(CALL, { a: '1' })
  const before = structuredClone(event)
  const change = () => onRequest({ headers: {}, body: { jsonrpc: '2.0' } })
  await composeInterceptors(change, watching())(event)
  expect(event).toEqual(before)
})

test('HTTP targets are composed alike, with errors of their own', async () => {
  const last = watching(() => onRequest({ headers: { b: '2' } }, 'http'))
  const handle = composeInterceptors(() => onRequest({ body: 'W10=' }, 'http'), last)
  expect(await handle(HTTP_REQUEST)).toEqual(
    onRequest({ headers: { b: '2' }, body: 'W10=' }, 'http'),
  )
  expect(shownTo(last, 'gatewayRequest', 'http')).toEqual({
    path: '/a',
    httpMethod: 'POST',
    headers: { a: '1' },
    body: 'W10=',
  })
  expect(last.mock.lastCall?.[0]).not.toHaveProperty('http.rawGatewayRequest')
  const gatewayResponse = { statusCode: 200, headers: null, body: 'e30=', contentType: 'a/b' }
  const answered = http({ gatewayRequest: null, gatewayResponse })
  const outer = watching(() => output({}, 'http'))
  const changed = await composeInterceptors(outer, () => onResponse({ body: 'W10=' }, 'http'))(
    answered,
  )
  expect(changed).toEqual(onResponse({ body: 'W10=' }, 'http'))
  expect(shownTo(outer, 'gatewayResponse', 'http')).toEqual({ ...gatewayResponse, body: 'W10=' })
  for (const event of [HTTP_REQUEST, answered]) {
    const broken = await composeInterceptors(() => output({}))(event)
    expect(broken).toEqual(
      onResponse(
        {
          statusCode: 500,
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from('{"error":"Internal error"}').toString('base64'),
        },
        'http',
      ),
    )
  }
})

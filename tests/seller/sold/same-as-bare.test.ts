// A sold answer is the bare answer and its receipt: real servers, bare and sold, in every event that has a response.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import middy from '@middy/core'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { PaidHandler } from '../../../src/index.js'
import {
  FUNCTION_URL,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LOAD_BALANCERS,
  REST_API,
  type Door,
} from '../../support/events.js'
import { sell, stack } from '../../support/seller.js'
import { viewOf, withoutReceipts } from './support/client-view.js'

interface Given {
  status: number
  headers: [string, string][]
  cookies: string[]
  body: Buffer
  coding: '' | 'gzip' | 'br'
}

const PACK = { '': (it: Buffer) => it, gzip: gzipSync, br: brotliCompressSync }

const NAMES = ['x-one', 'X-Two', 'content-language', 'Location', 'ETag', 'vary', 'link', 'x-empty']
const TYPES = [
  'text/html',
  'image/png',
  'application/json',
  'text/event-stream',
  'text/plain; charset=utf-8',
]
const headerValue = fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/)

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((it) => Buffer.from(it)),
  fc.string({ unit: 'grapheme', maxLength: 24 }).map((it) => Buffer.from(it)),
  fc.json().map((it) => Buffer.from(it)),
  fc
    .constantFrom('', 'data: {"a":1}\n\ndata: {"b": 2}\n\n', '{"id": 725653563933458433}')
    .map((it) => Buffer.from(it)),
)

const given: fc.Arbitrary<Given> = fc.record({
  status: fc.constantFrom(200, 200, 201, 202, 204, 301, 302, 304, 400, 401, 404, 409, 500, 503),
  headers: fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), headerValue), {
        maxLength: 4,
        selector: ([name]) => name,
      }),
      fc.tuple(
        fc.constantFrom('content-type', 'Content-Type', 'CONTENT-TYPE'),
        fc.constantFrom(...TYPES),
      ),
      fc.boolean(),
    )
    .map(([some, type, isTyped]) => (isTyped ? [...some, type] : some)),
  cookies: fc.uniqueArray(
    fc.constantFrom('a=1; Path=/', 'b=2; HttpOnly', 'c=3; Expires=Wed, 21 Oct 2026 07:28:00 GMT'),
    { maxLength: 2 },
  ),
  body: bytes,
  coding: fc.constantFrom('', '', 'gzip', 'br'),
})

const hasBody = (status: number): boolean => status !== 204 && status !== 304

/** What the server answers next. */
type Serve = (it: Given) => (event: never, context: never) => unknown

function packed({ status, body, coding, headers }: Given): {
  body: Buffer
  headers: [string, string][]
} {
  if (!hasBody(status) || coding === '')
    return { body: hasBody(status) ? body : Buffer.alloc(0), headers }
  return { body: PACK[coding](body), headers: [...headers, ['content-encoding', coding]] }
}

const hono: Serve = (it) => {
  const app = new Hono()
  const { body, headers } = packed(it)
  app.all('*', () => {
    const all = new Headers(headers)
    for (const cookie of it.cookies) all.append('set-cookie', cookie)
    return new Response(hasBody(it.status) ? new Uint8Array(body) : null, {
      status: it.status,
      headers: all,
    })
  })
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is not published yet
  return handle(app)
}

/** Headers in the form that a platform reads. */
const formsOf = (door: Door, it: Given, headers: [string, string][]): object => {
  const single = Object.fromEntries(headers)
  const lists = Object.fromEntries(headers.map(([name, value]) => [name, [value]]))
  const setCookie = { 'Set-Cookie': it.cookies }
  if (door === LOAD_BALANCERS[1]) return { multiValueHeaders: { ...lists, ...setCookie } }
  if (door === REST_API) return { headers: single, multiValueHeaders: setCookie }
  if (door === FUNCTION_URL || door.name.includes('HTTP API')) {
    return { headers: single, cookies: it.cookies }
  }
  return { headers: single }
}

const plain =
  (door: Door): Serve =>
  (it) =>
  () => {
    const { body, headers } = packed(it)
    const forms = formsOf(door, it, headers)
    if (door === GATEWAY_HTTP) {
      const response = { statusCode: it.status, ...forms, body: body.toString('base64') }
      const version = { interceptorOutputVersion: '1.0' }
      return { ...version, http: { transformedGatewayResponse: response } }
    }
    const isText =
      it.coding === '' &&
      body.toString('utf8') === String(body) &&
      Buffer.from(body.toString()).equals(body)
    return {
      statusCode: it.status,
      ...(LOAD_BALANCERS.includes(door) && { statusDescription: `${it.status} As it is` }),
      ...forms,
      ...(isText
        ? { body: body.toString() }
        : { body: body.toString('base64'), isBase64Encoded: true }),
    }
  }

const inMiddy =
  (door: Door): Serve =>
  (it) =>
    middy()
      .after((request) => {
        const response = request.response as { headers?: object }
        if (response.headers) response.headers = { ...response.headers, 'x-middy': 'after' }
      })
      .handler(plain(door)(it) as never) as never

const DOORS = [...new Map(HTTP_EVENTS.map((door) => [door.name, door])).values()].filter(
  ({ name }) => !name.includes('base64'),
)

const CASES: [string, Door, Serve][] = DOORS.flatMap((door): [string, Door, Serve][] => [
  [`Hono behind ${door.name}`, door, hono],
  [`middy behind ${door.name}`, door, inMiddy(door)],
  [`a plain handler behind ${door.name}`, door, plain(door)],
])
CASES.push(['a plain handler before HTTP targets', GATEWAY_HTTP, plain(GATEWAY_HTTP)])

const copy = (event: unknown): never => structuredClone(event) as never

test.each(CASES)('%s answers the same, sold or bare', async (_, door, serve) => {
  const local = await stack()
  const options = { ...door.options, httpEvents: 'http', httpTargets: 'http' } as never
  const free = {
    ...(options as object),
    tools: { '/': 'free', '/mcp': 'free', '/files/mcp': 'free' },
  } as never
  await fc.assert(
    fc.asyncProperty(given, async (it) => {
      const handler = serve(it)
      const context = door.context({})
      const bareEvent = door.event({ method: 'GET' })
      const bare = viewOf(door, await handler(copy(bareEvent), context as never))
      const freely = await sell(
        local,
        handler as unknown as PaidHandler,
        free,
      )(copy(bareEvent), context)
      expect(viewOf(door, freely)).toEqual(bare)
      const event = door.event({ method: 'GET', token: local.accessToken() })
      const paid = viewOf(
        door,
        await sell(local, handler as unknown as PaidHandler, options)(event, context),
      )
      expect(withoutReceipts(paid)).toEqual(bare)
      const isSold = it.status < 400
      expect(Object.keys(paid.headers).includes('payment-response')).toBe(isSold)
      if (!isSold) expect(paid).toEqual(bare)
    }),
    { numRuns: 60 },
  )
})

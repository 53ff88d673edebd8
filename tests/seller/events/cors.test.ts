import { expect, test } from '@jest/globals'
import { createInterceptor, requiresPayment, type CorsOptions } from '../../../src/index.js'
import {
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  type Door,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { hello, recordingLogger, sell, stack, toolCall } from '../../support/seller.js'
import { interceptorOptions } from '../phases/support/phases.js'

// What a browser asks and reads when a page of another origin buys.

const PAGE = 'https://page.example'
const PREFLIGHT = {
  origin: PAGE,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type,payment-signature',
}
const EXPOSED = ['payment-required', 'payment-response', 'x-payment-response', 'x-refund-due']
const DOORS = HTTP_EVENTS.map((door) => ({ door, name: door.name }))

function listed(value: string | undefined): string[] {
  return (value ?? '').split(',').map((one) => one.trim().toLowerCase())
}

/** What a seller with these options answers. */
async function ask(door: Door, sent: object, options: object = {}, handler: unknown = hello) {
  const local = await stack()
  const handle = sell(local, handler as typeof hello, { ...door.options, ...options })
  const given = { ...sent, ...('pay' in sent && { token: local.accessToken() }) }
  const output: unknown = await handle(door.event(given), door.context(given))
  return { local, output, ...door.said(output) }
}

/** A handler that answers like a small web service, with what it was asked for. */
const service = (headers: Record<string, string> = {}) => {
  const seen: Record<string, unknown>[] = []
  const handler = (event: Record<string, unknown>) => {
    seen.push(event)
    return { statusCode: 200, headers, body: JSON.stringify({ content: 'Hello!' }) }
  }
  return { seen, handler }
}

test.each(DOORS)('with the option, a preflight passes unpaid through $name', async ({ door }) => {
  const { seen, handler } = service()
  for (const httpEvents of ['http', 'mcp']) {
    const sent = { method: 'OPTIONS', headers: PREFLIGHT }
    const { status, headers, local } = await ask(door, sent, { cors: true, httpEvents }, handler)
    expect([status, headers['access-control-allow-origin']]).toEqual([204, '*'])
    const allowed = listed(headers['access-control-allow-headers'])
    expect(allowed).toEqual(
      expect.arrayContaining([
        ...['content-type', 'payment-signature', 'x-payment', 'authorization'],
        ...['mcp-protocol-version', 'access-control-expose-headers'],
      ]),
    )
    expect(listed(headers['access-control-allow-methods'])).toContain('post')
    expect(headers['access-control-max-age']).toBe('600')
    expect(local.calls).toEqual([])
  }
  expect(seen).toEqual([])
})

test.each(DOORS)(
  'with the option, pages read a challenge and a receipt of $name',
  async ({ door }) => {
    const sent = { body: toolCall(TOOL), headers: { origin: PAGE } }
    for (const pay of [{}, { pay: true }]) {
      const { headers } = await ask(door, { ...sent, ...pay }, { cors: true })
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(listed(headers['access-control-expose-headers'])).toEqual(
        expect.arrayContaining(EXPOSED),
      )
      const name = 'pay' in pay ? 'payment-response' : 'payment-required'
      expect(headers[name]).toBeDefined()
    }
  },
)

test.each([GATEWAY, GATEWAY_HTTP].map((door) => ({ door, name: door.name })))(
  'with the option, pages read a challenge of an interceptor: $name',
  async ({ door }) => {
    const options = interceptorOptions(await stack(), { ...door.options, cors: true })
    const sent = { body: toolCall(TOOL), headers: { origin: PAGE } }
    const output = await createInterceptor(options).handle(door.event(sent), door.context(sent))
    const { headers } = door.said(output)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['payment-required']).toBeDefined()
  },
)

test.each(DOORS)(
  'without the option, the handler answers a preflight of $name',
  async ({ door }) => {
    const own = { 'Access-Control-Allow-Origin': PAGE, 'X-Own': 'yes' }
    for (const httpEvents of ['http', 'mcp']) {
      const { seen, handler } = service(own)
      const sent = { method: 'OPTIONS', headers: PREFLIGHT, body: 'unasked', token: 'secret' }
      const { status, headers, message, output } = await ask(door, sent, { httpEvents }, handler)
      expect([status, headers['access-control-allow-origin'], headers['x-own']]).toEqual([
        ...[200, PAGE, 'yes'],
      ])
      // Who sends such a request by hand gets nothing that is sold.
      expect(message).toBeUndefined()
      expect(JSON.stringify(output)).not.toContain('Hello!')
      expect(JSON.stringify(seen)).not.toMatch(/unasked|secret/)
      expect(seen).toHaveLength(1)
    }
  },
)

test('OPTIONS without what a browser says in a preflight is a call like any other', async () => {
  const { origin, ...noOrigin } = PREFLIGHT
  for (const headers of [{}, { origin }, noOrigin]) {
    const { seen, handler } = service()
    const sent = { method: 'OPTIONS', headers }
    expect((await ask(FUNCTION_URL, sent, { httpEvents: 'http' }, handler)).status).toBe(402)
    expect((await ask(FUNCTION_URL, sent, {}, handler)).status).toBe(405)
    expect(seen).toEqual([])
  }
})

test('a handler that allows no page is told of the option, once', async () => {
  const logger = recordingLogger()
  const local = await stack()
  const handle = sell(local, hello, { logger })
  const sent = { method: 'OPTIONS', headers: PREFLIGHT }
  for (let i = 0; i < 3; i++) await handle(FUNCTION_URL.event(sent), FUNCTION_URL.context(sent))
  expect(logger.lines.filter(({ message }) => message.includes('option cors'))).toHaveLength(1)
})

test.each(DOORS)(
  'a handler of $name that speaks of origins has the last word',
  async ({ door }) => {
    const own = { 'access-control-allow-origin': PAGE, 'access-control-expose-headers': 'x-own' }
    const { handler } = service(own)
    const sent = { headers: { origin: PAGE }, pay: true, body: 'anything' }
    for (const options of [{}, { cors: true }]) {
      const given = { httpEvents: 'http', ...options }
      const { headers } = await ask(door, sent, given, handler)
      expect(headers['access-control-allow-origin']).toBe(PAGE)
      expect(listed(headers['access-control-expose-headers'])).toEqual([
        'x-own',
        'payment-response',
      ])
    }
  },
)

test('only pages of the origins that are listed may buy', async () => {
  const cors: CorsOptions = {
    origins: [PAGE, 'http://localhost:3000'],
    ...{ allowHeaders: ['X-Trace'], exposeHeaders: ['X-Own'] },
    ...{ allowCredentials: true, maxAgeSeconds: 60 },
  }
  const options = { cors, httpEvents: 'http' }
  const at = (origin: string, method: string) =>
    ask(FUNCTION_URL, { method, headers: { ...PREFLIGHT, origin } }, options)
  for (const origin of [PAGE, 'http://localhost:3000']) {
    const { headers } = await at(origin, 'OPTIONS')
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
      vary: 'Origin',
    })
    expect(listed(headers['access-control-allow-headers'])).toContain('x-trace')
    const refused = await at(origin, 'GET')
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([402, origin])
    expect(listed(refused.headers['access-control-expose-headers'])).toContain('x-own')
  }
  for (const origin of ['https://other.example', `${PAGE}.evil.example`, 'null']) {
    for (const method of ['OPTIONS', 'GET']) {
      const { headers } = await at(origin, method)
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(headers['vary']).toBe('Origin')
    }
  }
})

test('callers that are no pages are told nothing of origins', async () => {
  const { headers } = await ask(FUNCTION_URL, { body: toolCall(TOOL) }, { cors: true })
  expect(JSON.stringify(headers)).not.toMatch(/access-control|vary/)
})

test.each([
  ['cors', false],
  ['cors', 'https://page.example'],
  ['origin', { origin: PAGE }],
  ['cors.origins', { origins: PAGE }],
  ['cors.origins', { origins: [] }],
  ['cors.origins', { origins: [`${PAGE}/`] }],
  ['cors.origins', { origins: ['page.example'] }],
  ['cors.origins', { origins: ['*'] }],
  ['cors.origins', { allowCredentials: true }],
  ['cors.allowHeaders', { allowHeaders: ['x y'] }],
  ['cors.exposeHeaders', { exposeHeaders: ['*'] }],
  ['cors.allowCredentials', { allowCredentials: 'yes' }],
  ['cors.maxAgeSeconds', { maxAgeSeconds: 86_401 }],
  ['cors.maxAgeSeconds', { maxAgeSeconds: 0.5 }],
])('%s as %j is refused at once', async (option, cors) => {
  const options = interceptorOptions(await stack(), { cors })
  expect(() => requiresPayment(hello, options)).toThrow(
    expect.objectContaining({ name: 'OptionsError', option }),
  )
})

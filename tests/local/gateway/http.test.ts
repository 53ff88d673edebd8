import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { GatewayInterceptor, GatewayOptions, LambdaHandler } from '../../../src/local/index.js'
import { events, GENERIC, started } from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'

interface Got {
  method: string | undefined
  url: string | undefined
  headers: http.IncomingHttpHeaders
  body: string
}

/** An HTTP server that answers what `reply` says, and keeps what it got. */
async function startServer(reply: (got: Got, response: http.ServerResponse) => void) {
  const got: Got[] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() }
      got.push(one)
      reply(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  started.add({ close })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

const OK = (_got: Got, response: http.ServerResponse) => {
  response.writeHead(201, {
    'content-type': 'text/plain',
    'x-reply': 'r',
    'set-cookie': ['a=1', 'b=2'],
  })
  response.end('hello')
}

async function gatewayFor(base: string, more: Partial<GatewayOptions> = {}) {
  return started.gateway({ targets: [{ name: 'api', http: base }], ...more })
}

const http_ = (members: object) => () => ({ interceptorOutputVersion: '1.0', http: members })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const withHeaders = (lambda: LambdaHandler): GatewayInterceptor => ({
  lambda,
  passRequestHeaders: true,
})

test('any method and path goes to the base URL, and the answer comes back', async () => {
  const { url, got } = await startServer(OK)
  const gateway = await gatewayFor(`${url}/base/`)
  const response = await fetch(`${gateway.url}/api/deep/path?q=1&q=2`, {
    method: 'PUT',
    body: 'in',
  })
  expect([response.status, await response.text()]).toEqual([201, 'hello'])
  expect(response.headers.get('content-type')).toBe('text/plain')
  expect(response.headers.get('x-reply')).toBe('r')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(got).toMatchObject([{ method: 'PUT', url: '/base/deep/path?q=1&q=2', body: 'in' }])
  const head = await fetch(`${gateway.url}/api`)
  expect(head.status).toBe(201)
  expect(got[1]).toMatchObject({ method: 'GET', url: '/base', body: '' })
})

test.each(['/', '/other/x', '/mcp', '/apix', '/api/../other'])('%s is no target', async (path) => {
  const { url, got } = await startServer(OK)
  const gateway = await gatewayFor(url)
  expect((await fetch(`${gateway.url}${path}`)).status).toBe(404)
  expect(got).toEqual([])
})

test('both events have the documented form, bodies in base64', async () => {
  const { url } = await startServer(OK)
  const contexts: unknown[] = []
  const lambda: LambdaHandler = (_event, context: Context) => {
    contexts.push(context.clientContext)
    return { interceptorOutputVersion: '1.0', http: {} }
  }
  const gateway = await gatewayFor(url, {
    requestInterceptor: withHeaders(lambda),
    responseInterceptor: { lambda },
  })
  const headers = { 'x-own': 'yes', 'content-type': 'application/json' }
  const answer = await fetch(`${gateway.url}/api/run?x=1`, { method: 'POST', headers, body: '{é}' })
  expect([answer.status, await answer.text()]).toEqual([201, 'hello'])
  expect(events(gateway.invocations, 'REQUEST')).toEqual([
    {
      interceptorInputVersion: '1.0',
      http: {
        gatewayRequest: {
          path: '/api/run',
          httpMethod: 'POST',
          headers: expect.objectContaining(headers),
          body: base64('{é}'),
        },
      },
    },
  ])
  expect(events(gateway.invocations, 'RESPONSE')).toEqual([
    {
      interceptorInputVersion: '1.0',
      http: {
        gatewayRequest: null,
        gatewayResponse: {
          statusCode: 201,
          headers: null,
          body: base64('hello'),
          contentType: 'text/plain',
        },
      },
    },
  ])
  const custom = {
    GATEWAY_ARN: expect.stringMatching(/^arn:aws:bedrock-agentcore:.*:gateway\/local-/),
    GATEWAY_ACCOUNT_ID: '000000000000',
    REQUEST_ID: expect.any(String),
    SOURCE_IP: '127.0.0.1',
  }
  expect(contexts).toEqual([{ custom }, { custom }])
  expect(contexts[0]).toEqual(contexts[1])
})

test('what AWS leaves open of a RESPONSE event can be there instead', async () => {
  const { url } = await startServer(OK)
  const gateway = await gatewayFor(url, {
    responseInterceptor: { lambda: http_({}) },
    assume: { httpGatewayRequest: 'present', httpResponseHeaders: 'present', headerCase: 'title' },
  })
  await fetch(`${gateway.url}/api/x`)
  expect(events(gateway.invocations, 'RESPONSE')).toMatchObject([
    {
      http: {
        gatewayRequest: { path: '/api/x', httpMethod: 'GET', body: '' },
        gatewayResponse: { headers: { 'X-Reply': 'r' } },
      },
    },
  ])
})

test('a filter leaves the body out of the event, and null keeps it in the answer', async () => {
  const { url } = await startServer(OK)
  const gateway = await gatewayFor(url, {
    responseInterceptor: {
      lambda: http_({ transformedGatewayResponse: { statusCode: 202, body: null } }),
      payloadFilter: { exclude: [{ field: 'RESPONSE_BODY' }] },
    },
  })
  const answer = await fetch(`${gateway.url}/api/x`)
  expect([answer.status, await answer.text()]).toEqual([202, 'hello'])
  expect(events(gateway.invocations, 'RESPONSE')).toMatchObject([
    { http: { gatewayResponse: { body: null, statusCode: 201 } } },
  ])
})

test('interceptors change request and answer', async () => {
  const { url, got } = await startServer(OK)
  const request = { headers: { 'Content-Type': 'text/x', 'X-Spike': 'no', Authorization: 'A' } }
  const gateway = await gatewayFor(url, {
    requestInterceptor: {
      lambda: http_({ transformedGatewayRequest: { ...request, body: base64('new') } }),
    },
    responseInterceptor: {
      lambda: http_({
        transformedGatewayResponse: {
          statusCode: 200,
          headers: { 'X-Set': 's' },
          body: base64('other'),
          contentType: 'application/x',
        },
      }),
    },
  })
  const answer = await fetch(`${gateway.url}/api/x`, { method: 'POST', body: 'old' })
  expect([answer.status, await answer.text()]).toEqual([200, 'other'])
  expect(answer.headers.get('content-type')).toBe('application/x')
  expect(answer.headers.get('x-set')).toBe('s')
  expect(answer.headers.get('x-reply')).toBe('r')
  expect(got[0]).toMatchObject({
    body: 'new',
    headers: { 'content-type': 'text/x', authorization: 'A' },
  })
  expect(got[0]?.headers).not.toHaveProperty('x-spike')
})

test('after a short circuit neither the target nor RESPONSE is called', async () => {
  const { url, got } = await startServer(OK)
  const refused = {
    statusCode: 402,
    contentType: 'application/json',
    headers: { 'payment-required': 'x' },
    body: base64('{}'),
  }
  const gateway = await gatewayFor(url, {
    requestInterceptor: { lambda: http_({ transformedGatewayResponse: refused }) },
    responseInterceptor: { lambda: http_({}) },
  })
  const answer = await fetch(`${gateway.url}/api/x`)
  expect([answer.status, await answer.text()]).toEqual([402, '{}'])
  expect(answer.headers.get('payment-required')).toBe('x')
  expect(got).toEqual([])
  expect(gateway.invocations.map(({ kind }) => kind)).toEqual(['REQUEST'])
})

const FAILING: [string, LambdaHandler][] = [
  ['throws', () => Promise.reject(new Error('no'))],
  ['answers in the form of MCP targets', () => ({ interceptorOutputVersion: '1.0', mcp: {} })],
  [
    'answers with plain text as its body',
    http_({ transformedGatewayResponse: { body: 'plain!' } }),
  ],
  ['answers with an object as its body', http_({ transformedGatewayResponse: { body: {} } })],
]

test.each(FAILING)(
  'an interceptor that %s fails the request, or is ignored',
  async (_title, lambda) => {
    const { url } = await startServer(OK)
    for (const point of ['requestInterceptor', 'responseInterceptor'] as const) {
      const closed = await gatewayFor(url, { [point]: { lambda } })
      const failed = await fetch(`${closed.url}/api/x`)
      expect([failed.status, await failed.json()]).toEqual([500, { message: GENERIC }])
      const open = await gatewayFor(url, {
        [point]: { lambda },
        assume: { interceptorFailure: 'open' },
      })
      expect((await fetch(`${open.url}/api/x`)).status).toBe(201)
    }
  },
)

test('only headers on the list reach the target, and those a request cannot do without', async () => {
  const { url, got } = await startServer(OK)
  const { url: gateway } = await started.gateway({
    targets: [{ name: 'api', http: url, allowedRequestHeaders: ['Payment-Signature'] }],
  })
  const headers = {
    'payment-signature': 'p',
    'x-other': 'o',
    authorization: 'Bearer client',
    cookie: 'c=1',
    accept: 'text/x',
    'content-type': 'text/y',
  }
  await fetch(`${gateway}/api/x`, { method: 'POST', headers, body: 'b' })
  expect(got[0]?.headers).toEqual({
    host: expect.any(String),
    'payment-signature': 'p',
    accept: 'text/x',
    'content-type': 'text/y',
    'content-length': '1',
    connection: 'close',
  })
})

test('a target that is not there fails the request', async () => {
  const gateway = await gatewayFor('http://127.0.0.1:9')
  const answer = await fetch(`${gateway.url}/api/x`)
  expect([answer.status, await answer.json()]).toEqual([500, { message: GENERIC }])
})

test.each([
  ['without interceptors', {}],
  [
    'with interceptors',
    { requestInterceptor: { lambda: http_({}) }, responseInterceptor: { lambda: http_({}) } },
  ],
])('an MCP client talks to a server behind an HTTP target %s', async (_title, interceptors) => {
  const server = started.add(await startMcpServer())
  const gateway = await started.gateway({
    targets: [{ name: 'srv', http: server.url.replace('/mcp', '') }],
    ...interceptors,
  })
  const client = await started.client(`${gateway.url}/srv/mcp`)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain('count')
  await client.callTool({ name: 'count' })
  const { content } = await client.callTool({ name: 'count' })
  expect(content).toEqual([{ type: 'text', text: '2' }])
  const transport = client.transport as { terminateSession?: () => Promise<void> }
  await transport.terminateSession?.()
  expect(server.sessions()).toEqual([])
  expect(server.requests.map(({ method }) => method)).toEqual(
    expect.arrayContaining(['POST', 'GET', 'DELETE']),
  )
})

test('without a RESPONSE interceptor a server behind an HTTP target can ask its user', async () => {
  const server = started.add(await startMcpServer())
  const gateway = await started.gateway({
    targets: [{ name: 'srv', http: server.url.replace('/mcp', '') }],
    requestInterceptor: { lambda: http_({}) },
  })
  const client = await started.client(`${gateway.url}/srv/mcp`, {
    capabilities: { elicitation: {} },
  })
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }))
  const { content } = await client.callTool({ name: 'ask' })
  expect(content).toEqual([{ type: 'text', text: '{"action":"decline"}' }])
})

const STREAM = (got: Got, response: http.ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  if (got.method === 'POST') response.end('data: 2\n\n')
}

test('a stream that answers a POST is whole for a RESPONSE interceptor', async () => {
  const { url } = await startServer(STREAM)
  const body = base64('data: 3\n\n')
  const lambda = http_({ transformedGatewayResponse: { body } })
  const gateway = await gatewayFor(url, { responseInterceptor: { lambda } })
  const answer = await fetch(`${gateway.url}/api/x`, { method: 'POST' })
  expect(await answer.text()).toBe('data: 3\n\n')
  expect(events(gateway.invocations, 'RESPONSE')).toMatchObject([
    { http: { gatewayResponse: { body: base64('data: 1\n\ndata: 2\n\n') } } },
  ])
})

test('a stream that answers a GET may never end, and goes by the RESPONSE interceptor', async () => {
  const { url } = await startServer(STREAM)
  const gateway = await gatewayFor(url, { responseInterceptor: { lambda: http_({}) } })
  const gone = new AbortController()
  const answer = await fetch(`${gateway.url}/api/x`, { signal: gone.signal })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect(await reader?.read()).toEqual({ done: false, value: 'data: 1\n\n' })
  expect(events(gateway.invocations, 'RESPONSE')).toEqual([])
  gone.abort()
})

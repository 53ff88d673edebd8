import http from 'node:http'
import { expect, test } from '@jest/globals'
import { createGateway } from '../../../src/local/gateway/index.js'
import type { GatewayOptions } from '../../../src/local/index.js'
import { call, post, rpc, started, textResult, tool } from '../support/gateway.js'
import type { AddressInfo } from 'node:net'

const OPTIONS: GatewayOptions = {
  targets: [{ name: 'shop', lambda: () => 1, tools: [tool('echo')] }],
}

/** `fetch` may not set Host. */
function status(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers }
    const request = http.request(url, { method: 'POST', headers: all }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.once('error', reject)
    request.end(JSON.stringify(rpc('ping')))
  })
}

test.each([
  [{ host: 'evil.example' }, 403],
  [{ host: 'evil.example:80' }, 403],
  [{ host: '127.0.0.1.evil.example' }, 403],
  [{ host: 'localhost@evil.example' }, 403],
  [{ host: 'localhost:1' }, 200],
  [{ host: '[::1]:1' }, 200],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://localhost:5173' }, 200],
])('a request with %j is answered %d', async (headers, expected) => {
  const { url } = await started.gateway(OPTIONS)
  expect(await status(url, headers)).toBe(expected)
})

test('nothing outside this machine can connect', async () => {
  const gateway = await started.gateway(OPTIONS)
  expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}/mcp`)
  const elsewhere = http.request({ host: '127.0.0.2', port: gateway.port })
  const error = await new Promise((resolve) => elsewhere.once('error', resolve))
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a port that is taken is an error', async () => {
  const { port } = await started.gateway(OPTIONS)
  await expect(started.gateway({ ...OPTIONS, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('only POST is served without sessions, and DELETE with them', async () => {
  const plain = await started.gateway(OPTIONS)
  for (const method of ['GET', 'DELETE', 'PUT', 'OPTIONS']) {
    const response = await fetch(plain.url, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  }
  const keeping = await started.gateway({ ...OPTIONS, sessions: true })
  const response = await fetch(keeping.url)
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
})

test('other paths are not found', async () => {
  const { port } = await started.gateway(OPTIONS)
  for (const path of ['/', '/mcp/', '/shop/echo']) {
    expect((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })).status).toBe(404)
  }
})

test.each(['text/plain', 'application/jsonx', ''])(
  'the content type %p is refused',
  async (type) => {
    const { url } = await started.gateway(OPTIONS)
    expect((await post(url, rpc('ping'), { 'content-type': type })).status).toBe(415)
  },
)

test('a content type may have parameters', async () => {
  const { url } = await started.gateway(OPTIONS)
  const type = { 'content-type': 'application/json; charset=utf-8' }
  expect((await post(url, rpc('ping'), type)).status).toBe(200)
})

test('a body of more than 6 MB is refused', async () => {
  const { url } = await started.gateway(OPTIONS)
  const { status } = await post(url, call('shop___echo', { x: 'x'.repeat(6 * 1024 * 1024) }))
  expect(status).toBe(413)
})

test.each([
  ['no JSON', '{"jsonrpc"', -32700],
  ['null', 'null', -32600],
  ['a string', '"tools/list"', -32600],
  ['an object of another kind', '{"a":1}', -32600],
  ['a request whose id is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
  ['a request whose id is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
  ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
])('%s is refused', async (_title, text, code) => {
  const { url } = await started.gateway(OPTIONS)
  const { status, body } = await post(url, text)
  expect(status).toBe(400)
  expect(body).toMatchObject({ jsonrpc: '2.0', error: { code } })
})

test.each([0, '', -1, 'a', 1.5])('the id %p comes back as it is', async (id) => {
  const { url } = await started.gateway(OPTIONS)
  const { body } = await post(url, rpc('ping', {}, id))
  expect(body).toEqual({ jsonrpc: '2.0', id, result: {} })
})

test('initialize answers with the version asked for, else the newest', async () => {
  const supported = ['2025-03-26', '2025-06-18']
  const { url } = await started.gateway({ ...OPTIONS, protocolVersions: supported })
  const agreed = async (protocolVersion: unknown) =>
    (await post(url, rpc('initialize', { protocolVersion }))).body
  expect(await agreed('2025-03-26')).toMatchObject({ result: { protocolVersion: '2025-03-26' } })
  expect(await agreed('2025-11-25')).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: { listChanged: false } },
      serverInfo: { name: 'agentcore-gateway', version: '1.0.0' },
    },
  })
})

test('a version that is not served is refused, and the header may be left out', async () => {
  const { url } = await started.gateway({ ...OPTIONS, protocolVersions: ['2025-06-18'] })
  expect((await post(url, rpc('ping'))).status).toBe(200)
  const { status, body } = await post(url, rpc('ping'), { 'mcp-protocol-version': '2025-11-25' })
  expect(status).toBe(400)
  expect(body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: {
      code: -32022,
      message: 'Unsupported protocol version: 2025-11-25',
      data: { supported: ['2025-06-18'], requested: '2025-11-25' },
    },
  })
})

test('a gateway that is only stateless tells older clients so', async () => {
  const { url } = await started.gateway({ ...OPTIONS, protocolVersions: ['2026-07-28'] })
  for (const body of [rpc('initialize', { protocolVersion: '2025-06-18' }), rpc('ping')]) {
    const answer = await post(url, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      error: { code: -32022, data: { supported: ['2026-07-28'] } },
    })
  }
})

const HELLO = rpc('initialize', { protocolVersion: '2025-06-18', capabilities: {} })

test('a gateway with sessions wants one, and one it knows', async () => {
  const { url } = await started.gateway({ ...OPTIONS, sessions: true })
  const hello = await post(url, HELLO)
  const id = hello.headers.get('mcp-session-id') ?? ''
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  const message = async (headers?: Record<string, string>) => {
    const { status, body } = await post(url, rpc('ping'), headers)
    return [status, (body as { error?: { message: string } }).error?.message]
  }
  expect(await message()).toEqual([400, 'Missing required Mcp-Session-Id header'])
  expect(await message({ 'mcp-session-id': 'x' })).toEqual([404, 'Session not found or expired'])
  expect(await message({ 'mcp-session-id': id })).toEqual([200, undefined])
  const ended = await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': id } })
  expect(ended.status).toBe(200)
  expect(await message({ 'mcp-session-id': id })).toEqual([404, 'Session not found or expired'])
  const again = await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': id } })
  expect(again.status).toBe(404)
})

test('a session ends at its time, whatever happens in it', async () => {
  let now = 0
  const sessions = { timeoutSeconds: 900 }
  const { url } = await started.gateway({ ...OPTIONS, sessions, now: () => now })
  const id = (await post(url, HELLO)).headers.get('mcp-session-id') ?? ''
  const ping = async () => (await post(url, rpc('ping'), { 'mcp-session-id': id })).status
  now = 899_999
  expect(await ping()).toBe(200)
  now = 900_000
  expect(await ping()).toBe(404)
})

test('a gateway without sessions gives none and minds none', async () => {
  const { url } = await started.gateway(OPTIONS)
  expect((await post(url, HELLO)).headers.get('mcp-session-id')).toBeNull()
  expect((await post(url, rpc('ping'), { 'mcp-session-id': 'x' })).status).toBe(200)
})

test('a gateway can be mounted in a server that is there already', async () => {
  const gateway = started.add(createGateway(OPTIONS))
  const server = http.createServer((request, response) => {
    if (request.url === '/mcp') return void gateway.handle(request, response)
    response.end('mine')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => server.close(resolve))
  started.add({ close })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect((await post(`${base}/mcp`, call('shop___echo'))).body).toMatchObject({
    result: textResult('1'),
  })
  expect((await post(`${base}/other`, {})).body).toBe('mine')
  server.closeAllConnections()
})

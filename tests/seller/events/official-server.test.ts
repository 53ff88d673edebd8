import { afterAll, expect, test } from '@jest/globals'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { HttpResponse, PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { functionUrl } from '../../local/support/function-url.js'
import { startMcpServer } from '../../local/support/mcp-server.js'
import { amounts } from '../../support/recorded.js'
import { sell, stack } from '../../support/seller.js'

const closing: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

type Compress = (text: string) => Buffer

/** What a Function URL brings. */
interface UrlEvent {
  headers: Record<string, string>
  body: string
}

const result = (text: string, more: object = {}): CallToolResult => ({
  content: [{ type: 'text', text }],
  ...more,
})

/** A tool for each way an answer can be charged, and what is not sold. */
function createServer(): McpServer {
  const server = new McpServer(
    { name: 'shop', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  server.registerTool('hello', {}, () => result('Hello!'))
  server.registerTool('fails', {}, () => result('No such city', { isError: true }))
  server.registerTool('throws', {}, () => Promise.reject(new Error('no')))
  server.registerTool('dear', {}, () => result('Dear!', { _meta: { creditsToCharge: 5 } }))
  server.registerTool('gift', {}, () => result('Gift!', { _meta: { creditsToCharge: 0 } }))
  server.registerTool('noisy', {}, async (extra) => {
    const progressToken = extra._meta?.progressToken
    if (progressToken === undefined) return result('quiet')
    const params = { progressToken, progress: 1 }
    await extra.sendNotification({ method: 'notifications/progress', params })
    return result('noisy')
  })
  server.registerPrompt('secret', {}, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'SECRET' } }],
  }))
  return server
}

/** The official server as a Lambda's handler, a server for each request. */
function officialHandler(
  json: boolean,
  compress?: [string, Compress],
): PaidHandler<never, UrlEvent> {
  return async ({ headers, body }) => {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: json })
    await createServer().connect(transport)
    const request = new Request('http://localhost/', { method: 'POST', headers, body })
    return answerOf(await transport.handleRequest(request), compress)
  }
}

async function answerOf(response: Response, compress?: [string, Compress]): Promise<HttpResponse> {
  const { status: statusCode } = response
  const headers = Object.fromEntries(response.headers)
  const body = await response.text()
  if (compress === undefined || body === '') return { statusCode, headers, body }
  const [coding, encode] = compress
  return {
    statusCode,
    headers: { ...headers, 'content-encoding': coding },
    body: encode(body).toString('base64'),
    isBase64Encoded: true,
  }
}

/** The official client of a sold handler, over HTTP. */
async function clientOf(handler: PaidHandler<never, UrlEvent>, options: object = {}) {
  const local = await stack()
  const url = await functionUrl(sell(local, handler as unknown as PaidHandler, options))
  const client = new Client({ name: 'buyer', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url.url)))
  closing.push(() => client.close(), url.close)
  return { local, client }
}

function pay(local: Local): { 'x402/payment': unknown } {
  return {
    'x402/payment': JSON.parse(Buffer.from(local.accessToken(), 'base64').toString()) as unknown,
  }
}

async function proxied(json: boolean): Promise<PaidHandler<never, UrlEvent>> {
  const server = await startMcpServer({ json, stateless: true, create: createServer })
  closing.push(server.close)
  return async ({ headers, body }) => {
    const { accept = '', 'content-type': type = '' } = headers
    const init = { method: 'POST', headers: { accept, 'content-type': type }, body }
    return answerOf(await fetch(server.url, init))
  }
}

const SERVERS: [
  string,
  () => PaidHandler<never, UrlEvent> | Promise<PaidHandler<never, UrlEvent>>,
][] = [
  ['event streams', () => officialHandler(false)],
  ['JSON', () => officialHandler(true)],
  ['event streams, through Node', () => proxied(false)],
  ['JSON, through Node', () => proxied(true)],
  ['event streams, with gzip', () => officialHandler(false, ['gzip', gzipSync])],
  ['JSON, with gzip', () => officialHandler(true, ['GZIP', gzipSync])],
  ['event streams, with br', () => officialHandler(false, ['br', brotliCompressSync])],
  ['event streams, with deflate', () => officialHandler(false, ['deflate', deflateSync])],
  ['event streams, with raw deflate', () => officialHandler(false, ['deflate', deflateRawSync])],
  [
    'event streams, with gzip in br',
    () => officialHandler(false, ['gzip, br', (text) => brotliCompressSync(gzipSync(text))]),
  ],
]

test.each(SERVERS)('the official server with %s is sold as it answers', async (_, make) => {
  const { local, client } = await clientOf(await make())
  expect(client.getServerVersion()).toMatchObject({ name: 'shop' })
  await client.ping()
  await client.setLoggingLevel('info')
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('hello')
  expect((await client.listPrompts()).prompts).toHaveLength(1)
  expect(amounts(local)).toEqual({ verify: [], settle: [] })

  const call = (name: string) => client.callTool({ name, _meta: pay(local) })
  expect(await client.callTool({ name: 'hello' })).toMatchObject({ isError: true })
  expect(amounts(local).settle).toEqual([])

  expect(await call('fails')).toEqual(result('No such city', { isError: true }))
  expect(await call('throws')).toMatchObject({ isError: true })
  expect(await call('gift')).toMatchObject(result('Gift!'))
  expect(await call('no-such-tool')).toMatchObject({ isError: true })
  expect(local.balance()).toBe(100n)

  const sold = await call('hello')
  expect(sold).toEqual({
    ...result('Hello!'),
    _meta: {
      x402: expect.objectContaining({ success: true, creditsRedeemed: '1' }),
      'x402/payment-response': expect.objectContaining({ success: true }),
    },
  })
  expect(local.balance()).toBe(99n)
  expect(await call('dear')).toMatchObject(result('Dear!'))
  expect(local.balance()).toBe(94n)
})

test('what a stream brings before the answer reaches the client', async () => {
  const { local, client } = await clientOf(officialHandler(false))
  const heard: number[] = []
  const call = { name: 'noisy', _meta: pay(local) }
  const onprogress = ({ progress }: { progress: number }) => void heard.push(progress)
  expect(await client.callTool(call, undefined, { onprogress })).toMatchObject(result('noisy'))
  expect(heard).toEqual([1])
  expect(local.balance()).toBe(99n)
})

test.each(SERVERS.slice(0, 2))(
  'prompts of the official server with %s are for those the seller opens them to',
  async (_, make) => {
    const closed = await clientOf(await make())
    await expect(closed.client.getPrompt({ name: 'secret' })).rejects.toThrow('Method not found')
    const opened = await clientOf(await make(), { otherMethods: ['prompts/get'] })
    expect(JSON.stringify(await opened.client.getPrompt({ name: 'secret' }))).toContain('SECRET')
  },
)

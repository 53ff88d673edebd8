import { expect, test } from '@jest/globals'
import type { GatewayOptions } from '../../../src/local/index.js'
import { call, GENERIC, post, rpc, started } from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'
import { JSON_TYPE, SSE, startRawServer, type Answer } from './support/raw-server.js'

/** The URL of such a server. */
async function startBadServer(answer: Answer, tools?: object[]): Promise<string> {
  return started.add(await startRawServer({ answer, ...(tools && { tools }) })).url
}

const plain =
  (status: number, headers: Record<string, string>, body: string): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body)

const BAD: [string, Answer][] = [
  ['HTTP 500', plain(500, {}, 'oops')],
  ['HTTP 404', plain(404, {}, '')],
  ['a redirect', plain(302, { location: 'http://127.0.0.1:9/' }, '')],
  ['HTML', plain(200, { 'content-type': 'text/html' }, '<html>')],
  ['half a JSON', plain(200, JSON_TYPE, '{"jsonrpc":"2.0","id"')],
  ['nothing', plain(200, JSON_TYPE, '')],
  ['an answer to something else', plain(200, JSON_TYPE, '{"jsonrpc":"2.0","id":"x","result":{}}')],
  ['an accepted', plain(202, {}, '')],
  ['an empty stream', plain(200, SSE, '')],
  [
    'a stream of something else',
    plain(200, SSE, 'data: {"jsonrpc":"2.0","id":77,"result":{}}\n\n'),
  ],
  ['a stream of no JSON', plain(200, SSE, 'data: {\n\ndata: 7\n\n')],
  ['a broken connection', (response) => response.socket?.resetAndDestroy()],
  [
    'a broken stream',
    (response) => {
      response
        .writeHead(200, SSE)
        .write('data: {"jsonrpc":"2.0","method":"notifications/x"}\n\n', () =>
          response.socket?.resetAndDestroy(),
        )
    },
  ],
  ['7 MB', plain(200, JSON_TYPE, JSON.stringify('x'.repeat(7 * 1024 * 1024)))],
]

test.each(BAD)('a server that answers a call with %s fails it', async (_title, answer) => {
  const mcp = await startBadServer(answer)
  const { url } = await started.gateway({ targets: [{ name: 'bad', mcp }] })
  const { status, body } = await post(url, call('bad___it'))
  expect(status).toBe(200)
  expect(body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { isError: true, content: [{ type: 'text', text: GENERIC }] },
  })
})

test.each(BAD)(
  'a streamed call that a server answers with %s fails too',
  async (_title, answer) => {
    const mcp = await startBadServer(answer)
    const { url } = await started.gateway({ targets: [{ name: 'bad', mcp }], streaming: true })
    const headers = { accept: 'application/json, text/event-stream' }
    const { status, body } = await post(url, call('bad___it'), headers)
    expect(status).toBe(200)
    expect(JSON.stringify(body)).toContain(GENERIC)
  },
)

const GOOD: [string, Answer][] = [
  [
    'in odd lines',
    (response, id) => {
      const data = JSON.stringify({ jsonrpc: '2.0', id, result: { ok: 1 } })
      const half = data.indexOf(',') + 1
      response.writeHead(200, SSE)
      response.write(`\uFEFF: comment\r\nevent: message\rid: 1\r`)
      response.write(`\ndata:${data.slice(0, half)}\r\ndata: ${data.slice(half)}\n`)
      response.end('\n')
    },
  ],
  [
    'in one byte after the other',
    (response, id) => {
      const text = `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { ok: 1, é: 'ü' } })}\n\n`
      response.writeHead(200, SSE)
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]))
      response.end()
    },
  ],
  [
    'after a notification and something else, in one batch',
    (response, id) => {
      const all = [
        { jsonrpc: '2.0', method: 'notifications/x' },
        { jsonrpc: '2.0', id, result: { ok: 1 } },
      ]
      response.writeHead(200, JSON_TYPE).end(JSON.stringify(all))
    },
  ],
]

test.each(GOOD)('an answer %s is an answer', async (_title, answer) => {
  const mcp = await startBadServer(answer)
  const { url } = await started.gateway({ targets: [{ name: 'odd', mcp }] })
  expect((await post(url, call('odd___it'))).body).toMatchObject({ id: 1, result: { ok: 1 } })
})

test("a server's JSON-RPC error reaches the client as it is", async () => {
  const error = { code: -32042, message: 'URL needed', data: { elicitations: [] } }
  const mcp = await startBadServer((response, id) => {
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: '2.0', id, error }))
  })
  const { url } = await started.gateway({ targets: [{ name: 'srv', mcp }] })
  expect((await post(url, call('srv___it'))).body).toEqual({ jsonrpc: '2.0', id: 1, error })
})

test('a server that is too slow is given up', async () => {
  const mcp = await startBadServer(() => undefined)
  const { url } = await started.gateway({ targets: [{ name: 'bad', mcp }], targetTimeoutMs: 100 })
  expect((await post(url, call('bad___it'))).body).toMatchObject({ result: { isError: true } })
})

test('a call ends with the gateway', async () => {
  let called: (() => void) | undefined
  const reached = new Promise<void>((resolve) => (called = resolve))
  const mcp = await startBadServer(() => called?.())
  const gateway = await started.gateway({ targets: [{ name: 'bad', mcp }] })
  const waiting = post(gateway.url, call('bad___it')).then(
    () => 'answered',
    () => 'broken off',
  )
  await reached
  await gateway.close()
  expect(['answered', 'broken off']).toContain(await waiting)
})

test('a call of a client that is gone is ended with the server', async () => {
  let ended: (() => void) | undefined
  const over = new Promise<void>((resolve) => (ended = resolve))
  const gone = new AbortController()
  const mcp = await startBadServer((response) => {
    response.once('close', () => ended?.())
    gone.abort()
  })
  const { url } = await started.gateway({ targets: [{ name: 'bad', mcp }] })
  const request = fetch(url, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(call('bad___it')),
    signal: gone.signal,
  })
  await expect(request).rejects.toThrow('aborted')
  await over
})

test('tools without a name are left out, and the others of every page are listed', async () => {
  const mcp = await startBadServer(() => undefined, [{ name: 'it' }, { title: 'x' }, 7 as never])
  const { url } = await started.gateway({ targets: [{ name: 'srv', mcp }], search: false })
  expect((await post(url, rpc('tools/list'))).body).toMatchObject({
    result: { tools: [{ name: 'srv___it' }] },
  })
})

test.each([true, false])(
  'U+2028 in what a server sends is kept or fatal (stream: %p)',
  async (streaming) => {
    const server = started.add(await startMcpServer())
    const options: GatewayOptions = { targets: [{ name: 'srv', mcp: server.url }], streaming }
    const headers = { accept: 'text/event-stream' }
    const kept = await started.gateway(options)
    const body = call('srv___echo', { say: 'a\u2028b' })
    expect(JSON.stringify((await post(kept.url, body, headers)).body)).toContain('a\u2028b')
    const fatal = await started.gateway({ ...options, assume: { lineSeparators: 'fatal' } })
    const failed = JSON.stringify((await post(fatal.url, body, headers)).body)
    expect(failed).toContain(GENERIC)
    expect(failed).not.toContain('a\u2028b')
  },
)

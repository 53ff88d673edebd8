import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { startLocal } from '../../../src/local/index.js'
import { EventStream } from '../../../src/local/page/event-stream.js'
import { toolCall } from '../../support/seller.js'

const TOKEN_HEADER = 'x-agentcore-x402-page'

let local: Local
let token: string
beforeAll(async () => {
  local = await startLocal()
  token = tokenIn((await get('/', { accept: 'text/html' })).text)
})
afterAll(() => local.close())

function tokenIn(html: string): string {
  return /<meta name="page-token" content="([\w-]+)"/.exec(html)?.[1] ?? ''
}

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

/** Asks with any headers, also those that `fetch` sets by itself, and with a path as it is. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = local
    const request = http.request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      )
    })
    request.once('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
const get = (path: string, headers: Record<string, string> = {}) => ask('GET', path, headers)
const api = (name: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(
    body === undefined ? 'GET' : 'POST',
    `/page/api/${name}`,
    { [TOKEN_HEADER]: token, ...headers },
    body,
  )

/** Reads the stream of events until a text comes. */
async function eventsUntil(wanted: RegExp): Promise<string> {
  const response = await fetch(`${local.url}/page/api/events`, {
    headers: { [TOKEN_HEADER]: token },
    signal: AbortSignal.timeout(5_000),
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!wanted.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString()
  await reader.cancel()
  return text
}

const buy = (payment?: string): Promise<Response> =>
  fetch(`${local.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(payment !== undefined && { 'payment-signature': payment }),
    },
    body: JSON.stringify(toolCall('Greeter___hello', { name: 'Ada' })),
  })

describe('who may ask', () => {
  test('the page loads nothing from elsewhere, and nobody frames or keeps it', async () => {
    const { status, headers, text } = await get('/', { accept: 'text/html,*/*' })
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers['cache-control']).toBe('no-store')
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  test('a client that does not want HTML gets the answer of the API, as before', async () => {
    const { status, text } = await get('/', { accept: 'application/json' })
    expect(status).toBe(404)
    expect(text).not.toContain('page-token')
  })

  test.each([
    ['another name that leads here', { host: 'evil.example' }],
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a sandboxed page', { origin: 'null' }],
  ])('%s gets neither the page nor its API', async (_, headers) => {
    const page = await get('/', { accept: 'text/html', ...headers })
    expect([page.status, page.text.includes('page-token')]).toEqual([403, false])
    expect((await get('/page/page.css', headers)).status).toBe(403)
    expect((await api('tools', undefined, headers)).status).toBe(403)
    expect((await api('fault', { place: 'plans', kind: 'reset', times: 9 }, headers)).status).toBe(
      403,
    )
    expect((await buy(local.accessToken())).status).toBe(200)
  })

  test.each([
    ['no token', undefined],
    ['an empty token', ''],
    ['a guess', 'x'.repeat(32)],
  ])('its API wants its token: %s', async (_, given) => {
    for (const name of ['tools', 'payments', 'events', 'nothing']) {
      const headers: Record<string, string> = given === undefined ? {} : { [TOKEN_HEADER]: given }
      expect((await get(`/page/api/${name}`, headers)).status).toBe(403)
    }
  })

  test('on every address, it is still this machine that is answered', async () => {
    const open = await startLocal({ host: '0.0.0.0' })
    const own = Object.values(os.networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)
    for (const host of ['127.0.0.1', ...(own === undefined ? [] : [own.address])]) {
      const url = `http://${host}:${open.port}/`
      const { status } = await fetch(url, { headers: { accept: 'text/html' } })
      expect([host, status]).toEqual([host, host === '127.0.0.1' ? 200 : 403])
    }
    await open.close()
    await expect(startLocal({ host: '10.0.0.1' as '::' })).rejects.toMatchObject({
      option: 'host',
      message: expect.stringContaining('expected 127.0.0.1, 0.0.0.0, ::'),
    })
  })

  test('another stack has another token', async () => {
    const other = await startLocal()
    const page = await fetch(other.url, { headers: { accept: 'text/html' } })
    expect(tokenIn(await page.text())).toMatch(/^[\w-]{32}$/)
    const answer = await fetch(`${other.url}/page/api/tools`, {
      headers: { [TOKEN_HEADER]: token },
    })
    expect(answer.status).toBe(403)
    await other.close()
  })

  test.each([
    '/page/../../package.json',
    '/page/..%2f..%2fpackage.json',
    '/page/dom.ts',
    '/page/tsconfig.json',
    '/page/constructor',
    '/page/',
  ])('no other file is served: %s', async (path) => {
    const { status } = await get(path)
    expect(status).toBe(404)
  })
})

describe('what it tells', () => {
  test('a paid call, decoded, and without what pays', async () => {
    await api('tools')
    const payment = local.accessToken()
    await buy(payment)
    const text = await eventsUntil(/"outcome":"paid"/)
    const [, data = '[]'] = /event: calls\ndata: (.*)\n/.exec(text) ?? []
    const call = (JSON.parse(data) as Record<string, unknown>[]).at(-1)
    expect(call).toMatchObject({
      tool: 'Greeter___hello',
      outcome: 'paid',
      credits: '1',
      steps: [{ name: 'verify' }, { name: 'work' }, { name: 'settle' }],
      documents: expect.arrayContaining([
        {
          title: 'receipt',
          json: expect.objectContaining({ success: true, creditsRedeemed: '1' }),
        },
      ]),
    })
    const { signature } = (
      JSON.parse(Buffer.from(payment, 'base64').toString()) as { payload: { signature: string } }
    ).payload
    for (const secret of [payment, signature]) expect(text).not.toContain(secret)
    expect(text).toContain('"signature":"… (')
  })

  test('the tools, and what a call of one came to, however it is paid', async () => {
    const { tools } = JSON.parse((await api('tools')).text) as { tools: { name: string }[] }
    expect(tools).toMatchObject([{ name: 'Greeter___hello' }])
    const callFor = async (pay: string) =>
      JSON.parse(
        (await api('call', { tool: 'Greeter___hello', arguments: { name: 'Bo' }, pay })).text,
      ) as unknown
    expect(await callFor('nothing')).toMatchObject({ answer: { result: { isError: true } } })
    for (const pay of ['credits', 'money']) {
      expect(await callFor(pay)).toMatchObject({
        answer: { result: { content: [{ text: 'Hello, Bo!' }] } },
      })
    }
  })

  test('without a table, it says that there is none', async () => {
    expect(JSON.parse((await api('payments')).text)).toMatchObject({ hasTable: false })
  })
})

test('a page that does not read is left, and nothing piles up for it', async () => {
  const closed = new Promise<void>((resolve) => {
    const server = http.createServer((_, response) => {
      const stream = new EventStream(response, () => server.close(() => resolve()))
      const sending = setInterval(() => stream.send('calls', 'x'.repeat(1024 * 1024)), 5)
      response.once('close', () => clearInterval(sending))
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      http
        .get({ host: '127.0.0.1', port }, (response) => response.pause().on('error', () => 0))
        .on('error', () => 0)
    })
  })
  await closed
})

describe('what it changes', () => {
  test('a fault hits the next call, and is gone then', async () => {
    await api('fault', { place: 'plans', kind: 'error', route: 'settle', times: 1 })
    expect(await eventsUntil(/"faults":\[{.*"left":1}\]/)).toContain('"kind":"error"')
    expect(await (await buy(local.accessToken())).text()).toContain('isError')
    expect(await eventsUntil(/event: state/)).toContain('"faults":[]')
  })

  test('a fault that is taken back hits nothing', async () => {
    await api('fault', { place: 'plans', kind: 'reset', times: 5 })
    const [, id = ''] = /"id":(\d+),"place"/.exec(await eventsUntil(/event: state\n.*\n/)) ?? []
    await api('no-fault', { id: Number(id) })
    expect(await (await buy(local.accessToken())).text()).toContain('Hello, Ada!')
  })

  test('an assumption holds from the next call on, also for what is sold later', async () => {
    const failing = () => {
      throw new Error('broken')
    }
    local.sell({ handler: failing })
    expect((await buy()).status).toBe(500)
    await api('assumption', { name: 'interceptorFailure', value: 'open' })
    expect((await buy()).status).toBe(200)
    local.sell({ handler: failing })
    expect((await buy()).status).toBe(200)
    await api('assumption', { name: 'interceptorFailure', value: 'closed' })
    expect((await buy()).status).toBe(500)
    local.sell({})
  })

  test.each<[string, unknown, RegExp]>([
    ['fault', { place: 'moon', kind: 'error', times: 1 }, /place: expected plans, money, wallets/],
    ['fault', { place: 'plans', kind: 'edit', times: 1 }, /kind: expected/],
    ['fault', { place: 'plans', kind: 'error', route: 'x', times: 1 }, /route: expected verify/],
    ['fault', { place: 'plans', kind: 'error', times: 0 }, /times: expected 1 to/],
    ['fault', { place: 'plans', kind: 'delay', times: 1, delayMs: 1e9 }, /delayMs: expected/],
    ['fault', {}, /place: expected/],
    ['assumption', { name: 'constructor', value: 'x' }, /name: expected/],
    ['assumption', { name: 'batch', value: 'eaten' }, /value: expected refused, served/],
    ['call', { tool: 1, arguments: {}, pay: 'credits' }, /expected tool, arguments and pay/],
    ['call', { tool: 'a', arguments: [], pay: 'credits' }, /expected tool/],
    ['call', { tool: 'a', arguments: {}, pay: 'gold' }, /expected tool/],
  ])('%s %j is refused in words', async (name, body, why) => {
    const { status, text } = await api(name, body)
    expect(status).toBe(400)
    expect((JSON.parse(text) as { message: string }).message).toMatch(why)
  })
})

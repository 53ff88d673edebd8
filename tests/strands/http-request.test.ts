import { once } from 'node:events'
import zlib from 'node:zlib'
import { Agent } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import { httpRequestTool } from '../../src/strands/http-request/http-request-tool.js'
import { LOCAL, PAYMENTS, ask, mirror, server } from './support/http.js'
import { ScriptedModel } from './support/model.js'

test('an answer comes as JSON of status, headers and body', async () => {
  const { url, last } = await server((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-many', ['a', 'b'])
    response.end('{"price":[1,2]}')
  })
  const { status, isMarked, answer } = await ask({ url })
  expect({ status, isMarked }).toEqual({ status: 'success', isMarked: false })
  expect(answer).toMatchObject({ statusCode: 200, body: { price: [1, 2] } })
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-many': 'a, b' })
  expect(last()).toMatchObject({ method: 'GET', headers: { accept: '*/*' } })
  expect(last()?.headers['user-agent']).toMatch(/^agentcore-x402\//)
})

test('JSON comes as it is: numbers keep all their digits', async () => {
  const body = '{"wei": 12345678901234567890, "price": 0.10}'
  const { url } = await server((_, response) => response.end(body))
  expect((await ask({ url })).text).toContain(`"body":${body}`)
})

test('a challenge of many kilobytes in a header is read', async () => {
  const long = 'x'.repeat(60_000)
  const { url } = await server((_, response) =>
    response.writeHead(402, { 'payment-required': long }).end(),
  )
  expect((await ask({ url })).answer.headers['payment-required']).toBe(long)
})

test('a body that is no JSON comes as text, in its own charset', async () => {
  const latin = await server((_, response) => {
    response.setHeader('content-type', 'text/plain; charset=iso-8859-1')
    response.end(Buffer.from([0x63, 0x61, 0x66, 0xe9]))
  })
  expect((await ask({ url: latin.url })).answer.body).toEqual({ text: 'café' })
  const empty = await server((_, response) => response.writeHead(204).end())
  expect((await ask({ url: empty.url })).answer).toMatchObject({
    statusCode: 204,
    body: { text: '' },
  })
  const odd = await server((_, response) => {
    response.setHeader('content-type', 'text/plain; charset=martian')
    response.end('hé')
  })
  expect((await ask({ url: odd.url })).answer.body).toEqual({ text: 'hé' })
})

test('a 402 begins with the marker, and has all that is needed to pay', async () => {
  const { url } = await server((_, response) => {
    response.writeHead(402, { 'payment-required': 'abc', 'www-authenticate': ['Payment a', 'b'] })
    response.end('{"accepts":[]}')
  })
  const { status, isMarked, answer } = await ask({ url })
  expect({ status, isMarked }).toEqual({ status: 'success', isMarked: true })
  expect(answer).toMatchObject({
    statusCode: 402,
    headers: { 'payment-required': 'abc', 'www-authenticate': 'Payment a, b' },
    body: { accepts: [] },
  })
})

test.each([400, 404, 500])('status %d is an answer like any other', async (statusCode) => {
  const { url } = await server((_, response) => response.writeHead(statusCode).end('no'))
  const { status, isMarked, answer } = await ask({ url })
  expect({ status, isMarked }).toEqual({ status: 'success', isMarked: false })
  expect(answer).toMatchObject({ statusCode, body: { text: 'no' } })
})

test('the method is taken in any case, and its body as text or as an object', async () => {
  const { url, last, requests } = await server()
  const send = async (input: object) => {
    const { answer } = await ask({ url, ...input })
    expect(answer.statusCode).toBe(200)
    return last()?.headers
  }
  expect(await send({ method: 'post', body: { a: 1 } })).toMatchObject({
    'content-type': 'application/json',
    'content-length': '7',
  })
  const text = await send({ method: 'Put', body: 'a=1', headers: { 'content-type': 'text/x' } })
  expect(text).toMatchObject({ 'content-type': 'text/x', 'content-length': '3' })
  const own = {
    method: 'PATCH',
    body: { a: 1 },
    headers: { 'Content-Type': 'application/ld+json' },
  }
  expect(await send(own)).toMatchObject({ 'content-type': 'application/ld+json' })
  for (const method of ['GET', 'head', null]) {
    expect(await send({ method, body: { a: 1 } })).not.toHaveProperty('content-type')
  }
  expect(requests.map(({ method }) => method)).toEqual([
    'POST',
    'PUT',
    'PATCH',
    'GET',
    'HEAD',
    'GET',
  ])
})

test('headers that are null are none, and those of the connection are not sent', async () => {
  const { url, last } = await server()
  await ask({ url, headers: null })
  const host = last()?.headers.host
  const headers = { Host: 'inner.example', Connection: 'upgrade', 'Transfer-Encoding': 'x', a: 'b' }
  await ask({ url, headers })
  expect(last()?.headers).toMatchObject({ host, connection: 'close', a: 'b' })
  expect(last()?.headers).not.toHaveProperty('transfer-encoding')
})

test.each(PAYMENTS)('a payment in %s is sent, and is not in the answer', async (name, value) => {
  const { url, last } = await mirror()
  const { text, answer } = await ask({ url, headers: { [name]: value } })
  expect(last()?.headers[name.toLowerCase()]).toBe(value)
  const token = value.split(' ').at(-1) ?? ''
  expect(text).not.toContain(token)
  expect(answer.headers['x-echo']).toContain('[payment]')
  expect(JSON.stringify(answer.body)).toContain('[payment]')
})

test('it is not in there in other spellings either', async () => {
  const value = 'eyJwYXltZW50Ijov+/fQ=='
  const { url } = await server((_, response) => {
    response.end(`<a href="?p=${encodeURIComponent(value)}">${value.replaceAll('/', '\\/')}</a>`)
  })
  const { text, answer } = await ask({ url, headers: { 'payment-signature': value } })
  expect(answer.body).toEqual({ text: '<a href="?p=[payment]">[payment]</a>' })
  expect(text).not.toContain('eyJwYX')
  const token = await server((request, response) =>
    response.end(request.headers.authorization?.replace('Payment ', '')),
  )
  const paid = await ask({ url: token.url, headers: { Authorization: 'Payment eyJjcmVkIjoxfQ' } })
  expect(paid.answer.body).toEqual({ text: '[payment]' })
})

test('cookies and credentials that a server sends are not in the answer', async () => {
  const secret = 'c2VjcmV0'
  const { url } = await server((_, response) => {
    const names = ['set-cookie', 'authorization', 'payment-signature', 'x-payment', 'cookie']
    for (const name of names) response.setHeader(name, secret)
    response.setHeader('payment-response', 'receipt')
    response.end('{}')
  })
  const { text, answer } = await ask({ url })
  expect(text).not.toContain(secret)
  expect(answer.headers['payment-response']).toBe('receipt')
})

test('a long body is cut', async () => {
  const { url } = await server((_, response) => response.end('x'.repeat(100)))
  const { answer } = await ask({ url }, { ...LOCAL, maxResponseBytes: 10 })
  expect(answer).toMatchObject({ body: { text: 'x'.repeat(10) }, truncated: true })
  const fits = await ask({ url }, { ...LOCAL, maxResponseBytes: 100 })
  expect(fits.answer).not.toHaveProperty('truncated')
})

test('a body without end is cut at a megabyte, and its connection closed', async () => {
  let closed: Promise<unknown> | undefined
  const { url } = await server((_, response) => {
    closed = once(response, 'close')
    const more = () => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  })
  const { answer } = await ask({ url })
  expect((answer.body as { text: string }).text).toHaveLength(1_048_576)
  await closed
})

test.each([
  ['gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['br', zlib.brotliCompressSync],
])('a body in %s is read, and cut by its real length', async (coding, compress) => {
  const { url, last } = await server((_, response) => {
    response.setHeader('content-encoding', coding)
    response.end(compress('y'.repeat(5_000_000)))
  })
  const { answer } = await ask({ url, headers: { 'accept-encoding': 'zstd' } })
  expect(last()?.headers['accept-encoding']).toContain(coding)
  expect((answer.body as { text: string }).text).toBe('y'.repeat(1_048_576))
  expect((await ask({ url, method: 'HEAD' })).answer.statusCode).toBe(200)
})

test('a server that keeps one waiting is not waited for', async () => {
  const silent = await server(() => undefined)
  const { status, answer } = await ask({ url: silent.url }, { ...LOCAL, timeoutMs: 50 })
  expect(status).toBe('error')
  expect(answer).toEqual({
    statusCode: 0,
    error: 'Request failed: no answer in time',
    url: silent.url,
  })
  const halting = await server((_, response) => void response.writeHead(200).write('{'))
  const { answer: half } = await ask({ url: halting.url }, { ...LOCAL, timeoutMs: 100 })
  expect(half.error).toBe('Request failed: no answer in time')
})

test('a request ends when the agent is cancelled', async () => {
  const controller = new AbortController()
  let gone: Promise<unknown> | undefined
  const { url } = await server((_, response) => {
    gone = once(response, 'close')
    controller.abort()
  })
  const model = new ScriptedModel({ tools: [{ id: '1', name: 'http_request', input: { url } }] })
  const agent = new Agent({ model, tools: [httpRequestTool(() => LOCAL)], printer: false })
  const { stopReason } = await agent.invoke('go', { cancelSignal: controller.signal })
  expect(stopReason).toBe('cancelled')
  await gone
})

test('a network error says what it is, and nothing of what was sent', async () => {
  const { url } = await server((request) => request.socket.destroy())
  const headers = { 'PAYMENT-SIGNATURE': 'sig-secret', authorization: 'Bearer tok-secret' }
  const { status, text, answer } = await ask({ url, headers })
  expect(status).toBe('error')
  expect(answer).toEqual({ statusCode: 0, error: 'Request failed: ECONNRESET', url })
  const broken = await ask({ url, headers: { 'PAYMENT-SIGNATURE': 'sig-secret\r\nx: y' } })
  expect(broken.answer.error).toBe('Request failed: ERR_INVALID_CHAR')
  expect(text + broken.text).not.toContain('secret')
})

test.each([
  ['file:///etc/passwd', 'file:///etc/passwd'],
  ['data:text/plain,x', 'data:text/plain,x'],
  ['not a url', 'not a url'],
  ['', ''],
  ['http://user:secret@127.0.0.1/', 'http://127.0.0.1/'],
  ['https://secret@127.0.0.1/a@b', 'https://127.0.0.1/a@b'],
])('the url %j is refused', async (url, said) => {
  const { status, answer } = await ask({ url })
  const expected = 'expected one of http or https, without user name and password'
  expect(status).toBe('error')
  expect(answer).toEqual({ statusCode: 0, error: `Request failed: url: ${expected}`, url: said })
})

test.each(['CONNECT', 'TRACE', 'GET /x HTTP/1.1\r\nHost: y', ''])(
  'the method %j is refused',
  async (method) => {
    const { url, asked } = await server()
    expect((await ask({ url, method })).answer.error).toMatch(/^Request failed: method: expected/)
    expect(asked()).toBe(0)
  },
)

import http from 'node:http'
import os from 'node:os'
import { afterEach, expect, test } from '@jest/globals'
import { startFunctionUrl, type LambdaHandler } from '../../../src/local/index.js'

const open: { close: () => Promise<void> }[] = []
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

async function served(handler: LambdaHandler): Promise<string> {
  const shop = await startFunctionUrl(handler)
  open.push(shop)
  return shop.url
}

/** Gives its event back. */
const echo: LambdaHandler = (event) => ({ statusCode: 200, body: JSON.stringify(event) })

test('the event is that of the payload format 2.0', async () => {
  const url = await served(echo)
  const { host } = new URL(url)
  const answer = await fetch(`${url}a%20b/c?x=1&x=2&y=%26`, {
    method: 'POST',
    headers: { 'X-Two': 'a', cookie: 'one=1; two=2', 'content-type': 'application/json' },
    body: '{"café":true}',
  })
  expect(await answer.json()).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%20b/c',
    rawQueryString: 'x=1&x=2&y=%26',
    queryStringParameters: { x: '1,2', y: '&' },
    cookies: ['one=1', 'two=2'],
    headers: { 'x-two': 'a', host, 'content-type': 'application/json' },
    requestContext: {
      domainName: host,
      http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    },
    body: '{"café":true}',
    isBase64Encoded: false,
  })
})

test('a request without body and query has neither in its event', async () => {
  const event = (await (await fetch(await served(echo))).json()) as object
  expect(Object.keys(event)).not.toEqual(expect.arrayContaining(['body']))
  expect(Object.keys(event)).not.toEqual(expect.arrayContaining(['queryStringParameters']))
  expect(Object.keys(event)).not.toEqual(expect.arrayContaining(['cookies']))
})

test('bytes go in and out as base64, and come as they were', async () => {
  const bytes = Buffer.from([0, 255, 128, 10, 13])
  const url = await served((event) => {
    const { body, isBase64Encoded } = event as { body: string; isBase64Encoded: boolean }
    const headers = { 'Content-Type': 'image/png', 'x-was': String(isBase64Encoded) }
    return { statusCode: 201, headers, body, isBase64Encoded: true, cookies: ['a=1', 'b=2'] }
  })
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    body: bytes,
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect(answer.headers.get('x-was')).toBe('true')
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
})

test.each<[string, unknown, string]>([
  ['an object without a status', { hello: 'world' }, '{"hello":"world"}'],
  ['a text', 'hello', 'hello'],
  ['nothing', undefined, 'null'],
])('what is no response is the body, with status 200: %s', async (_, output, body) => {
  const answer = await fetch(await served(() => output))
  expect([answer.status, await answer.text()]).toEqual([200, body])
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test.each<[string, LambdaHandler]>([
  ['that throws', () => Promise.reject(new Error('secret'))],
  ['whose status is none', () => ({ statusCode: 'no' })],
  ['whose body is no text', () => ({ statusCode: 200, body: { a: 1 } })],
  ['with a line break in a header', () => ({ statusCode: 200, headers: { 'x-a': 'b\r\nc: d' } })],
  ['with a space in the name of a header', () => ({ statusCode: 200, headers: { 'x a': 'b' } })],
  ['with a line break in a cookie', () => ({ statusCode: 200, cookies: ['a=1', 'b=\n'] })],
  ['that answers too much', () => 'x'.repeat(7 * 1024 * 1024)],
])('a handler %s is a 502 that says nothing of it', async (_, handler) => {
  const answer = await fetch(await served(handler))
  expect([answer.status, await answer.text()]).toEqual([502, '{"message":"Internal Server Error"}'])
})

test('a handler does not say where its message ends', async () => {
  const headers = { 'Transfer-Encoding': 'chunked', 'Content-Length': '99' }
  const answer = await fetch(await served(() => ({ statusCode: 200, headers, body: 'hello' })))
  expect([answer.status, await answer.text()]).toEqual([200, 'hello'])
})

test('a request that is too large never reaches the handler', async () => {
  let calls = 0
  const url = await served(() => (calls += 1))
  const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(6 * 1024 * 1024 + 1) })
  expect([answer.status, calls]).toEqual([413, 0])
})

test('on every address, it is still this machine that is answered', async () => {
  const shop = await startFunctionUrl(echo, { host: '0.0.0.0' })
  open.push(shop)
  const { port } = new URL(shop.url)
  const own = Object.values(os.networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  expect((await fetch(shop.url)).status).toBe(200)
  if (own !== undefined) expect((await fetch(`http://${own.address}:${port}/`)).status).toBe(403)
})

test.each([
  ['another name that leads here', { host: 'evil.example' }],
  ['a page of another origin', { origin: 'https://evil.example' }],
])('%s is refused', async (_, headers) => {
  let calls = 0
  const url = await served(() => (calls += 1))
  const status = await new Promise((resolve, reject) => {
    http
      .get(url, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
  })
  expect([status, calls]).toEqual([403, 0])
})

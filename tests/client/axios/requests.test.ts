import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios'
import { payingAxios, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { payingInstance } from '../support/axios-buyer.js'
import {
  V1,
  asksV1,
  asksThen,
  challenge,
  limits,
  mppChallenge,
  rejection,
  seller,
  sells,
  wallet,
  type Got,
} from '../support/http-seller.js'

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
const form = new FormData()
form.set('file', new Blob([BYTES]), 'a.bin')

/** A request as a server sees it, without its payment and without what is another's each time. */
function seen(got: Got | undefined) {
  const text = JSON.stringify({ ...got, headers: { ...got?.headers, 'payment-signature': '' } })
  return JSON.parse(
    text.replaceAll(/(axios-1\.\d+\.\d+|formdata-undici|formdata|FormBoundary)-[\w-]+/g, ''),
  ) as Got
}

const url = '/a/../b?c=%20'
test.each<[string, AxiosRequestConfig]>([
  ['GET', { url }],
  ['HEAD', { url, method: 'HEAD' }],
  ['URL with a fragment', { url: `${url}#d`, method: 'POST', data: 'x' }],
  ['text', { url, method: 'post', data: 'ä€😀', headers: { 'content-type': 'text/plain' } }],
  ['object', { url, method: 'PUT', data: { a: 1 } }],
  ['array of bytes', { url, method: 'PATCH', data: BYTES }],
  ['query', { url, method: 'POST', data: new URLSearchParams('a=1&a=2') }],
  ['form', { url, method: 'POST', data: form }],
  ['blob', { url, method: 'POST', data: new Blob([BYTES]) }],
  ['DELETE with a body', { url, method: 'DELETE', data: { a: 1 } }],
  ['call with params', { url, method: 'POST', params: { 'a[b]': "q' :$,é", list: [1, 2] } }],
  ['call with auth', { url, method: 'POST', auth: { username: 'me', password: 'p:w' } }],
  [
    'call with headers',
    { url, headers: { authorization: 'Bearer me', cookie: 'a=b', 'x-mine': 'yes', accept: 'a/b' } },
  ],
])('a %s is sent as axios sends it, twice the same', async (_, config) => {
  const shop = await seller(sells)
  const { instance, asked } = payingInstance({ baseURL: shop.url })
  expect(receiptOf(await instance.request(config)).paid).toBe('yes')
  await rejection(axios.create({ baseURL: shop.url }).request(config))
  const [first, second, native] = shop.got
  expect(seen(first)).toEqual(seen(native))
  expect(seen(second)).toEqual(seen(native))
  expect([asked.length, second?.headers['payment-signature'] === undefined]).toEqual([1, false])
})

test("a user's name in a URL is sent both times", async () => {
  const { url: origin, got } = await seller(sells)
  const { instance } = payingInstance()
  await instance.post(`${origin.replace('//', '//me:p%40w@')}/a`, 'x')
  const basic = `Basic ${btoa('me:p@w')}`
  expect(got.map(({ headers }) => headers.authorization)).toEqual([basic, basic])
})

test.each<[string, () => unknown, AxiosRequestConfig]>([
  ['of Node', () => Readable.from(['x']), {}],
  ['of the web', () => new Blob(['x']).stream(), { adapter: 'fetch' }],
])('a body that is a stream %s is refused before paying', async (_, data, config) => {
  const { url: origin, got } = await seller(sells)
  const { instance, asked, budget } = payingInstance(config)
  expect(await rejection(instance.post(origin, data()))).toMatchObject({
    name: 'PaymentError',
    code: 'payment_unusable',
    message: expect.stringMatching(/stream.*nothing was paid$/),
  })
  expect([asked.length, got.map(({ body }) => body)]).toEqual([0, ['x']])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('a body that is a stream goes through where nothing is asked for', async () => {
  const { url: origin, got } = await seller((_, response) => void response.end('free'))
  const { instance } = payingInstance()
  const response = await instance.post(origin, Readable.from(['x']))
  expect([response.data, receiptOf(response), got[0]?.body]).toEqual(['free', { paid: 'no' }, 'x'])
})

test.each<[string, AxiosRequestConfig, (data: unknown) => Promise<string>]>([
  ['text', { responseType: 'text' }, async (data) => String(data)],
  ['arraybuffer', { responseType: 'arraybuffer' }, async (data) => (data as Buffer).toString()],
  [
    'stream',
    { responseType: 'stream' },
    async (data) => (await (data as Readable).toArray()).join(),
  ],
  [
    'arraybuffer of fetch',
    { responseType: 'arraybuffer', adapter: 'fetch' },
    async (data) => Buffer.from(data as ArrayBuffer).toString(),
  ],
  [
    'stream of fetch',
    { responseType: 'stream', adapter: 'fetch' },
    async (data) => new Response(data as ReadableStream).text(),
  ],
])('an answer comes as it was asked for: %s', async (_, config, read) => {
  const { url: origin } = await seller(sells)
  const { instance } = payingInstance(config)
  const response = await instance.get(origin)
  expect(await read(response.data)).toBe('sold')
  expect(receiptOf(response).paid).toBe('yes')
})

test.each<AxiosRequestConfig>([
  { responseType: 'arraybuffer' },
  { responseType: 'arraybuffer', adapter: 'fetch' },
  { responseType: 'json', adapter: 'fetch' },
])('a challenge in a body is read with %j', async (config) => {
  const { url: origin } = await seller(
    asksThen((_, response) => void response.end('sold'), asksV1()),
  )
  const { instance, asked } = payingInstance(config)
  expect(receiptOf(await instance.get(origin)).paid).toBe('unknown')
  expect(asked).toHaveLength(1)
})

test.each(['http', 'fetch'] as const)(
  'a stream that comes with a challenge is not left open, one without is not touched: %s',
  async (adapter) => {
    let closed: Promise<unknown> | undefined
    const endless = await seller(
      asksThen(sells, (_, response) => {
        closed = once(response.socket as Socket, 'close')
        const header = encodeHeader(challenge('/'))
        response.writeHead(402, { 'PAYMENT-REQUIRED': header }).write('a body that does not end')
      }),
    )
    const { instance } = payingInstance({ adapter, responseType: 'stream', validateStatus: null })
    expect((await instance.get(endless.url)).status).toBe(200)
    await closed
    const plain = await seller((_, response) => void response.writeHead(402).end('pay'))
    const response = await instance.get(plain.url)
    expect(await new Response(response.data as ReadableStream).text()).toBe('pay')
  },
)

test('nor is one that is refused for the Authorization of its call', async () => {
  let closed: Promise<unknown> | undefined
  const { url: origin } = await seller((_, response) => {
    closed = once(response.socket as Socket, 'close')
    response.writeHead(402, { 'WWW-Authenticate': mppChallenge() }).write('no end')
  })
  const { instance } = payingInstance({ responseType: 'stream' })
  const call = instance.get(origin, { headers: { authorization: 'mine' } })
  expect(await rejection(call)).toMatchObject({ code: 'payment_unusable' })
  await closed
})

test("the caller's own adapter and fetch do the sending, both times", async () => {
  const { url: origin } = await seller(sells)
  const sent: string[] = []
  const env = {
    fetch: (async (input: Request) => (sent.push('fetch'), fetch(input))) as typeof fetch,
  }
  const withFetch = payingInstance({ adapter: 'fetch', env })
  expect((await withFetch.instance.get(origin)).status).toBe(200)
  const http = axios.getAdapter('http')
  const withAdapter = payingInstance({ adapter: (config) => (sent.push('adapter'), http(config)) })
  expect((await withAdapter.instance.get(origin)).status).toBe(200)
  expect(sent).toEqual(['fetch', 'fetch', 'adapter', 'adapter'])
})

test('an adapter may answer with plain headers, and may throw', async () => {
  const headers = { 'Payment-Required': encodeHeader(challenge('/')) }
  const pay = (throws: boolean, maxRedirects = 0): AxiosInstance => {
    const instance = axios.create({
      validateStatus: null,
      maxRedirects,
      adapter: (config) => {
        const isPaid = config.headers.has('payment-signature')
        if (isPaid && throws) throw new Error('no')
        const answer = { status: isPaid ? 200 : 402, statusText: '', data: '', headers, config }
        return Promise.resolve(answer)
      },
    })
    payingAxios(instance, wallet().pay, limits())
    return instance
  }
  expect((await pay(false).get('http://shop.example/')).status).toBe(200)
  const failure = await rejection(pay(true).get('http://shop.example/'))
  expect(failure).toMatchObject({ name: 'PaidCallError', receipt: { paid: 'unknown' } })
  // Where it may have been redirected, and does not say so, nobody knows who asks.
  const untold = await rejection(pay(false, 5).get('http://shop.example/'))
  expect(untold).toMatchObject({ code: 'payment_unusable' })
})

test('an adapter need not know its URL where nothing is to be paid', async () => {
  const instance = axios.create({
    validateStatus: null,
    adapter: (config) =>
      Promise.resolve({ status: 402, statusText: '', data: 'pay', headers: {}, config }),
  })
  payingAxios(instance, wallet().pay, limits())
  const response = await instance.get('/here')
  expect([response.data, receiptOf(response)]).toEqual(['pay', { paid: 'no' }])
})

test('a call through a proxy is paid', async () => {
  const shop = await seller(sells)
  const proxy = createServer((request, response) => {
    const { method, headers } = request
    request.pipe(
      httpRequest(String(request.url), { method, headers }, (answer) => {
        answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers))
      }),
    )
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const { instance } = payingInstance({ proxy: { host: '127.0.0.1', port, protocol: 'http' } })
  try {
    expect((await instance.post(`${shop.url}/a`, 'x')).status).toBe(200)
  } finally {
    proxy.close()
    proxy.closeAllConnections()
  }
  expect(shop.paid()).toMatchObject([{ url: '/a', body: 'x' }])
})

test('of several resources in v1 the first counts here too', async () => {
  const accepts = [
    { ...V1, resource: '/a' },
    { ...V1, resource: '/b', maxAmountRequired: '7' },
  ]
  const { url: origin } = await seller(
    asksThen((_, response) => void response.end(), asksV1(accepts)),
  )
  const { instance, asked } = payingInstance()
  await instance.get(origin)
  expect(asked.map(([, { requirement }]) => requirement.amount)).toEqual(['10000'])
})

import { expect, test } from '@jest/globals'
import { receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { axiosError, payingInstance } from '../support/axios-buyer.js'
import {
  V1,
  asking,
  asksThen,
  asksV1,
  limits,
  rejection,
  seller,
  sells,
  settled,
  type Answer,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

const redirects =
  (location: string, status = 302): Answer =>
  (_, response) =>
    void response.writeHead(status, { location }).end('elsewhere')
const paidAndMoved = (location: string): Answer =>
  asksThen((_, response) => {
    response.writeHead(302, { location, 'PAYMENT-RESPONSE': encodeHeader(settled) }).end('moved')
  })
const forbidden = { name: 'PaymentLimitError', limit: 'hosts' }

test('who is redirected to another origin pays nobody there, unless its host is listed', async () => {
  const shop = await seller(sells)
  const front = await seller(redirects(`${shop.url}/quote`))
  const { instance, asked } = payingInstance()
  expect(await rejection(instance.get(front.url))).toMatchObject(forbidden)
  expect([asked, shop.paid()]).toEqual([[], []])

  const hosts = [`127.0.0.1:${shop.port}`]
  const listed = payingInstance({ sensitiveHeaders: ['X-Key'] }, limits({ hosts }))
  const own = { authorization: 'Bearer me', cookie: 'a=b', 'x-api-key': 'k', host: 'front.example' }
  const headers = { ...own, 'x-key': 'mine', 'x-mine': 'yes' }
  await listed.instance.get(front.url, { headers, params: { of: 'x' } })
  await listed.instance.get(front.url, { auth: { username: 'me', password: 'pass' } })
  expect([shop.paid().length, front.paid().length]).toEqual([2, 0])
  expect(shop.paid()[0]).toMatchObject({ url: '/quote', headers: { 'x-mine': 'yes' } })
  for (const { headers: sent } of shop.paid()) {
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-key']) {
      expect(sent).not.toHaveProperty(name)
    }
    expect(sent.host).toBe(`127.0.0.1:${shop.port}`)
  }
})

test('a challenge that names another host is not paid', async () => {
  const { url, paid } = await seller(asking({ resource: { url: 'https://shop.example/' } }))
  const { instance, asked } = payingInstance()
  expect(await rejection(instance.get(url))).toMatchObject(forbidden)
  expect([asked, paid()]).toEqual([[], []])
})

test('a redirected GET is paid where it was answered, as the one who was called', async () => {
  const { url, got } = await seller((one, response, nth) =>
    (one.url.startsWith('/there') ? sells : redirects('/there?of=x'))(one, response, nth),
  )
  const auth = { username: 'me', password: 'p:w' }
  const base = { baseURL: url, allowAbsoluteUrls: false, params: { a: 1 } }
  expect((await payingInstance(base).instance.get('/here', { auth })).status).toBe(200)
  for (const adapter of ['http', 'fetch'] as const) {
    const { instance } = payingInstance({ adapter })
    await instance.get(`${url.replace('//', '//me:p%3Aw@')}/here?a=1`)
    await instance.get(`${url.replace('//', '//other@')}/here?a=1`, { auth })
  }
  const basic = `Basic ${btoa('me:p:w')}`
  const once = ['/here?a=1', '/there?of=x', '/there?of=x']
  expect(got.map(({ url: path }) => path)).toEqual([once, once, once, once, once].flat())
  expect(got.every(({ headers }) => headers.authorization === basic)).toBe(true)
})

test("nobody is told a caller's password", async () => {
  const { url } = await seller(asksV1([V1]))
  const password = 'own-secret-pass-word'
  const told: unknown[] = []
  const given = limits({ confirm: (intent) => told.push(intent) === 0 })
  for (const adapter of ['http', 'fetch'] as const) {
    const { instance } = payingInstance({ adapter }, given)
    const inUrl = url.replace('//', `//me:${password}@`)
    told.push(await rejection(instance.get(inUrl)))
    told.push(await rejection(instance.get(url, { auth: { username: 'me', password } })))
  }
  expect(told).toHaveLength(8)
  expect(told[1]).toMatchObject({ limit: 'confirm' })
  expect(leaks(told, [{ name: 'password', value: password }])).toEqual([])
})

test('a redirected POST is not paid', async () => {
  const { url, paid } = await seller((one, response, nth) =>
    (one.url === '/' ? redirects('/there', 307) : sells)(one, response, nth),
  )
  const { instance, asked } = payingInstance()
  const failure = await rejection(instance.post(url, 'x'))
  expect(failure).toMatchObject({ code: 'payment_unusable' })
  expect(failure.message).toContain(`To pay, call ${url}/there itself`)
  expect([asked, paid()]).toEqual([[], []])
})

test.each(['http', 'fetch'] as const)(
  'a redirect of the paid call is not followed, and comes with its receipt: %s',
  async (adapter) => {
    const other = await seller((_, response) => void response.end('other'))
    const { url } = await seller(paidAndMoved(`${other.url}/there`))
    const failure = await axiosError(payingInstance({ adapter }).instance.get(url))
    expect(failure.response?.status).toBe(302)
    expect(receiptOf(failure.response)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
    expect(other.got).toEqual([])
  },
)

test.each(['http', 'fetch'] as const)(
  'a call keeps the redirects that its caller allows: %s',
  async (adapter) => {
    const { url } = await seller((one, response, nth) => {
      if (one.url === '/') redirects('/there')(one, response, nth)
      else response.end('there')
    })
    const { instance } = payingInstance({ adapter })
    expect((await instance.get(url)).data).toBe('there')
    const failure = await axiosError(instance.get(url, { maxRedirects: 0 }))
    expect(failure.response?.status).toBe(302)
    expect(receiptOf(failure.response)).toEqual({ paid: 'no' })
  },
)

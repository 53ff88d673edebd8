import { expect, test } from '@jest/globals'
import { createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import {
  asking,
  asksMpp,
  asksV1,
  V1,
  asksThen,
  limits,
  mppChallenge,
  mppWallet,
  rejection,
  seller,
  sells,
  wallet,
  type Answer,
} from '../support/http-seller.js'

const redirects =
  (location: string, status = 302): Answer =>
  (_, response) =>
    void response.writeHead(status, { location }).end('elsewhere')
/** A shop whose first page leads to another one of its own. */
const within =
  (status: number): Answer =>
  (got, response, nth) =>
    got.url === '/'
      ? redirects('/there?of=x', status)(got, response, nth)
      : sells(got, response, nth)

async function refusal(call: (fetchPaying: typeof fetch) => Promise<Response>, hosts?: string[]) {
  const { payer, asked } = mppWallet()
  const budget = createBudget(limits({ hosts }))
  const failure = await rejection(call(payingFetch(payer, budget)))
  expect(failure.message).toMatch(/; nothing was paid$/)
  expect(asked).toEqual([])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
  return failure
}
const forbidden = { name: 'PaymentLimitError', code: 'limit_exceeded', limit: 'hosts' }

test.each<[string, Answer]>([
  ['x402 v2', asking()],
  ['x402 v1', asksV1()],
  ['MPP', asksMpp()],
])('who is redirected to another origin pays nobody there: %s', async (_, ask) => {
  const shop = await seller(ask)
  const front = await seller(redirects(`${shop.url}/quote`))
  const failure = await refusal((fetchPaying) => fetchPaying(front.url))
  expect(failure).toMatchObject(forbidden)
  expect(failure.message).toContain(
    `the challenge came from ${shop.url}, which is not the origin that was called`,
  )
  expect([shop.paid(), front.paid()]).toEqual([[], []])
})

test('a listed host is paid behind a redirect, without what was for the one that was called', async () => {
  const shop = await seller(sells)
  const front = await seller(redirects(`${shop.url}/quote?of=x`))
  const listed = limits({ hosts: [`127.0.0.1:${shop.port}`] })
  const { pay, asked } = wallet()
  const own = {
    authorization: 'Bearer me',
    cookie: 'a=b',
    'proxy-authorization': 'Basic me',
    'x-api-key': 'k',
  }
  const headers = { ...own, 'x-mine': 'yes', host: 'front.example' }
  const response = await payingFetch(pay, listed)(front.url, { headers })
  expect([response.status, response.url]).toEqual([200, `${shop.url}/quote?of=x`])
  expect(receiptOf(response).paid).toBe('yes')
  expect([front.paid().length, shop.paid().length, asked.length]).toEqual([0, 1, 1])
  expect(shop.paid()[0]).toMatchObject({ url: '/quote?of=x', headers: { 'x-mine': 'yes' } })
  for (const name of Object.keys(own)) expect(shop.paid()[0]?.headers).not.toHaveProperty(name)
  expect(shop.paid()[0]?.headers.host).toBe(`127.0.0.1:${shop.port}`)
})

test.each<[string, (port: number) => string, boolean]>([
  ['the host', () => '127.0.0.1', true],
  ['host and port', (port) => `127.0.0.1:${port}`, true],
  ['another host', () => 'shop.example', false],
  ['another port', (port) => `127.0.0.1:${port + 1}`, false],
  ['the port of https', () => '127.0.0.1:443', false],
  ['the port of http', () => '127.0.0.1:80', false],
  ['part of the host', () => '27.0.0.1', false],
  ['the host in another notation', () => '127.1', true],
])('where hosts are listed only those are paid: %s', async (_, host, isPaid) => {
  const { url, port, paid } = await seller(sells)
  const hosts = ['other.example', host(port)]
  if (isPaid) expect((await payingFetch(wallet().pay, limits({ hosts }))(url)).status).toBe(200)
  else expect(await refusal((fetchPaying) => fetchPaying(url), hosts)).toMatchObject(forbidden)
  expect(paid()).toHaveLength(isPaid ? 1 : 0)
})

test('names of hosts and resources are the same in either case', async () => {
  const { port, paid } = await seller(
    asksThen(sells, asking({ resource: { url: 'HTTP://LOCALHOST/' } })),
  )
  const fetchPaying = payingFetch(wallet().pay, limits({ hosts: ['LocalHost'] }))
  expect((await fetchPaying(`http://localhost:${port}/`)).status).toBe(200)
  expect(paid()).toHaveLength(1)
})

/** Answers as if it had come from a URL that cannot be reached here. */
const answeredBy =
  (url: string): typeof fetch =>
  async (input) => {
    const isPaid = input instanceof Request && input.headers.has('x-payment')
    const body = JSON.stringify({ x402Version: 1, accepts: [V1] })
    const response = new Response(isPaid ? 'sold' : body, { status: isPaid ? 200 : 402 })
    return Object.defineProperty(response, 'url', { value: url })
  }

test.each<[string, string, string[] | undefined, boolean]>([
  ['https://shop.example/', 'https://shop.example/', undefined, true],
  ['https://shop.example/', 'https://shop.example:8443/', undefined, false],
  ['https://shop.example/', 'https://www.shop.example/', undefined, false],
  ['http://shop.example/', 'https://shop.example/', undefined, false],
  ['http://shop.example/', 'https://shop.example/', ['shop.example'], true],
  ['http://shop.example/', 'https://shop.example/', ['shop.example:443'], true],
  ['http://shop.example/', 'http://shop.example/', ['shop.example:443'], false],
  ['http://shop.example/', 'http://shop.example/', ['shop.example:80'], true],
  ['https://shop.example/', 'http://shop.example/', ['shop.example'], false],
  ['https://shop.example/', 'http://shop.example/', undefined, false],
  ['https://[2001:db8::1]:8443/', 'https://[2001:db8:0::1]:8443/', ['[2001:DB8::1]:8443'], true],
  ['https://[2001:db8::1]/', 'https://[2001:db8::1]/', ['[2001:db8::1]'], true],
  ['https://[2001:db8::1]/', 'https://[2001:db8::1]/', ['[2001:db8::2]'], false],
])('called %s, answered by %s, with %j', async (called, answered, hosts, isPaid) => {
  const { pay, asked } = wallet()
  const fetchPaying = payingFetch(pay, limits({ hosts }), { fetch: answeredBy(answered) })
  const outcome = await fetchPaying(called).then(
    ({ status }) => status,
    (error: unknown) => error,
  )
  if (isPaid) expect(outcome).toBe(200)
  else expect(outcome).toMatchObject(forbidden)
  expect(asked).toHaveLength(isPaid ? 1 : 0)
})

test.each(['::1', 'x y', 'a/b', 'https://a', 'me@a', 'a?b', 'a#b', 'a\\b', 'a:99999'])(
  'what cannot be a host cannot be listed: %s',
  (host) => {
    const make = () => payingFetch(wallet().pay, limits({ hosts: [host] }))
    expect(make).toThrow(expect.objectContaining({ name: 'OptionsError', option: 'limits.hosts' }))
  },
)

test.each<[string, string, string[] | undefined, boolean]>([
  ['another host', 'https://shop.example/quote', undefined, false],
  ['another host, over http', 'http://shop.example/quote', undefined, false],
  ['another host, in capitals', ' HTTPS://SHOP.EXAMPLE/', undefined, false],
  [
    'another host, of which the asking one is listed',
    'https://shop.example/',
    ['127.0.0.1'],
    false,
  ],
  ['another host, which is listed', 'https://shop.example/', ['127.0.0.1', 'shop.example'], true],
  ['a host that only begins alike', 'http://127.0.0.1.shop.example/', undefined, false],
  ['a host that hides behind a user name', 'http://127.0.0.1@shop.example/', undefined, false],
  ['the same host on another port', 'https://127.0.0.1:1/quote', undefined, true],
  ['a path', '/quote', undefined, true],
  ['a tool', 'mcp://tool/quote', undefined, true],
  ['no URL', 'quote of the day', undefined, true],
])('a challenge that names %s', async (_, url, hosts, isPaid) => {
  const shop = await seller(asksThen(sells, asking({ resource: { url } })))
  if (isPaid) {
    const response = await payingFetch(wallet().pay, limits({ hosts }))(shop.url)
    expect(receiptOf(response).paid).toBe('yes')
  } else {
    const failure = await refusal((fetchPaying) => fetchPaying(shop.url), hosts)
    expect(failure).toMatchObject(forbidden)
    expect(failure.message).toMatch(/^the challenge is for \S+, but it came from 127\.0\.0\.1:\d+;/)
  }
  expect(shop.paid()).toHaveLength(isPaid ? 1 : 0)
})

test.each<[string, string[] | undefined, boolean]>([
  ['shop', undefined, true],
  ['Quotes of the day', undefined, true],
  ['127.0.0.1', undefined, true],
  ['127.0.0.1:8080', undefined, true],
  ['http://127.0.0.1/', undefined, true],
  ['shop.example', undefined, false],
  ['SHOP.example:8443', undefined, false],
  ['localhost', undefined, false],
  ['HTTPS://shop.example/', undefined, false],
  ['shop.example', ['127.0.0.1', 'shop.example'], true],
  ['shop.example', ['127.0.0.1'], false],
])('a challenge of MPP in the realm %s, with %j', async (realm, hosts, isPaid) => {
  const { url, paid } = await seller(asksMpp(mppChallenge({ realm })))
  if (isPaid) await payingFetch(mppWallet().payer, limits({ hosts }))(url)
  else expect(await refusal((fetchPaying) => fetchPaying(url), hosts)).toMatchObject(forbidden)
  expect(paid()).toHaveLength(isPaid ? 1 : 0)
})

test.each(['GET', 'HEAD'])('a redirected %s is paid where it was answered', async (method) => {
  const { url, got } = await seller(within(302))
  const { pay, asked } = wallet()
  const headers = { authorization: 'Bearer me', 'x-mine': 'yes' }
  const response = await payingFetch(pay, limits())(url, { method, headers })
  expect([response.status, response.url]).toEqual([200, `${url}/there?of=x`])
  expect(asked[0]?.[1].url).toBe(`${url}/there?of=x`)
  expect(got.map(({ method: used, url: path }) => `${used} ${path}`)).toEqual([
    `${method} /`,
    `${method} /there?of=x`,
    `${method} /there?of=x`,
  ])
  expect(got[2]?.headers).toMatchObject(headers)
})

test.each<[string, Answer]>([
  ['x402 v1', asksV1([V1])],
  ['MPP', asksMpp()],
])('what %s asks for is for the URL that answered', async (_, ask) => {
  const { url } = await seller((got, response, nth) => {
    ;(got.url === '/' ? redirects('/there') : ask)(got, response, nth)
  })
  const { payer, asked } = mppWallet()
  await payingFetch(payer, limits())(url)
  expect(asked.map(([{ resource }]) => resource.url)).toEqual([`${url}/there`])
})

test('a POST redirected to another query is not paid', async () => {
  const { url, paid } = await seller((got, response, nth) => {
    ;(got.url === '/' ? redirects('/?of=x', 307) : sells)(got, response, nth)
  })
  const failure = await refusal((fetchPaying) => fetchPaying(url, { method: 'POST', body: 'x' }))
  expect(failure).toMatchObject({ code: 'payment_unusable' })
  expect(paid()).toEqual([])
})

test.each([301, 302, 303, 307, 308])('a POST redirected by %d is not paid', async (status) => {
  const { url, paid } = await seller(within(status))
  const failure = await refusal((fetchPaying) => fetchPaying(url, { method: 'POST', body: 'x' }))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(failure.message).toBe(
    `the call was redirected. To pay, call ${url}/there itself; nothing was paid`,
  )
  expect(paid()).toEqual([])
})

import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { PaidCallError, createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  SIGNATURE,
  asksMpp,
  asksThen,
  limits,
  mppReceipt,
  mppWallet,
  rejection,
  seller,
  settled,
  wallet,
  type Answer,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

const receipt = { 'PAYMENT-RESPONSE': encodeHeader(settled) }
/** Takes the payment and points elsewhere; everybody else is served. */
const redirects =
  (location: string | undefined, status = 302, headers: Record<string, string> = receipt): Answer =>
  (got, response, nth) => {
    if (got.url !== '/') return void response.end('served')
    asksThen((_, paid) => {
      paid
        .writeHead(status, { ...headers, ...(location !== undefined && { location }) })
        .end('moved')
    })(got, response, nth)
  }
const own = {
  authorization: 'Bearer me',
  cookie: 'a=b',
  'proxy-authorization': 'Basic me',
  'x-api-key': 'k',
}

test.each([301, 302, 303])(
  'a paid call answered with %d goes on there, without the payment',
  async (status) => {
    const { url, got, paid } = await seller(redirects('there?of=x', status))
    const { pay, asked } = wallet()
    const budget = createBudget(limits())
    const init = { method: 'POST', body: 'x', headers: { ...own, 'content-language': 'en' } }
    const response = await payingFetch(pay, budget)(url, init)
    expect([response.status, await response.text()]).toEqual([200, 'served'])
    expect(response.url).toBe(`${url}/there?of=x`)
    expect(receiptOf(response)).toMatchObject({
      paid: 'yes',
      amount: '10000',
      transaction: '0xabc',
    })
    expect([asked.length, paid().length, got.length]).toEqual([1, 1, 3])
    expect(got[2]).toMatchObject({ method: 'GET', body: '', headers: own })
    for (const name of ['content-type', 'content-language', 'content-length']) {
      expect(got[2]?.headers).not.toHaveProperty(name)
    }
    expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
  },
)

test('a HEAD goes on as a HEAD', async () => {
  const { url, got } = await seller(redirects('/there'))
  await payingFetch(wallet().pay, limits())(url, { method: 'HEAD' })
  expect(got.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD'])
})

test('another origin gets neither the payment nor what was for the one that was called', async () => {
  const other = await seller((_, response) => void response.end('other'))
  const { url, paid } = await seller(redirects(`${other.url}/there`))
  const init = { headers: { ...own, 'x-mine': 'yes' } }
  const response = await payingFetch(wallet().pay, limits())(url, init)
  expect([await response.text(), receiptOf(response).paid]).toEqual(['other', 'yes'])
  expect(paid()).toHaveLength(1)
  expect(other.got).toMatchObject([{ url: '/there', headers: { 'x-mine': 'yes' } }])
  for (const name of [...Object.keys(own), 'payment-signature']) {
    expect(other.got[0]?.headers).not.toHaveProperty(name)
  }
  expect(leaks(other.got, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
})

test('nor does an origin get them that was reached by a redirect before', async () => {
  const shop = await seller(redirects('/there'))
  const front = await seller((_, response) => {
    response.writeHead(302, { location: `${shop.url}/` }).end()
  })
  const listed = limits({ hosts: [`127.0.0.1:${shop.port}`] })
  await payingFetch(wallet().pay, listed)(front.url, { headers: own })
  expect(shop.got.map(({ url }) => url)).toEqual(['/', '/', '/there'])
  for (const { headers } of shop.got) expect(headers).not.toMatchObject({ cookie: 'a=b' })
  for (const { headers } of shop.got) expect(headers).not.toHaveProperty('authorization')
})

test('nor does the one that was called, once another one has been reached', async () => {
  const front = await seller(({ url }, response) => {
    if (url === '/there') return void response.end('there')
    response.writeHead(302, { location: `${shop.url}/` }).end()
  })
  const shop = await seller((...asked) => {
    redirects(`${front.url}/there`)(...asked)
  })
  const listed = limits({ hosts: [`127.0.0.1:${shop.port}`] })
  const response = await payingFetch(wallet().pay, listed)(front.url, { headers: own })
  expect([await response.text(), receiptOf(response).paid]).toEqual(['there', 'yes'])
  expect(front.got.map(({ url }) => url)).toEqual(['/', '/there'])
  for (const name of Object.keys(own)) expect(front.got[1]?.headers).not.toHaveProperty(name)
})

test('a credential of MPP does not go on either', async () => {
  const ends: Answer = ({ url, headers }, response, nth) => {
    if (url !== '/') return void response.end(headers.authorization ?? 'none')
    asksThen((_, paid) => {
      paid.writeHead(303, { location: '/there', 'Payment-Receipt': mppReceipt }).end()
    }, asksMpp())({ url, headers, method: '', body: '' }, response, nth)
  }
  const { url } = await seller(ends)
  const response = await payingFetch(mppWallet().payer, limits())(url)
  expect([await response.text(), receiptOf(response).paid]).toEqual(['none', 'yes'])
})

test.each<[string, number, string | undefined, RequestRedirectMode]>([
  ['a 307', 307, '/there', 'follow'],
  ['a 308', 308, '/there', 'follow'],
  ['a 300', 300, '/there', 'follow'],
  ['a 304', 304, '/there', 'follow'],
  ['a 201', 201, '/there', 'follow'],
  ['a 302 without a location', 302, undefined, 'follow'],
  ['a 302 whose location cannot be read', 302, 'http://[', 'follow'],
  ['a 302 that the caller wants to see', 302, '/there', 'manual'],
])('%s comes back as it is', async (_, status, location, redirect) => {
  const { url, got } = await seller(redirects(location, status))
  const response = await payingFetch(wallet().pay, limits())(url, { redirect })
  expect([response.status, response.headers.get('location')]).toEqual([status, location ?? null])
  expect(await response.text()).toBe(status === 304 ? '' : 'moved')
  expect(receiptOf(response).paid).toBe('yes')
  expect(got).toHaveLength(2)
})
type RequestRedirectMode = 'follow' | 'manual' | 'error'

const loops: Answer = (got, response, nth) =>
  redirects('/', 302)({ ...got, url: '/' }, response, nth)

test.each<[string, Answer, RequestRedirectMode]>([
  ['that is not wanted', redirects('/there'), 'error'],
  ['that does not end', loops, 'follow'],
  ['to nobody', redirects('http://127.0.0.1:1/'), 'follow'],
  ['to what is no website', redirects('data:text/plain,free'), 'follow'],
  ['with a user name', redirects('http://me:secret-pass-word@127.0.0.1/'), 'follow'],
])('a redirect %s rejects, and the receipt says that it was paid', async (_, answer, redirect) => {
  const { url, paid } = await seller(answer)
  const budget = createBudget(limits())
  const failure = await rejection(payingFetch(wallet().pay, budget)(url, { redirect }))
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(failure).toMatchObject({ receipt: { paid: 'yes', amount: '10000', transaction: '0xabc' } })
  expect(failure.message).toBe('the paid call failed; the payment was taken')
  expect(leaks(failure, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  expect(leaks(failure, [{ name: 'location', value: 'secret-pass-word' }])).toEqual([])
  expect(paid()).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test('what follows a paid call is not paid again', async () => {
  const asksAgain: Answer = (got, response, nth) =>
    nth === 2
      ? redirects('/there')(got, response, nth)
      : asksThen(() => undefined)(got, response, 1)
  const { url, got, paid } = await seller(asksAgain)
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url)
  expect([response.status, receiptOf(response).paid]).toEqual([402, 'yes'])
  expect([asked.length, paid().length, got.length]).toEqual([1, 1, 3])
})

test('a redirect whose body does not end leaves no connection open', async () => {
  let closed: Promise<unknown> | undefined
  const { url } = await seller((got, response, nth) => {
    if (nth !== 2) return redirects('/there')(got, response, nth)
    closed = once(response, 'close')
    response.writeHead(302, { ...receipt, location: '/there' }).write('no end')
  })
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(await response.text()).toBe('served')
  await closed
})

test('a redirect whose body breaks off is followed all the same', async () => {
  let answered = (): void => undefined
  const broken = new Promise<void>((resolve) => (answered = resolve))
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return redirects('/there')(got, response, nth)
    if (nth === 3) return void broken.then(() => setImmediate(() => response.end('served')))
    response
      .on('close', answered)
      .writeHead(302, { ...receipt, location: '/there', 'content-length': 9 })
    response.write('m')
    setImmediate(() => response.socket?.resetAndDestroy())
  })
  const response = await payingFetch(wallet().pay, limits())(url)
  expect([await response.text(), receiptOf(response).paid]).toEqual(['served', 'yes'])
})

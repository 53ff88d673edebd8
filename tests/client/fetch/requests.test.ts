import { expect, test } from '@jest/globals'
import { createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import {
  asking,
  asksThen,
  limits,
  rejection,
  seller,
  sells,
  wallet,
  type Got,
} from '../support/http-seller.js'
import { dispatching } from '../support/dispatcher.js'

type Call = Parameters<typeof fetch>
const BYTES = new Uint8Array(300_000).map((_, i) => (i * 7) % 256)
const form = new FormData()
form.set('file', new Blob([BYTES]), 'a.bin')
const headers = { 'x-mine': 'yes', authorization: 'Bearer me', cookie: 'a=b', accept: 'text/plain' }

/** A request as a server sees it, without its payment and without what is another's each time. */
function seen(got: Got | undefined) {
  const all = Object.entries(got?.headers ?? {}).filter(([name]) => !CHANGING.includes(name))
  const request = { ...got, headers: Object.fromEntries(all) }
  return JSON.parse(JSON.stringify(request).replaceAll(/formdata-undici-\d+/g, '')) as Got
}
const CHANGING = ['host', 'payment-signature', 'content-length', 'transfer-encoding']

test.each<[string, (url: string) => Call]>([
  ['GET', (url) => [new URL(url), { headers }]],
  ['HEAD', (url) => [url, { method: 'HEAD', headers, cache: 'no-store' } as RequestInit]],
  [
    'stream',
    (url) => [url, { method: 'POST', headers, body: new Blob([BYTES]).stream(), duplex: 'half' }],
  ],
  ['form', (url) => [url, { method: 'POST', headers, body: form }]],
  ['array of bytes', (url) => [url, { method: 'PUT', headers, body: BYTES }]],
  ['text', (url) => [url, { method: 'POST', headers, body: 'ä€😀' }]],
  ['empty text', (url) => [url, { method: 'POST', headers, body: '' }]],
  ['query', (url) => [url, { method: 'DELETE', headers, body: new URLSearchParams('a=1&a=2') }]],
  ['Request', (url) => [new Request(url, { method: 'PATCH', headers, body: BYTES })]],
  ['referrer', (url) => [url, { method: 'POST', body: 'x', referrer: `${url}/from` }]],
  [
    'referrer cut to its origin',
    (url) => [url, { body: 'x', method: 'PUT', referrer: `${url}/from`, referrerPolicy: 'origin' }],
  ],
  ['referrer beside a Request', (url) => [new Request(url), { referrer: `${url}/from` }]],
  ['call without referrer', (url) => [url, { referrerPolicy: 'no-referrer' }]],
  ['Request with referrer', (url) => [new Request(url, { referrer: `${url}/from` })]],
])('a %s is sent as fetch sends it, twice the same', async (_, callTo) => {
  const { url, got } = await seller(sells)
  const target = `${url}/a?b=%20'#c`
  const response = await payingFetch(wallet().pay, limits())(...callTo(target))
  expect(response.status).toBe(200)
  await (await fetch(...callTo(target))).text()
  const [first, second, native] = got
  expect(seen(first)).toEqual(seen(native))
  expect(seen(second)).toEqual(seen(native))
  expect(second?.headers['payment-signature']).toBeTruthy()
})

test.each([
  ['follow', '200 there'],
  ['manual', '307 moved'],
  ['error', 'TypeError'],
] as const)(
  'an unpaid call is redirected as the caller wants it: %s',
  async (redirect, expected) => {
    const { url, got } = await seller(({ url: path }, response) => {
      if (path === '/') response.writeHead(307, { location: '/there' }).end('moved')
      else response.end('there')
    })
    const call = payingFetch(wallet().pay, limits())(url, { redirect, method: 'POST', body: 'x' })
    const outcome = await call.then(
      async (response) => `${response.status} ${await response.text()}`,
      (error: unknown) => (error as Error).name,
    )
    expect(outcome).toBe(expected)
    expect(got.every(({ body }) => body === 'x')).toBe(true)
  },
)

test.each(['init', 'Request'])(
  'the dispatcher of a call goes with both sends: in its %s',
  async (where) => {
    const { url, got } = await seller(sells)
    const { dispatcher, dispatched } = dispatching()
    const fetchPaying = payingFetch(wallet().pay, limits())
    const init: RequestInit = { dispatcher }
    await (where === 'init' ? fetchPaying(url, init) : fetchPaying(new Request(url, init)))
    expect(dispatched).toEqual(['GET', 'GET'])
    expect(got).toHaveLength(2)
  },
)

test('it goes with what follows redirects as well', async () => {
  const { url, got } = await seller((one, response, nth) => {
    if (one.url === '/') response.writeHead(302, { location: '/shop' }).end()
    else if (one.url === '/last') response.end('last')
    else if (nth === 2) asking()(one, response, nth)
    else response.writeHead(303, { location: '/last' }).end()
  })
  const { dispatcher, dispatched } = dispatching()
  const response = await payingFetch(wallet().pay, limits())(url, { dispatcher })
  expect(await response.text()).toBe('last')
  expect(got.map(({ url: path }) => path)).toEqual(['/', '/shop', '/shop', '/last'])
  expect(dispatched).toHaveLength(4)
})

test('another fetch than the global one can do the sending', async () => {
  const { url, got } = await seller(sells)
  const sent: string[] = []
  const own: typeof fetch = async (input, init) => {
    sent.push(input instanceof Request ? input.url : 'no Request')
    return fetch(input, init)
  }
  expect((await payingFetch(wallet().pay, limits(), { fetch: own })(url)).status).toBe(200)
  expect(sent).toEqual([`${url}/`, `${url}/`])
  expect(got).toHaveLength(2)
})

test('it can take the place of the global fetch', async () => {
  const { url, got } = await seller(sells)
  const original = globalThis.fetch
  try {
    globalThis.fetch = payingFetch(wallet().pay, limits())
    expect((await fetch(url)).status).toBe(200)
  } finally {
    globalThis.fetch = original
  }
  expect(got).toHaveLength(2)
})

test('inside another one, a call is paid once all the same', async () => {
  const { url, paid } = await seller(asking())
  const [inner, outer] = [wallet(), wallet()]
  const budget = createBudget(limits())
  const fetchInner = payingFetch(inner.pay, budget)
  const response = await payingFetch(outer.pay, budget, { fetch: fetchInner })(url)
  expect([response.status, inner.asked.length, outer.asked.length]).toEqual([402, 1, 0])
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(paid()).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 10_000n }])
})

test('a body that never ends does not keep a call from being given up', async () => {
  const { url, got } = await seller(sells)
  const { signal, abort } = abortable()
  let cancelled: unknown
  const body = new ReadableStream({
    pull: () => new Promise(() => setImmediate(abort)),
    cancel: (reason) => void (cancelled = reason),
  })
  const init = { method: 'POST', body, duplex: 'half' as const, signal }
  const failure = await rejection(payingFetch(wallet().pay, limits())(url, init))
  expect(failure).toMatchObject({ name: 'AbortError' })
  expect(cancelled).toBe(failure)
  expect(got).toEqual([])
})

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

test('a body that breaks off, and one that is no bytes, reject before anything is sent', async () => {
  const { url, got } = await seller(sells)
  const fetchPaying = payingFetch(wallet().pay, limits())
  const failure = new Error('torn')
  const torn = new ReadableStream({ start: (controller) => controller.error(failure) })
  const post = { method: 'POST', duplex: 'half' as const }
  expect(await rejection(fetchPaying(url, { ...post, body: torn }))).toBe(failure)
  const texts = new Blob(['a']).stream().pipeThrough(new TextDecoderStream())
  const wrong = fetchPaying(url, { ...post, body: texts as unknown as ReadableStream })
  expect(await rejection(wrong)).toMatchObject({ name: 'TypeError' })
  expect(await rejection(fetchPaying('no url'))).toMatchObject({ name: 'TypeError' })
  expect(got).toEqual([])
})

test('its type is that of fetch', async () => {
  const fetchPaying: typeof fetch = payingFetch(wallet(), limits())
  const { url } = await seller(asksThen((_, response) => void response.end('sold')))
  const response: Response = await fetchPaying(new URL(url), { method: 'POST' })
  expect(await response.text()).toBe('sold')
})

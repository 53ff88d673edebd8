import { expect, test } from '@jest/globals'
import { HTTPFacilitatorClient, type HTTPFacilitatorClientOptions } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { printed } from '../../support/secrets.js'
import { allTextOf, challengeOf, stack } from '../../support/seller.js'
import {
  buyOnce,
  callWith,
  challengeFrom,
  moneyShop,
  paymentFor,
  type MoneyOptions,
} from '../money/support/money.js'
import { listening, webServer } from './support/said.js'

// A seller for money reads in the log what is wrong with a facilitator. Buyers do not read it.

/** A shop that sells through one facilitator. */
async function shopAt(options: HTTPFacilitatorClientOptions, more: MoneyOptions = {}, on?: Local) {
  const { logger, said } = listening()
  const client = new HTTPFacilitatorClient(options)
  const shop = await moneyShop({ facilitators: [client], logger, ...more }, undefined, on)
  return { shop, client, logger, said }
}

const LATER = /^The seller cannot take payments right now\. Try again later/
const PAGE = '<!doctype html><title>Welcome</title>'

/** Where no facilitator of x402 is, and what is said of it. */
const WRONG: [string, () => Promise<string>, string, string[]][] = [
  [
    'a name that nobody has',
    () => Promise.resolve('https://facilitator.invalid'),
    'facilitator_unreachable',
    ['its name is not known to DNS (ENOTFOUND)'],
  ],
  [
    'a port where nothing listens',
    () => Promise.resolve('http://127.0.0.1:1'),
    'facilitator_unreachable',
    ['nothing listens there (ECONNREFUSED)', 'Its facilitator is at /facilitator'],
  ],
  ...(
    [
      ['a web page', 200, PAGE, ['answered with a page of HTML (HTTP 200)']],
      ['a wrong path', 404, '{"message":"Not found"}', ['nothing at the path', '/facilitator.']],
      ['a proxy', 502, PAGE, ['A proxy or load balancer answered']],
      ['a redirect', 308, '', ['sends the request on to another address']],
    ] as const
  ).map(([what, status, body, parts]): (typeof WRONG)[number] => [
    what,
    () => webServer((_request, response) => response.writeHead(status).end(body)),
    'facilitator_not_x402',
    [...parts],
  ]),
]

test.each(WRONG)('%s is told by the first payment, once', async (_, start, code, parts) => {
  const url = await start()
  const { shop, said } = await shopAt({ url })
  for (const output of [await buyOnce(shop), await buyOnce(shop)]) {
    expect(allTextOf(output)).toMatch(LATER)
    expect(challengeOf(output)).toBeUndefined()
  }
  expect(said()).toMatchObject([{ level: 'error', code }])
  for (const part of [url, ...parts]) expect(said()[0]?.words).toContain(part)
})

test.each(WRONG)('%s is told by warm(), once', async (_, start, code) => {
  const { client, logger, said } = await shopAt({ url: await start() })
  await client.warm({ logger })
  await client.warm({ logger })
  expect(said()).toMatchObject([{ level: 'error', code }])
})

const KEY = 'cdp-key-that-nobody-may-see'

test.each<[string, HTTPFacilitatorClientOptions, string[]]>([
  ['no headers', {}, ['No header says who asks. Give createAuthHeaders']],
  [
    'headers that are not taken',
    {
      createAuthHeaders: async () => ({
        verify: { authorization: KEY },
        settle: {},
        supported: {},
      }),
    },
    ['(HTTP 401)', 'Check the key, its time'],
  ],
  [
    'a token that cannot be had',
    { createAuthHeaders: () => Promise.reject(new Error(KEY)) },
    ['it threw'],
  ],
  [
    'headers without paths',
    { createAuthHeaders: async () => ({ authorization: KEY }) as never },
    ['createAuthHeaders.verify', 'for each path'],
  ],
])('%s: a facilitator with accounts does not let the seller in', async (_, options, parts) => {
  const url = await webServer((_request, response) => response.writeHead(401).end('{"error":"no"}'))
  const { shop, said, logger } = await shopAt({ url, ...options })
  const output = await buyOnce(shop)
  expect(allTextOf(output)).toMatch(LATER)
  expect(said()).toMatchObject([{ level: 'error', code: 'facilitator_key_refused' }])
  for (const part of parts) expect(said()[0]?.words).toContain(part)
  expect(printed([logger.lines, output])).not.toContain(KEY)
})

test('a facilitator that does not serve what is sold is told, with what it serves', async () => {
  const local = await stack()
  const { url } = local.x402
  const { shop, said } = await shopAt({ url }, { network: 'eip155:8453' }, local)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const outputs = [await shop.handler(callWith(payment)), await shop.handler(callWith(payment))]
  expect(outputs.map(challengeOf)).toEqual([expect.anything(), expect.anything()])
  expect(said()).toMatchObject([{ level: 'error', code: 'kind_not_supported' }])
  expect(said()[0]?.words).toContain(
    `no facilitator serves exact on eip155:8453: ${url} serves exact on eip155:84532, upto on eip155:84532.`,
  )
  expect(local.x402.calls.filter(({ route }) => route === 'supported')).toHaveLength(1)
})

test('what a challenge needs of a facilitator, and none gives, is told likewise', async () => {
  const local = await stack()
  const more = { network: 'eip155:8453', scheme: 'upto' }
  const { shop, said } = await shopAt({ url: local.x402.url }, more, local)
  expect(allTextOf(await shop.handler(callWith()))).toMatch(LATER)
  expect(said()).toMatchObject([{ level: 'error', code: 'kind_not_supported' }])
  expect(said()[0]?.words).toContain('no facilitator serves upto on eip155:8453')
})

test('a buyer without funds is no mistake of the seller, and costs no question', async () => {
  const local = await stack()
  const { shop, said } = await shopAt({ url: local.x402.url }, {}, local)
  local.x402.faults.set({ route: 'verify', kind: 'refuse', reason: 'insufficient_funds' })
  await buyOnce(shop)
  expect(said()).toEqual([])
  expect(local.x402.calls.map(({ route }) => route)).toEqual(['verify'])
})

test('a payment that we refuse ourselves costs no question either', async () => {
  const local = await stack()
  const { shop, said } = await shopAt({ url: local.x402.url }, {}, local)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const accepted = { ...(payment['accepted'] as object), network: 'eip155:1' }
  expect(challengeOf(await shop.handler(callWith({ ...payment, accepted })))).toBeDefined()
  expect([said(), local.x402.calls]).toEqual([[], []])
})

const MINUTE_MS = 60_000

test.each([
  [10 * MINUTE_MS, 'the clock of this machine is 10 minutes ahead of the clock of'],
  [-10 * MINUTE_MS, 'the clock of this machine is 10 minutes behind the clock of'],
])('a clock that is off by %i ms is told when a payment does not fit it', async (offMs, words) => {
  const local = await stack()
  const more = { now: () => Date.now() + offMs }
  const { shop, said } = await shopAt({ url: local.x402.url }, more, local)
  // The buyer's clock is right.
  const validAfter = BigInt(Math.floor(Date.now() / 1000) - 5)
  const output = await buyOnce(shop, { validAfter })
  expect(challengeOf(output)).toBeDefined()
  expect(said()).toMatchObject([{ level: 'error', code: 'clock_off' }])
  expect(said()[0]?.words).toContain(`${words} ${local.x402.url}`)
})

test('a payment that is too old says nothing of a clock that is right', async () => {
  const local = await stack()
  const { shop, said } = await shopAt({ url: local.x402.url }, {}, local)
  await buyOnce(shop, { validBefore: BigInt(Math.floor(Date.now() / 1000) - 5) })
  expect(said()).toEqual([])
})

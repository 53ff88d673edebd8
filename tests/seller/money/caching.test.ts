import { expect, test } from '@jest/globals'
import { createInterceptor, type PaidHandler } from '../../../src/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  MCP_ACCEPT,
} from '../../support/events.js'
import { bothHttpPhases, memoryStore, type HttpAnswer } from '../phases/support/http-phases.js'
import {
  callWith,
  centsOrPlan,
  challengeFrom,
  countingShop,
  inCents,
  moneyShop,
  paymentFor,
  type CountingShop,
  type MoneyOptions,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import { hello, responseOf, stack, toolCall } from '../../support/seller.js'
import { SHOP, fundedAccount } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const CENT = 10_000n
const DOORS = [...HTTP_EVENTS, GATEWAY_HTTP, GATEWAY]
const body = toolCall(TOOL)

/** What caches are told of one call over a Function URL, and whether it was paid. */
async function control(shop: CountingShop, payment?: Fields, accept = 'application/json') {
  const token = payment === undefined ? null : encodeHeader(payment)
  const output = await shop.handler(FUNCTION_URL.event({ body, token, accept }))
  const { headers } = FUNCTION_URL.said(output)
  const { headers: raw } = output as unknown as { headers: Fields }
  const lines = Object.keys(raw).filter((name) => name.toLowerCase() === 'cache-control')
  return { control: headers['cache-control'], lines: lines.length, taken: await shop.taken() }
}

const pay = async (shop: CountingShop) => paymentFor(shop, await challengeFrom(shop))

test.each(DOORS)('through $name, a challenge is for now', async (door) => {
  const shop = await moneyShop(door.options)
  const { headers } = door.said(await shop.handler(door.event({ body })))
  expect(headers['cache-control']).toBe('no-store')
})

test.each(DOORS)('through $name, what is paid is for its buyer alone', async (door) => {
  const shop = await countingShop(door.options)
  const token = encodeHeader(await pay(shop))
  const { headers, message } = door.said(await shop.handler(door.event({ body, token })))
  expect(headers['cache-control']).toBe('private')
  expect(message).toMatchObject({ result: { content: [{ text: 'Hello!' }] } })
  expect(await shop.taken()).toBe(CENT)
})

test('MCP clients are told the same', async () => {
  const shop = await countingShop()
  expect((await control(shop, undefined, MCP_ACCEPT)).control).toBe('no-store')
  expect((await control(shop, await pay(shop), MCP_ACCEPT)).control).toBe('private')
})

test.each<[string | undefined, string]>([
  [undefined, 'private'],
  ['public', 'private'],
  ['public, max-age=60', 'private, max-age=60'],
  ['max-age=60, s-maxage=600', 'private, max-age=60'],
  ['PUBLIC, S-MAXAGE=5', 'private'],
  ['private', 'private'],
  ['private, max-age=60', 'private, max-age=60'],
  ['private="x-secret", max-age=60', 'private, private="x-secret", max-age=60'],
  ['no-store', 'no-store'],
  ['No-Store', 'No-Store'],
  ['no-cache', 'private, no-cache'],
  ['', 'private'],
])('of a handler that says %p, a paid answer says %p', async (said, expected) => {
  for (const name of ['Cache-Control', 'cache-control']) {
    const handler: PaidHandler = () => ({
      statusCode: 200,
      headers: { ...(said !== undefined && { [name]: said }) },
      body: JSON.stringify({ content: [{ type: 'text', text: 'Hello!' }] }),
    })
    const shop = await countingShop({}, handler)
    expect(await control(shop, await pay(shop))).toEqual({
      control: expected,
      lines: 1,
      taken: CENT,
    })
  }
})

test.each<[string, MoneyOptions, PaidHandler]>([
  ['a price of nothing', { price: '$0' }, hello],
  [
    'nothing to charge',
    { scheme: 'upto' },
    () => ({ content: [], _meta: { amountToCharge: '0' } }),
  ],
])('with %s, caching is the handler’s own business', async (_, options, handler) => {
  const shop = await countingShop(options, handler)
  const payment = options.price === '$0' ? undefined : await pay(shop)
  expect(await control(shop, payment)).toEqual({ control: undefined, lines: 0, taken: 0n })
  expect(shop.ran()).toBe(1)
})

test.each([
  ['a refusal of verify', { kind: 'refuse', route: 'verify' }, 0n],
  ['a refusal of settle', { kind: 'refuse', route: 'settle' }, 0n],
  ['an outage', { kind: 'error', route: 'verify' }, 0n],
  ['an unknown outcome', { kind: 'lost-answer', route: 'settle', times: 3 }, CENT],
] as const)('%s is not to be kept', async (_, fault, taken) => {
  const shop = await countingShop()
  const payment = await pay(shop)
  shop.local.x402.faults.set(fault)
  expect(await control(shop, payment)).toEqual({ control: 'no-store', lines: 1, taken })
})

test.each<[string, PaidHandler, bigint]>([
  ['an answer that failed after it was paid', () => ({ isError: true, content: [] }), CENT],
  ['a handler that threw after it was paid', () => Promise.reject(new Error('broken')), CENT],
])('%s is for its buyer alone', async (_, handler, taken) => {
  const shop = await countingShop({ flow: 'upfront' }, handler)
  expect(await control(shop, await pay(shop))).toEqual({ control: 'private', lines: 1, taken })
})

test('a handler that threw is not to be kept', async () => {
  const shop = await countingShop({}, () => Promise.reject(new Error('broken')))
  expect(await control(shop, await pay(shop))).toEqual({ control: 'no-store', lines: 1, taken: 0n })
})

test('answers paid with plans are for their buyers alone as well', async () => {
  const local = await stack()
  const shop = await countingShop(centsOrPlan(local), hello, local)
  const output = await shop.handler(local.paidEvent(TOOL))
  expect(responseOf(output).headers['Cache-Control']).toBe('private')
  expect([local.balance(), await shop.taken()]).toEqual([99n, 0n])
  expect(responseOf(await shop.handler(callWith())).headers['Cache-Control']).toBe('no-store')
})

/** Pays for a plain HTTP target that answers with these headers. */
async function throughHttpTarget(answer: HttpAnswer) {
  const local = await stack()
  const secret = 'a secret of no less than 32 bytes'
  const options = { ...inCents(local), secret, store: memoryStore() }
  const { handle } = createInterceptor(options)
  const account = await fundedAccount(local)
  const { got: asked } = await bothHttpPhases(handle, {})
  const header = asked.headers['payment-required'] ?? ''
  const challenge = JSON.parse(Buffer.from(header, 'base64').toString()) as never
  const token = encodeHeader(await paymentFor({ local, account }, challenge))
  const { got } = await bothHttpPhases(handle, { token }, () => answer)
  return { asked, got, taken: await local.x402.balanceOf(SHOP) }
}

test('before a plain HTTP target a challenge is for now, and what is paid for its buyer', async () => {
  const headers = { 'content-type': 'text/plain', 'cache-control': 'public, max-age=60' }
  const { asked, got, taken } = await throughHttpTarget({ headers, body: 'Hello!' })
  expect(asked.headers['Cache-Control']).toBe('no-store')
  expect(got.headers['Cache-Control']).toBe('private, max-age=60')
  expect(got.headers).not.toHaveProperty('cache-control')
  expect([got.body.toString(), taken]).toEqual(['Hello!', CENT])
})

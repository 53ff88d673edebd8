import { expect, test } from '@jest/globals'
import { encodeHeader } from '../../../src/wire/x402.js'
import { FUNCTION_URL, REST_API } from '../../support/events.js'
import {
  NOTHING_HAPPENED,
  assetIn,
  callWith,
  challengeFrom,
  countingShop,
  moneyChallenge,
  paymentFor,
  whatHappened,
  type CountingShop,
  type MoneyOptions,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import { allTextOf, eventOf, textOf, toolCall } from '../../support/seller.js'
import type { Terms } from './support/x402-payments.js'
import { inSeconds } from '../../support/clock.js'

type Fields = Record<string, unknown>

const OTHER = '0x2222222222222222222222222222222222222222'
const UPTO: MoneyOptions = { scheme: 'upto' }

/** Pays with one thing changed, and expects a refusal that cost nobody anything. */
async function refused(shop: CountingShop, payment: Fields, reason: string): Promise<void> {
  const before = shop.local.x402.calls.length
  const output = await shop.handler(callWith(payment))
  expect(moneyChallenge(output).error).toBe(`verification failed: ${reason}`)
  expect(allTextOf(output)).toContain('You were not charged')
  const { asked, ...others } = await whatHappened(shop)
  expect({ ...others, asked: asked.slice(before) }).toEqual(NOTHING_HAPPENED)
  expect(await shop.local.x402.balanceOf(shop.account.address)).toBe(1_000_000n)
}

test.each<[string, Fields, string]>([
  ['scheme', { scheme: 'upto' }, 'scheme_mismatch'],
  ['network', { network: 'eip155:8453' }, 'network_mismatch'],
  ['network, by its name in v1', { network: 'base-sepolia' }, 'network_mismatch'],
  ['amount', { amount: '1' }, 'amount_mismatch'],
  ['amount, higher than asked', { amount: '10001' }, 'amount_mismatch'],
  ['amount as a number', { amount: 10_000 }, 'amount_mismatch'],
  ['amount with a leading zero', { amount: '010000' }, 'amount_mismatch'],
  ['amount with an exponent', { amount: '1e4' }, 'amount_mismatch'],
  ['asset', { asset: OTHER }, 'asset_mismatch'],
  ['payTo', { payTo: OTHER }, 'pay_to_mismatch'],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 301 }, 'max_timeout_seconds_mismatch'],
  ['maxTimeoutSeconds as text', { maxTimeoutSeconds: '300' }, 'max_timeout_seconds_mismatch'],
  ['extra.name', { extra: { name: 'USD Coin', version: '2' } }, 'extra_mismatch'],
  ['extra.version', { extra: { name: 'USDC', version: '1' } }, 'extra_mismatch'],
  ['extra without its version', { extra: { name: 'USDC' } }, 'extra_mismatch'],
  ['extra of nothing', { extra: null }, 'extra_mismatch'],
])('what is said to be accepted must be what was asked: %s', async (_, change, reason) => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const accepted = { ...assetIn(challenge), ...change }
  await refused(shop, await paymentFor(shop, challenge, {}, { accepted }), reason)
})

test.each(['scheme', 'network', 'amount', 'asset', 'payTo', 'maxTimeoutSeconds', 'extra'])(
  'what was asked must come back whole: %s',
  async (name) => {
    const shop = await countingShop()
    const challenge = await challengeFrom(shop)
    const accepted = { ...assetIn(challenge), [name]: undefined }
    const payment = await paymentFor(shop, challenge, {}, { accepted })
    const output = await shop.handler(callWith(payment))
    expect(moneyChallenge(output).error).toMatch(/^verification failed: \w+(_mismatch|_scheme)$/)
    expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
  },
)

test.each<[string, Terms, string]>([
  ['a payment to somebody else', { signedPayTo: OTHER }, 'to_mismatch'],
  ['a lower amount', { signedAmount: '9999' }, 'value_mismatch'],
  ['a higher amount', { signedAmount: '10001' }, 'value_mismatch'],
  ['a time that is over', { validBefore: inSeconds(-1) }, 'payment_expires_too_soon'],
  ['too short a time for the work', { validBefore: inSeconds(140) }, 'payment_expires_too_soon'],
  ['a time that has not come', { validAfter: inSeconds(90) }, 'payment_not_yet_valid'],
])('a signature for %s is refused unseen by a facilitator', async (_, terms, reason) => {
  const shop = await countingShop()
  await refused(shop, await paymentFor(shop, await challengeFrom(shop), terms), reason)
})

test.each<[string, Terms, string]>([
  ['a payment to somebody else', { signedPayTo: OTHER }, 'to_mismatch'],
  ['a lower bound', { signedAmount: '9999' }, 'amount_mismatch'],
  ['a time that is over', { validBefore: inSeconds(-1) }, 'payment_expires_too_soon'],
  ['a time that has not come', { validAfter: inSeconds(90) }, 'payment_not_yet_valid'],
])('a permission for %s is refused unseen by a facilitator', async (_, terms, reason) => {
  const shop = await countingShop(UPTO)
  await shop.handler(callWith())
  await refused(shop, await paymentFor(shop, await challengeFrom(shop), terms), reason)
})

test('a permission for another token is refused unseen by a facilitator', async () => {
  const shop = await countingShop(UPTO)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const { permit2Authorization: permit, ...signed } = payment['payload'] as Fields
  const permitted = { token: OTHER, amount: '10000' }
  const payload = { ...signed, permit2Authorization: { ...(permit as Fields), permitted } }
  await refused(shop, { ...payment, payload }, 'token_mismatch')
})

test.each<[string, Fields]>([
  ['an exponent', { value: '1e4' }],
  ['a sign', { value: '+10000' }],
  ['a minus', { value: '-10000' }],
  ['a leading zero', { value: '010000' }],
  ['a fraction', { value: '10000.0' }],
  ['a hexadecimal number', { value: '0x2710' }],
  ['a number', { value: 10_000 }],
  ['spaces', { value: ' 10000 ' }],
  ['a list', { value: ['10000'] }],
  ['nothing', { value: '' }],
])('a signed amount that is written as %s is refused unseen', async (_, change) => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  await refused(shop, { ...payment, payload: changed(payment, change) }, 'value_mismatch')
})

test.each<[string, Fields, string]>([
  ['no end', { validBefore: undefined }, 'invalid_payload'],
  ['an end that is no number', { validBefore: 'tomorrow' }, 'invalid_payload'],
  ['an end before all time', { validBefore: -1 }, 'payment_expires_too_soon'],
  ['a nonce in a list', { nonce: ['1'] }, 'invalid_payload'],
  ['no nonce', { nonce: null }, 'invalid_payload'],
  ['a payer that is no text', { from: [OTHER] }, 'invalid_payload'],
  ['a payee that is no text', { to: 5 }, 'to_mismatch'],
  ['a payer without 0x', { from: OTHER.slice(2) }, 'invalid_payload'],
  ['zeros before the payer', { from: `0x00${OTHER.slice(2)}` }, 'invalid_payload'],
  ['a space before the payer', { from: ` ${OTHER}` }, 'invalid_payload'],
  ['a nonce of 33 bytes', { nonce: `0x${'01'.repeat(33)}` }, 'invalid_payload'],
  ['a nonce of one byte', { nonce: '0x01' }, 'invalid_payload'],
  ['a nonce without 0x', { nonce: '01'.repeat(32) }, 'invalid_payload'],
  ['something after the nonce', { nonce: `0x${'01'.repeat(32)}zz` }, 'invalid_payload'],
])('a signature with %s is refused unseen', async (_, change, reason) => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  await refused(shop, { ...payment, payload: changed(payment, change) }, reason)
})

test('a payment that is signed in two ways at once is refused unseen', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const permit2Authorization = { deadline: String(inSeconds(300)) }
  const payload = { ...(payment['payload'] as Fields), permit2Authorization }
  await refused(shop, { ...payment, payload }, 'invalid_payload')
})

test.each<[string, Fields, string]>([
  ['version 3', { x402Version: 3 }, 'invalid_x402_version'],
  ['version "2"', { x402Version: '2' }, 'invalid_x402_version'],
  ['no version', { x402Version: undefined }, 'invalid_x402_version'],
  ['a list for a payload', { payload: [] }, 'invalid_payload'],
  ['no payload', { payload: undefined }, 'invalid_payload'],
  ['an empty payload', { payload: {} }, 'invalid_payload'],
  ['another resource', { resource: { url: 'mcp://tool/T___other' } }, 'resource_mismatch'],
  ['a resource that is no text', { resource: { url: 5 } }, 'resource_mismatch'],
])('a payment of %s is refused unseen', async (_, change, reason) => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  await refused(shop, { ...payment, ...change }, reason)
})

test('a payment for one tool buys no other one at the same price', async () => {
  const tools = { T___hello: { price: '$0.01' }, T___other: { price: '$0.01' } } as const
  const shop = await countingShop({ tools })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const other = eventOf(toolCall('T___other', {}, { _meta: { 'x402/payment': payment } }))
  const output = await shop.handler(other)
  expect(moneyChallenge(output).error).toBe('verification failed: resource_mismatch')
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
  expect(textOf(await shop.handler(callWith(payment)))).toBe('Hello!')
  expect(await shop.taken()).toBe(10_000n)
})

test('addresses are the same in either case, and buyers may add to extra', async () => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const { asset, extra, ...others } = assetIn(challenge)
  const accepted = { ...others, asset: asset.toLowerCase(), extra: { ...extra, more: 'words' } }
  const payment = await paymentFor(shop, challenge, {}, { accepted })
  expect(textOf(await shop.handler(callWith(payment)))).toBe('Hello!')
  expect(await shop.taken()).toBe(10_000n)
})

/** The payload of a payment, with something else in what is said to be signed. */
function changed(payment: Fields, change: Fields): Fields {
  const { authorization, ...signed } = payment['payload'] as Fields
  return { ...signed, authorization: { ...(authorization as Fields), ...change } }
}

test.each<[string, string]>([
  ['a list in base64', 'W10='],
  ['a text in base64', 'InBheSI='],
  ['null in base64', 'bnVsbA=='],
  ['no JSON in base64', 'e3t7'],
  ['no base64', '{"x402Version":2}'],
  ['control characters', 'e30=\u0000'],
  ['8 MB', 'e'.repeat(8 * 1024 * 1024)],
  ['more than 64 KiB', encodeHeader({ x402Version: 2, pad: 'x'.repeat(65_536) })],
])('a header with %s is malformed, and nobody is asked about it', async (_, token) => {
  const shop = await countingShop()
  const sent = { body: toolCall(TOOL), token }
  const { status, message } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
  expect(status).toBe(402)
  expect(message).toMatchObject({ result: { structuredContent: { error: 'payment malformed' } } })
  expect(JSON.stringify(message).length).toBeLessThan(10_000)
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test.each<[string, (token: string) => string]>([
  ['characters that are no base64 in it', (token) => `${token.slice(0, 40)}*${token.slice(40)}`],
  ['line breaks in it', (token) => `${token.slice(0, 40)}\n${token.slice(40)}`],
  ['something behind its padding', (token) => `${token.replace(/=*$/, '==')}e30=`],
  ['itself behind it', (token) => `${token},${token}`],
])('a good payment with %s is malformed', async (_, spoil) => {
  const shop = await countingShop()
  const token = encodeHeader(await paymentFor(shop, await challengeFrom(shop)))
  const sent = { body: toolCall(TOOL), token: spoil(token) }
  const { status, message } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
  expect(status).toBe(402)
  expect(message).toMatchObject({ result: { structuredContent: { error: 'payment malformed' } } })
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('a payment header that came twice is malformed', async () => {
  const shop = await countingShop()
  const token = encodeHeader(await paymentFor(shop, await challengeFrom(shop)))
  const event = REST_API.event({ body: toolCall(TOOL), token })
  const multi = event['multiValueHeaders'] as Record<string, string[]>
  const twice = { ...multi, 'Payment-Signature': [token, token] }
  const { status } = REST_API.said(
    await shop.handler({ ...event, multiValueHeaders: twice, headers: null }),
  )
  expect(status).toBe(402)
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('two different payments of one call are refused, whichever is good', async () => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const [one, two] = [await paymentFor(shop, challenge), await paymentFor(shop, challenge)]
  const args = { headers: { 'PAYMENT-SIGNATURE': encodeHeader(two) } }
  const output = await shop.handler(
    eventOf(toolCall(TOOL, args, { _meta: { 'x402/payment': one } })),
  )
  expect(moneyChallenge(output).error).toBe('two different payments in one call')
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('explicit nulls of other languages mean nothing', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const nulls = { extensions: null, resource: null }
  const { payload } = payment as { payload: Fields }
  const sent = { ...payment, ...nulls, payload: { ...payload, note: null } }
  expect(textOf(await shop.handler(callWith(sent)))).toBe('Hello!')
  expect(await shop.taken()).toBe(10_000n)
})

test('a payment nested deeper than the stack is refused, and no facilitator is blamed for it', async () => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const text = JSON.stringify({ ...(await paymentFor(shop, challenge)), deep: 0 })
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const token = Buffer.from(text.replace('"deep":0', `"deep":${deep}`)).toString('base64')
  const sent = { body: toolCall(TOOL), token }
  const { status } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
  expect(status).toBe(402)
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

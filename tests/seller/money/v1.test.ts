import { expect, test } from '@jest/globals'
import { createInterceptor, memoryStore as memoryOfPayments } from '../../../src/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import {
  DOORS,
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LAMBDA_TARGETS,
  MCP_ACCEPT,
} from '../../support/events.js'
import { bothHttpPhases, memoryStore, type HttpRequest } from '../phases/support/http-phases.js'
import {
  callWith,
  callWithHeader,
  centsOrPlan,
  challengeFrom,
  countingShop,
  inCents,
  moneyShop,
  paymentFor,
  paymentV1For,
  whatHappened,
  type CountingShop,
  type MoneyOptions,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import { receiptOf, responseOf, stack, textOf, toolCall } from '../../support/seller.js'
import { SHOP, fundedAccount } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const CENT = 10_000n
const SECRET = 'a secret of no less than 32 bytes'
/** What a buyer of version 1 reads. */
const IN_V1 = {
  x402Version: 1,
  accepts: [
    {
      scheme: 'exact',
      network: 'base-sepolia',
      maxAmountRequired: '10000',
      resource: 'mcp://tool/T___hello',
      description: '',
      mimeType: '',
      payTo: SHOP,
      maxTimeoutSeconds: 300,
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      extra: { name: 'USDC', version: '2' },
    },
  ],
}
const MARKS_OF_V1 = ['maxAmountRequired', 'base-sepolia', '"x402Version":1']

const inV1 = async (shop: CountingShop) => paymentV1For(shop, await challengeFrom(shop))
const header = (payment: Fields) => ({ 'x-payment': encodeHeader(payment) })

test.each([...HTTP_EVENTS, GATEWAY_HTTP])(
  'through $name, the body asks buyers of version 1 beside the JSON-RPC answer',
  async (door) => {
    const shop = await moneyShop(door.options)
    const output = await shop.handler(door.event({ body: toolCall(TOOL) }))
    const { status, headers, message } = door.said(output)
    expect(status).toBe(402)
    expect(message).toMatchObject({ jsonrpc: '2.0', id: 1, result: { isError: true }, ...IN_V1 })
    expect(message).not.toHaveProperty('error')
    expect(message).not.toHaveProperty('accepts.0.outputSchema')
    expect(decodeHeader(headers['payment-required'] ?? '')).toMatchObject({ x402Version: 2 })
  },
)

test.each([...HTTP_EVENTS, GATEWAY_HTTP])(
  'through $name, a payment in X-PAYMENT is taken and its receipt comes in both versions',
  async (door) => {
    const shop = await countingShop(door.options)
    const sent = { body: toolCall(TOOL), headers: header(await inV1(shop)) }
    const { status, headers, message } = door.said(await shop.handler(door.event(sent)))
    expect(status).toBe(200)
    expect(message).toMatchObject({ result: { content: [{ text: 'Hello!' }] } })
    expect(message).not.toHaveProperty('accepts')
    const [settlement] = shop.local.x402.settlements
    const { address: payer } = shop.account
    expect(decodeHeader(headers['x-payment-response'] ?? '')).toEqual({
      success: true,
      transaction: settlement?.transaction,
      network: 'base-sepolia',
      payer,
    })
    expect(decodeHeader(headers['payment-response'] ?? '')).toMatchObject({
      success: true,
      network: 'eip155:84532',
      amount: '10000',
    })
    const asked = ['verify', 'settle']
    expect(await whatHappened(shop)).toEqual({ ran: 1, taken: CENT, asked, settled: 1 })
    expect(await shop.local.x402.balanceOf(payer)).toBe(1_000_000n - CENT)
  },
)

test('a buyer of version 1 is asked about in version 1, with the seller’s own requirements', async () => {
  const shop = await countingShop({ description: 'A greeting', mimeType: 'text/plain' })
  await shop.handler(callWithHeader('x-payment', await inV1(shop)))
  const bodies = shop.local.x402.calls.map(({ body }) => body as Fields)
  const [own] = IN_V1.accepts
  const described = { ...own, description: 'A greeting', mimeType: 'text/plain' }
  expect(bodies.map((body) => [body['x402Version'], body['paymentRequirements']])).toEqual([
    [1, described],
    [1, described],
  ])
  expect(await shop.taken()).toBe(CENT)
})

test('a buyer of version 2 gets no receipt of version 1', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const output = await shop.handler(callWithHeader('payment-signature', payment))
  expect(responseOf(output).headers).not.toHaveProperty('x-payment-response')
  const bodies = shop.local.x402.calls.map(({ body }) => body as Fields)
  expect(bodies.map((body) => body['x402Version'])).toEqual([2, 2])
  expect(await shop.taken()).toBe(CENT)
})

test.each(['payment-signature', 'x-payment'] as const)(
  'the header does not say the version, the payment in it does: %s',
  async (name) => {
    const shop = await countingShop()
    const output = await shop.handler(callWithHeader(name, await inV1(shop)))
    expect(textOf(output)).toBe('Hello!')
    expect(responseOf(output).headers).toHaveProperty('x-payment-response')
    const two = await paymentFor(shop, await challengeFrom(shop))
    expect(textOf(await shop.handler(callWithHeader(name, two)))).toBe('Hello!')
    expect([shop.ran(), await shop.taken()]).toEqual([2, 2n * CENT])
  },
)

test.each([FUNCTION_URL, GATEWAY_HTTP])(
  'through $name, MCP clients see nothing of version 1',
  async (door) => {
    const shop = await moneyShop(door.options)
    const sent = { body: toolCall(TOOL), accept: MCP_ACCEPT }
    const { status, message } = door.said(await shop.handler(door.event(sent)))
    expect(status).toBe(200)
    expect(Object.keys(message as Fields).sort()).toEqual(['id', 'jsonrpc', 'result'])
    for (const mark of MARKS_OF_V1) expect(JSON.stringify(message)).not.toContain(mark)
  },
)

test.each([GATEWAY, ...LAMBDA_TARGETS])(
  'through $name, nobody sees anything of version 1',
  async (door) => {
    const shop = await moneyShop(door.options)
    const sent = { body: toolCall(TOOL) }
    const { message } = door.said(await shop.handler(door.event(sent), door.context(sent)))
    expect(JSON.stringify(message)).toContain('payTo')
    for (const mark of MARKS_OF_V1) expect(JSON.stringify(message)).not.toContain(mark)
  },
)

test.each(DOORS)('through $name, what failed asks nothing in version 1', async (door) => {
  const shop = await countingShop(door.options)
  const payment = await inV1(shop)
  shop.local.x402.faults.set({ kind: 'error', route: 'verify' })
  const sent = { body: toolCall(TOOL), headers: header(payment) }
  const { message } = door.said(await shop.handler(door.event(sent), door.context(sent)))
  expect(JSON.stringify(message)).toContain('Try again later')
  expect(message).not.toHaveProperty('accepts')
  expect([shop.ran(), await shop.taken()]).toEqual([0, 0n])
})

test('beside plans, version 1 is offered the money alone', async () => {
  const local = await stack()
  const shop = await moneyShop(centsOrPlan(local), undefined, local)
  const output = await shop.handler(FUNCTION_URL.event({ body: toolCall(TOOL) }))
  expect(FUNCTION_URL.said(output).message).toMatchObject(IN_V1)
})

test.each<[string, MoneyOptions]>([
  ['upto', { scheme: 'upto' }],
  [
    'a network that version 1 has no name for',
    {
      network: 'eip155:59144',
      price: { amount: '1', asset: `0x${'6'.repeat(40)}`, extra: { name: 'X', version: '1' } },
    },
  ],
])('what version 1 does not know is not offered in it: %s', async (_, options) => {
  const shop = await moneyShop(options)
  const output = await shop.handler(FUNCTION_URL.event({ body: toolCall(TOOL) }))
  const { status, message } = FUNCTION_URL.said(output)
  expect(status).toBe(402)
  expect(Object.keys(message as Fields).sort()).toEqual(['id', 'jsonrpc', 'result'])
})

test.each<[string, MoneyOptions, Fields, string]>([
  ['for upto', { scheme: 'upto' }, {}, 'invalid_x402_version'],
  ['of another scheme', {}, { scheme: 'upto' }, 'scheme_mismatch'],
  ['on another network', {}, { network: 'base' }, 'network_mismatch'],
  ['on no network', {}, { network: undefined }, 'network_mismatch'],
])(
  'a payment of version 1 %s is refused unseen by a facilitator',
  async (_, options, change, reason) => {
    const shop = await countingShop(options)
    const payment = { ...(await inV1(shop)), ...change }
    const before = shop.local.x402.calls.length
    const sent = { body: toolCall(TOOL), headers: header(payment) }
    const { status, message } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
    expect(status).toBe(402)
    expect(JSON.stringify(message)).toContain(`verification failed: ${reason}`)
    expect(shop.local.x402.calls.slice(before)).toEqual([])
    expect([shop.ran(), await shop.taken()]).toEqual([0, 0n])
  },
)

test('the signed terms of a payment of version 1 are checked like those of version 2', async () => {
  const shop = await countingShop()
  const payment = await paymentV1For(shop, await challengeFrom(shop), { signedAmount: '1' })
  const sent = { body: toolCall(TOOL), headers: header(payment) }
  const { message } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
  expect(JSON.stringify(message)).toContain('verification failed: value_mismatch')
  expect(await whatHappened(shop)).toMatchObject({ ran: 0, asked: [] })
})

test('the same payment in both versions at once is one payment', async () => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const two = await paymentFor(shop, challenge)
  const one = { x402Version: 1, scheme: 'exact', network: 'base-sepolia', payload: two['payload'] }
  const outputs = await Promise.all([
    shop.handler(callWithHeader('payment-signature', two)),
    shop.handler(callWithHeader('x-payment', one)),
  ])
  expect(outputs.map((output) => receiptOf(output)?.['success'])).toEqual([true, undefined])
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

/** A Gateway before an HTTP target that speaks no MCP. */
async function httpShop(options: object = {}) {
  const local = await stack()
  const all = { ...inCents(local), secret: SECRET, store: memoryStore(), ...options }
  const { handle } = createInterceptor(all)
  const account = await fundedAccount(local)
  const play = (request: HttpRequest) => bothHttpPhases(handle, request)
  return { local, account, play }
}

test('before a plain HTTP target the body is the challenge of version 1, and the header that of 2', async () => {
  const { play } = await httpShop()
  const { got, forwarded } = await play({ path: '/hello' })
  expect([got.status, forwarded]).toEqual([402, undefined])
  const [own] = IN_V1.accepts
  expect(JSON.parse(got.body.toString())).toEqual({
    x402Version: 1,
    error: 'payment required',
    accepts: [{ ...own, resource: '/hello' }],
  })
  const two = decodeHeader(got.headers['payment-required'] ?? '')
  expect(two).toMatchObject({ x402Version: 2, error: 'payment required' })
})

test('before a plain HTTP target a payment of version 1 is taken, with its receipt', async () => {
  const { local, account, play } = await httpShop()
  const { got: asked } = await play({ path: '/hello' })
  const challenge = decodeHeader(asked.headers['payment-required'] ?? '')
  const payment = await paymentV1For({ local, account }, challenge as never)
  const { got } = await play({ path: '/hello', headers: { 'X-PAYMENT': encodeHeader(payment) } })
  expect([got.status, got.body.toString()]).toEqual([200, 'Hello!'])
  const { 'x-payment-response': receipt = '' } = got.headers
  expect(decodeHeader(receipt)).toMatchObject({ success: true, network: 'base-sepolia' })
  expect([await local.x402.balanceOf(SHOP), local.x402.settlements.length]).toEqual([CENT, 1])
})

test('before a plain HTTP target, what version 1 does not know is asked for in version 2', async () => {
  const { play } = await httpShop({ scheme: 'upto' })
  const { got } = await play({ path: '/hello' })
  expect(got.status).toBe(402)
  expect(JSON.parse(got.body.toString())).toMatchObject({
    x402Version: 2,
    error: 'payment required',
  })
})

test('where the header of version 2 is too long to be sent, the body says it', async () => {
  const { play } = await httpShop({ description: 'd'.repeat(4_000) })
  const { got } = await play({ path: '/hello' })
  expect(got.headers).not.toHaveProperty('payment-required')
  expect(JSON.parse(got.body.toString())).toMatchObject({ x402Version: 2 })
  const shop = await moneyShop({ description: 'd'.repeat(4_000) })
  const output = await shop.handler(FUNCTION_URL.event({ body: toolCall(TOOL) }))
  expect(FUNCTION_URL.said(output).message).not.toHaveProperty('x402Version')
})

/** Answers the same payment again as the first time, as some facilitators do. */
const converging = {
  verify: () => Promise.resolve({ isValid: true }),
  settle: () => Promise.resolve({ success: true, transaction: `0x${'1'.repeat(64)}` }),
  getSupported: () =>
    Promise.resolve({
      kinds: [
        { x402Version: 1, scheme: 'exact', network: 'base-sepolia' },
        { x402Version: 2, scheme: 'exact', network: 'eip155:84532' },
      ],
    }),
}

test.each<[string, Fields]>([
  ['asset', { scheme: 'exact', asset: '0x0000000000000000000000000000000000000005' }],
  ['network', { scheme: 'exact', network: 'eip155:1' }],
  ['kind of network', { scheme: 'exact', network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1' }],
])(
  'a payment that comes again and names another %s, which version 1 has no place for, buys nothing',
  async (_, accepted) => {
    const shop = await countingShop({
      facilitators: [converging],
      paymentStore: memoryOfPayments(),
    })
    const payment = await inV1(shop)
    expect(textOf(await shop.handler(callWith(payment)))).toBe('Hello!')
    const again = await shop.handler(callWith({ ...payment, accepted }))
    expect(textOf(again)).toMatch(/belongs to another call/)
    expect(shop.ran()).toBe(1)
  },
)

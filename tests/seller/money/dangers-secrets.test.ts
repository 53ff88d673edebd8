import { expect, test } from '@jest/globals'
import type { FacilitatorClient, PaidHandler } from '../../../src/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { isRecord } from '../../../src/wire/json.js'
import {
  facilitatorServer,
  json,
  type Answering,
} from '../../facilitators/support/facilitator-server.js'
import {
  callWith,
  callWithHeader,
  challengeFrom,
  countingShop,
  inCents,
  moneyChallenge,
  paymentFor,
  paymentV1For,
  type CountingShop,
  type MoneyOptions,
} from './support/money.js'
import { leaks, recorder, secretsOfToken } from '../../support/secrets.js'
import {
  contextWith,
  eventOf,
  hello,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'
import { HTTPFacilitatorClient } from '../../../src/index.js'

type Fields = Record<string, unknown>

/** Everything that comes out of a call, and what must not be in it. */
async function comesOut(
  options: MoneyOptions,
  pay: (shop: CountingShop) => Promise<Fields>,
  { handler = hello, call = callWith, before }: How = {},
) {
  const { logger, hooks, watch, everything } = recorder()
  const shop = await countingShop({ logger, ...hooks, ...options }, watch(handler))
  const payment = await pay(shop)
  before?.(shop)
  const output = await shop.handler(call(payment), contextWith(60_000))
  const secrets = secretsOfToken(encodeHeader(payment))
  return { shop, output, secrets, out: [output, shop.events, ...everything()] }
}

interface How {
  handler?: PaidHandler
  call?: (payment: Fields) => Fields
  before?: (shop: CountingShop) => void
}

const good = async (shop: CountingShop) => paymentFor(shop, await challengeFrom(shop))
const inV1 = async (shop: CountingShop) => paymentV1For(shop, await challengeFrom(shop))
const altered = (change: Fields) => async (shop: CountingShop) => ({
  ...(await good(shop)),
  ...change,
})
const faulty =
  (...faults: Parameters<CountingShop['local']['x402']['faults']['set']>[0][]) =>
  (shop: CountingShop) =>
    faults.forEach((fault) => shop.local.x402.faults.set(fault))

test.each<[string, MoneyOptions, (shop: CountingShop) => Promise<Fields>, How]>([
  ['that is settled', {}, good, {}],
  ['in a header', {}, good, { call: (it) => callWithHeader('payment-signature', it) }],
  ['of x402 v1', {}, inV1, { call: (it) => callWithHeader('x-payment', it) }],
  ['in advance', { flow: 'upfront' }, good, {}],
  ['beside the work', { flow: 'overlap' }, good, {}],
  ['for another resource', {}, altered({ resource: { url: 'mcp://tool/other' } }), {}],
  ['of another version', {}, altered({ x402Version: 7 }), {}],
  ['that verify refuses', {}, good, { before: faulty({ kind: 'refuse', route: 'verify' }) }],
  ['that settle refuses', {}, good, { before: faulty({ kind: 'refuse', route: 'settle' }) }],
  ['that stays pending', {}, good, { before: faulty({ kind: 'pending', times: 3 }) }],
  [
    'of unknown outcome',
    {},
    good,
    { before: faulty({ kind: 'reset', route: 'settle', times: 3 }) },
  ],
  ['while facilitators are down', {}, good, { before: faulty({ kind: 'error', times: 9 }) }],
  ['whose handler throws', {}, good, { handler: () => Promise.reject(new Error('broken')) }],
  ['with a refund due', { flow: 'upfront' }, good, { handler: () => ({ isError: true }) }],
])('nothing secret of a payment %s comes out anywhere', async (_, options, pay, how) => {
  const { out, secrets, shop } = await comesOut(options, pay, how)
  expect(secrets.map(({ name }) => name)).toEqual(['signature', 'nonce'])
  expect(leaks(out, secrets)).toEqual([])
  expect(shop.events.length).toBeGreaterThan(0)
})

test('the search for secrets finds them where they are', async () => {
  const { shop, secrets } = await comesOut({}, good)
  expect(leaks(shop.local.x402.calls, secrets)).toEqual(['signature', 'nonce'])
})

const quoted = (asked: { body: string }): string =>
  JSON.stringify((JSON.parse(asked.body) as Fields)['paymentPayload'])

test.each<[string, Record<string, Answering>]>([
  ['a refusal of verify', { '/verify': quoting('invalidReason', { isValid: false }) }],
  ['a refusal of settle', { '/settle': quoting('errorReason', { success: false }) }],
  [
    'an error message',
    { '/settle': quoting('errorMessage', { success: false, errorReason: 'no' }) },
  ],
  [
    'a pending transaction',
    { '/settle': quoting('transaction', { success: false, errorReason: 'settlement_pending' }) },
  ],
  [
    'a doubtful transaction',
    { '/settle': quoting('transaction', { success: true, network: 'eip155:1' }) },
  ],
  [
    'a status of 400',
    { '/verify': (response, asked) => json(400, { error: quoted(asked) })(response) },
  ],
  [
    'a status of 500',
    { '/settle': (response, asked) => json(500, { error: quoted(asked) })(response) },
  ],
  ['internal fields of verify', { '/verify': quoting('extensionResponses', { isValid: true }) }],
  [
    'internal fields of settle',
    { '/settle': quoting('extensionResponses', { success: true, transaction: '0x01' }) },
  ],
])('%s that quotes the payment is shown to neither buyer nor log nor event', async (_, answers) => {
  const server = await facilitatorServer({ '/verify': { isValid: true }, ...answers })
  const facilitators = [new HTTPFacilitatorClient({ url: server.url })]
  // What hooks are told of a facilitator's answer is that answer.
  const onAfterVerify = undefined
  const onAfterSettle = undefined
  const options = { facilitators, onAfterVerify, onAfterSettle }
  const { out, secrets } = await comesOut(options, good)
  expect(server.asked.length).toBeGreaterThan(0)
  expect(leaks(out, secrets)).toEqual([])
})

function quoting(name: string, answer: Fields): Answering {
  return (response, asked) => json(200, { ...answer, [name]: quoted(asked) })(response)
}

test.each(['verify', 'settle'] as const)(
  'the error a hook gets holds nothing of what a facilitator threw at %s',
  async (at) => {
    const throwing = async (payment: object): Promise<never> => {
      const cause = new Error(JSON.stringify(payment))
      throw Object.assign(new Error(`failed for ${JSON.stringify(payment)}`, { cause }), {
        payment,
      })
    }
    const answers = { verify: async () => ({ isValid: true }), settle: throwing }
    const client: FacilitatorClient = {
      ...answers,
      getSupported: throwing as never,
      ...(at === 'verify' && { verify: throwing }),
    }
    const { out, secrets } = await comesOut({ facilitators: [client] }, good)
    expect(leaks(out, secrets)).toEqual([])
    expect(out.some((it) => it instanceof Error)).toBe(true)
  },
)

test('a handler sees the call without the payment, whichever way it came', async () => {
  const seen: unknown[] = []
  const handler: PaidHandler = (...given) => {
    seen.push(given)
    return hello(...given)
  }
  const shop = await countingShop({}, handler)
  const payments = [await good(shop), await good(shop), await inV1(shop)]
  const [one = {}, two = {}, three = {}] = payments
  await shop.handler(callWith(one))
  await shop.handler(callWithHeader('payment-signature', two))
  await shop.handler(callWithHeader('x-payment', three))
  expect([shop.ran(), await shop.taken()]).toEqual([3, 30_000n])
  const secrets = payments.flatMap((payment) => secretsOfToken(encodeHeader(payment)))
  expect(leaks(seen, secrets)).toEqual([])
})

test('no header of a caller changes what is said to be sold', async () => {
  const shop = await countingShop()
  const headers = {
    Host: 'evil.example',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'http',
    Forwarded: 'host=evil.example',
  }
  const output = await shop.handler(eventOf(toolCall('T___hello'), headers))
  expect(moneyChallenge(output).resource.url).toBe('mcp://tool/T___hello')
  expect(JSON.stringify(output)).not.toContain('evil.example')
})

test('an endpoint is what is sold, in every challenge and to every facilitator', async () => {
  const endpoint = 'https://shop.example/mcp'
  const shop = await countingShop({ endpoint })
  const challenge = await challengeFrom(shop)
  expect(challenge.resource.url).toBe(endpoint)
  expect(textOf(await shop.handler(callWith(await paymentFor(shop, challenge))))).toBe('Hello!')
  const bodies = shop.local.x402.calls.map(({ body }) => (body as Fields)['paymentPayload'])
  expect(bodies.map((it) => isRecord(it) && it['resource'])).toEqual([
    { url: endpoint },
    { url: endpoint },
  ])
})

test('the name of a tool cannot break out of a header', async () => {
  const local = await stack()
  const shop = await countingShop(inCents(local), hello, local)
  const name = 'T___<script>\r\nSet-Cookie: a=b'
  const output = await shop.handler(eventOf(toolCall(name)))
  const { headers } = responseOf(output)
  expect(Object.keys(headers).sort()).toEqual(['Cache-Control', 'Content-Type', 'payment-required'])
  expect(headers['payment-required']).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
  expect(shop.ran()).toBe(0)
})

import { expect, test } from '@jest/globals'
import {
  Payments,
  createInterceptor,
  requiresPayment,
  type InterceptorOutput,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import { TOOL, singleUse } from '../../support/outcome.js'
import { leaks, printed, secretsOf, secretsOfToken } from '../../support/secrets.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  eventOf,
  hello,
  stack,
  toolCall,
} from '../../support/seller.js'
import { callWithHeader, challengeFrom, moneyShop, paymentFor } from '../money/support/money.js'
import { listening } from './support/said.js'

// What buyers do wrong is said in words, once for each kind, and never shows what they sent. They are asked to pay.

type Fields = Record<string, unknown>

/** A seller of a plan, and what the log says. */
async function seller(options: Partial<RequiresPaymentOptions> = {}) {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const { logger, said } = listening()
  const all = { payments, planId: local.planId, logger, ...options } as RequiresPaymentOptions
  const handler = requiresPayment(hello, all)
  return { local, logger, said, handler, interceptor: createInterceptor(all).handle }
}

/** A call that comes with these headers. */
const withHeaders = (headers: Fields) => eventOf(toolCall(TOOL), headers)
const paidBy = (token: string) => withHeaders({ 'payment-signature': token })

/** What is sent as a payment, and what it looks like. */
const GARBAGE: [string, (local: Local) => string, string][] = [
  ['an API key', ({ subscriberApiKey }) => subscriberApiKey, 'an API key'],
  ['a JWT', ({ subscriberApiKey }) => subscriberApiKey.replace('local:', ''), 'a JWT'],
  ['a private key', () => `0x${'5'.repeat(64)}`, 'a private key or a hash'],
  ['the id of a plan', ({ planId }) => planId, 'the id of a plan'],
  ['a variable that is not set', () => 'undefined', 'a variable that is not set'],
  ['a placeholder', () => '${PAYMENT_TOKEN}', 'a placeholder that was not replaced'],
  ['other base64', () => encodeHeader({ hello: 'world' }), 'without x402Version and payload'],
  ['a token that is cut off', (it) => it.accessToken().slice(0, 200), 'it is cut off'],
  [
    'a token that is URL-encoded',
    (it) => encodeURIComponent(`${it.accessToken()}==`).replaceAll('e', '%65'),
    'a payment that is URL-encoded',
  ],
  [
    'a token with its name',
    (it) => `PAYMENT-SIGNATURE: ${it.accessToken()}`,
    'a payment with its name before it',
  ],
  [
    'a token in base64',
    (it) => Buffer.from(it.accessToken()).toString('base64'),
    'a payment that is in base64 twice',
  ],
  [
    'a payment as JSON',
    (it) => JSON.stringify(decodeHeader(it.accessToken())),
    'a payment as JSON, without base64',
  ],
  ['a credential of MPP', () => encodeHeader({ challenge: { id: 'c1' } }), 'a credential of MPP'],
  ['some text', () => 'let me in please', 'a text of 16 characters'],
]

test.each(GARBAGE)('%s in the place of a payment is told as what it looks like', async (...row) => {
  const [, tokenOf, kind] = row
  const { local, said, logger, handler } = await seller()
  const token = tokenOf(local)
  for (const output of [await handler(paidBy(token)), await handler(paidBy(token))]) {
    expect(challengeOf(output)?.accepts).toHaveLength(1)
    expect(printed(output)).not.toContain(kind)
  }
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_unreadable' }])
  expect(said()[0]?.words).toContain(kind)
  expect(printed(logger.lines)).not.toContain(token.slice(-30))
})

test('a text in _meta that is no payment is told likewise', async () => {
  const { local, said, handler } = await seller()
  const _meta = { 'x402/payment': local.subscriberApiKey }
  expect(challengeOf(await handler(eventOf(toolCall(TOOL, {}, { _meta }))))).toBeDefined()
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_unreadable' }])
  expect(said()[0]?.words).toContain('it looks like an API key.')
})

test.each<[string, (local: Local) => string, string]>([
  ['an API key', (local) => local.subscriberApiKey, 'an API key'],
  ['quotes', (local) => `"${local.accessToken()}"`, 'a payment in quotes'],
  [
    'a sign that is not base64',
    (local) => local.accessToken().replace(/.{9}/, '$&\u00a7'),
    'a payment with characters in it that are not base64',
  ],
])('a seller for money is told the same of %s', async (_, tokenOf, kind) => {
  const local = await stack()
  const { logger, said } = listening()
  const shop = await moneyShop({ logger }, undefined, local)
  expect(challengeOf(await shop.handler(paidBy(tokenOf(local))))).toBeDefined()
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_unreadable' }])
  expect(said()[0]?.words).toContain(`cannot be read: it looks like ${kind}.`)
})

/** Where a payment is sent that is not read there, and how the log names the place. */
const PLACES: [string, (token: string) => Fields, string][] = [
  ['the header of x402 v1', (token) => withHeaders({ 'X-PAYMENT': token }), 'the header X-PAYMENT'],
  [
    'Authorization',
    (token) => withHeaders({ Authorization: `Bearer ${token}` }),
    'the header Authorization',
  ],
  [
    'another name of the header',
    (token) => withHeaders({ 'x-payment-signature': token }),
    'the header x-payment-signature',
  ],
  [
    'an argument',
    (token) => eventOf(toolCall(TOOL, { 'payment-signature': token })),
    'params.arguments.payment-signature',
  ],
  [
    'an argument, as an object',
    (token) => eventOf(toolCall(TOOL, { payment: decodeHeader(token) })),
    'params.arguments.payment',
  ],
  [
    '_meta of the arguments',
    (token) => eventOf(toolCall(TOOL, { _meta: { 'x402/payment': decodeHeader(token) } })),
    'params.arguments._meta.x402/payment',
  ],
  [
    'the key of _meta that has a dot',
    (token) => eventOf(toolCall(TOOL, {}, { _meta: { 'x402.payment': decodeHeader(token) } })),
    'params._meta.x402.payment',
  ],
]

test.each(PLACES)('a payment in %s is told with the places that are read', async (...row) => {
  const [, eventFor, place] = row
  const { local, said, logger, handler, interceptor } = await seller()
  const token = local.accessToken()
  for (const door of [handler, interceptor, handler]) {
    const output = (await door(eventFor(token))) as InterceptorOutput
    expect(allTextOf(output)).toMatch(/^This call costs|^.*costs/m)
    expect(challengeOf(output)?.accepts).toHaveLength(1)
  }
  const once = [{ level: 'warn', code: 'payment_in_wrong_place' }]
  expect(said()).toMatchObject([...once, ...once]) // each door is a wrapper of its own
  expect(said()[0]?.words).toContain(
    `payment: a buyer sent a payment in ${place}, where it is not read.`,
  )
  expect(said()[0]?.words).toContain(
    'the header payment-signature, or in params._meta["x402/payment"]',
  )
  expect(leaks(logger.lines, [...secretsOf(local), ...secretsOfToken(token)])).toEqual([])
  expect(local.balance()).toBe(100n)
})

test('an identity in Authorization is no payment in the wrong place', async () => {
  const { local, said, handler } = await seller()
  await handler(withHeaders({ Authorization: `Bearer ${local.subscriberApiKey}` }))
  await handler(withHeaders({ Authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' }))
  await handler(eventOf(toolCall(TOOL, { x402Version: 2, payload: 'mine', note: 'eyJhIjoxfQ==' })))
  expect(said()).toEqual([])
})

test('a payment deep in a large call is not looked for without end', async () => {
  const { local, said, handler } = await seller()
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, { a: [i] }]))
  const began = performance.now()
  await handler(eventOf(toolCall(TOOL, { ...wide, payment: local.accessToken() })))
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(said()).toEqual([])
})

const receipt = { success: true, transaction: '0x1', network: 'eip155:84532' }

test.each<[string, (challenge: Fields) => Fields, string]>([
  [
    'the challenge as a payment',
    (challenge) => withHeaders({ 'payment-signature': encodeHeader(challenge) }),
    'a buyer sent a challenge where its payment belongs',
  ],
  [
    'the challenge under its own name',
    (challenge) => withHeaders({ 'payment-required': encodeHeader(challenge) }),
    'a buyer sent no payment, and a challenge in the header payment-required',
  ],
  [
    'the challenge in _meta',
    (challenge) => eventOf(toolCall(TOOL, {}, { _meta: { 'x402/payment': challenge } })),
    'a buyer sent a challenge where its payment belongs',
  ],
  [
    'a receipt',
    () => withHeaders({ 'payment-signature': encodeHeader(receipt) }),
    'a buyer sent a receipt where its payment belongs',
  ],
])('%s that comes back is told', async (_, eventFor, problem) => {
  const { said, handler } = await seller()
  const challenge = challengeHeaderOf(await handler(withHeaders({}))) ?? {}
  expect(challengeOf(await handler(eventFor(challenge)))).toBeDefined()
  expect(said()).toMatchObject([{ level: 'warn', code: 'challenge_sent_back' }])
  expect(said()[0]?.words).toContain(`payment: ${problem}`)
})

test.each<[string, (local: Local) => string, Partial<RequiresPaymentOptions>, string[]]>([
  [
    'another plan',
    (local) => local.accessToken({ planId: local.ledger.addPlan({}).planId }),
    {},
    ['planId: a buyer pays for the plan', 'Compare the planId'],
  ],
  [
    'another environment',
    (local) => local.accessToken(),
    { scheme: 'nvm:erc4337', network: 'eip155:8453' },
    [
      'network: a buyer pays by nvm:erc4337 on eip155:84532, and the call is sold by nvm:erc4337 on eip155:8453',
      'Compare the prefixes of their keys',
    ],
  ],
  [
    'another address',
    (local) =>
      local.accessToken({ version: 3, resource: { url: 'https://a.example/x?key=hidden' } }),
    { endpoint: 'https://b.example/mcp' },
    [
      'endpoint: a buyer pays for https://a.example/x, and the call is sold as https://b.example/mcp',
    ],
  ],
])('a payment for %s is told with both sides', async (_, tokenOf, options, parts) => {
  const { local, said, logger, handler } = await seller(options)
  const token = tokenOf(local)
  expect(challengeOf(await handler(paidBy(token)))).toBeDefined()
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_for_another_offer' }])
  for (const part of parts) expect(said()[0]?.words).toContain(part)
  expect(leaks(logger.lines, secretsOfToken(token))).toEqual([])
  expect(printed(logger.lines)).not.toContain('hidden')
})

test('a payment in money for a plan is told', async () => {
  const { said, handler, local } = await seller()
  const shop = await moneyShop({}, undefined, local)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  await handler(callWithHeader('payment-signature', payment))
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_for_another_offer' }])
  expect(said()[0]?.words).toContain(
    'a buyer pays in money (exact), and the call is sold for credits',
  )
})

test('a buyer who has no credits, or pays twice, does nothing wrong that could be explained', async () => {
  const { local, said, handler } = await seller()
  const token = singleUse(local)
  await handler(paidBy(token))
  await handler(paidBy(token))
  local.ledger.credit(local.planId, local.subscriberAddress, -local.balance())
  await handler(paidBy(local.accessToken()))
  expect(said()).toEqual([])
})

test('over real HTTP, a Gateway and the local stack, the words reach the log, and the buyer a challenge', async () => {
  const { local, said, handler } = await seller()
  local.sell({
    handler,
    tools: [{ name: 'hello', description: 'Greets', inputSchema: { type: 'object' } }],
  })
  const response = await fetch(`${local.url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-payment': local.accessToken(),
    },
    body: JSON.stringify(toolCall('Greeter___hello')),
  })
  const body = await response.text()
  expect([response.status, body]).toEqual([200, expect.stringContaining('accepts')])
  expect(body).not.toContain('where it is not read')
  expect(said()).toMatchObject([{ level: 'warn', code: 'payment_in_wrong_place' }])
})

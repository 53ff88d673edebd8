import { expect, test } from '@jest/globals'
import type { PaidHandler, PaymentEvent } from '../../../src/index.js'
import { FUNCTION_URL } from '../../support/events.js'
import {
  NOTHING_HAPPENED,
  busyShop,
  callOverHttp,
  callWith,
  centsOrPlan,
  challengeFrom,
  countingShop,
  moneyChallenge,
  moneyShop,
  paymentFor,
  paymentV1For,
  whatHappened,
  type CountingShop,
  type MoneyChallenge,
  type MoneyOptions,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import {
  allTextOf,
  hello,
  receiptOf,
  recordingLogger,
  sell,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

type Fields = Record<string, unknown>

const ID = 'pay_0123456789abcdef'
const CENT = 10_000n

/** The extensions of a challenge, with what a buyer writes into this one. */
function named({ extensions }: MoneyChallenge, info: Fields): Fields {
  const extension = extensions['payment-identifier'] as { info: Fields } | undefined
  return {
    ...extensions,
    'payment-identifier': { ...extension, info: { ...extension?.info, ...info } },
  }
}

async function namedPayment(shop: CountingShop, info: Fields): Promise<Fields> {
  const challenge = await challengeFrom(shop)
  return paymentFor(shop, challenge, {}, { extensions: named(challenge, info) })
}

test.each<[MoneyOptions, boolean]>([
  [{}, false],
  [{ paymentIdentifier: 'optional' }, false],
  [{ paymentIdentifier: 'required' }, true],
])(
  'with %p a challenge says whether a name is required, and how it is written',
  async (options, required) => {
    const { extensions } = await challengeFrom(await moneyShop(options))
    expect(extensions).toEqual({
      'payment-identifier': {
        info: { required },
        schema: {
          type: 'object',
          properties: {
            required: { type: 'boolean' },
            id: { type: 'string', minLength: 16, maxLength: 128, pattern: '^[a-zA-Z0-9_-]+$' },
          },
          required: ['required'],
        },
      },
    })
  },
)

test('it is not advertised where it is off, nor where nothing is sold for money', async () => {
  const { extensions } = await challengeFrom(await moneyShop({ paymentIdentifier: 'off' }))
  expect(extensions).toEqual({})
  const output = await sell(await stack())(callWith())
  expect(Object.keys(moneyChallenge(output).extensions)).toEqual(['agentcore-x402/credits'])
})

test('beside plans it is advertised too, and a payment by plan needs no name', async () => {
  const local = await stack()
  const options = { ...centsOrPlan(local), paymentIdentifier: 'required' } as const
  const shop = await countingShop(options, hello, local)
  expect(Object.keys((await challengeFrom(shop)).extensions)).toEqual([
    'agentcore-x402/credits',
    'payment-identifier',
  ])
  expect(textOf(await shop.handler(local.paidEvent(TOOL)))).toBe('Hello!')
  expect([local.balance(), await shop.taken()]).toEqual([99n, 0n])
})

test('handler, events and logs are told the name', async () => {
  const logger = recordingLogger()
  const told: unknown[] = []
  const handler: PaidHandler = (_event, _context, payment) => {
    told.push(payment.paymentId)
    return { isError: true, content: [] }
  }
  const shop = await countingShop({ logger, flow: 'upfront' }, handler)
  await shop.handler(callWith(await namedPayment(shop, { id: ID })))
  expect(told).toEqual([ID])
  const names = (events: PaymentEvent[]) => events.map(({ type, paymentId }) => [type, paymentId])
  expect(names(shop.events).slice(1)).toEqual([
    ['settled', ID],
    ['refund-due', ID],
  ])
  expect(logger.lines.find(({ message }) => message === 'refund due')?.details).toMatchObject({
    paymentId: ID,
  })
  expect(await shop.taken()).toBe(CENT)
})

test.each(['authorization', 'overlap'] as const)(
  'with flow %s, handler and events are told the name',
  async (flow) => {
    const told: unknown[] = []
    const shop = await countingShop({ flow }, (_event, _context, { paymentId }) => {
      told.push(paymentId)
      return { content: [] }
    })
    await shop.handler(callWith(await namedPayment(shop, { id: ID })))
    expect(told).toEqual([ID])
    expect(shop.events.slice(1)).toMatchObject([
      { type: 'verified', paymentId: ID },
      { type: 'settled', paymentId: ID },
    ])
    expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
  },
)

test.each<[string, unknown]>([
  ['15 characters', 'a'.repeat(15)],
  ['129 characters', 'a'.repeat(129)],
  ['a space', 'pay_0123456789 bcdef'],
  ['a letter that is not of ASCII', 'pay_0123456789ábcdef'],
  ['a line break at its end', `${ID}\n`],
  ['a number', 1_234_567_890_123_456],
  ['a list', [ID]],
  ['nothing in it', ''],
])('a name with %s is a bad request', async (_, id) => {
  const shop = await countingShop()
  const payment = await namedPayment(shop, { id })
  const { status, message } = await callOverHttp(shop, payment)
  expect(status).toBe(400)
  expect(message).toMatchObject({
    result: { structuredContent: { error: 'payment_identifier_invalid', accepts: [{}] } },
  })
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test.each(['a'.repeat(16), 'Z'.repeat(128), '0123456789_-azAZ'])('%s is a name', async (id) => {
  const shop = await countingShop()
  const output = await shop.handler(callWith(await namedPayment(shop, { id })))
  expect(textOf(output)).toBe('Hello!')
  expect(shop.events.at(-1)).toMatchObject({ type: 'settled', paymentId: id })
  expect(await shop.taken()).toBe(CENT)
})

test.each<[string, Fields]>([
  ['no name', {}],
  ['null for a name', { id: null }],
])('a payment with %s is taken where none is required', async (_, info) => {
  const shop = await countingShop()
  const output = await shop.handler(callWith(await namedPayment(shop, info)))
  expect(textOf(output)).toBe('Hello!')
  expect(shop.events.at(-1)).not.toHaveProperty('paymentId')
  expect(await shop.taken()).toBe(CENT)
})

test.each<[string, Fields]>([
  ['no extensions', { extensions: undefined }],
  ['extensions that are null', { extensions: null }],
  ['another extension', { extensions: { other: { info: { id: ID } } } }],
])('where a name is required, a payment with %s is a bad request', async (_, change) => {
  const shop = await countingShop({ paymentIdentifier: 'required' })
  const payment = await paymentFor(shop, await challengeFrom(shop), {}, change)
  const { status, message } = await callOverHttp(shop, payment)
  expect(status).toBe(400)
  expect(message).toMatchObject({
    result: { structuredContent: { error: 'payment_identifier_required' } },
  })
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('where a name is required, a payment that has one is taken', async () => {
  const shop = await countingShop({ paymentIdentifier: 'required' })
  const output = await shop.handler(callWith(await namedPayment(shop, { id: ID })))
  expect([textOf(output), await shop.taken()]).toEqual(['Hello!', CENT])
})

test.each<[MoneyOptions, unknown]>([
  [{}, true],
  [{ paymentIdentifier: 'required' }, false],
  [{}, 'false'],
])('with %p, what the seller said must come back unchanged: not %p', async (options, required) => {
  const shop = await countingShop(options)
  const output = await shop.handler(callWith(await namedPayment(shop, { id: ID, required })))
  expect(moneyChallenge(output).error).toBe('extension_echo_mismatch')
  expect(allTextOf(output)).toContain('(extension_echo_mismatch)')
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('where it is off, what buyers write is nobody’s business', async () => {
  const shop = await countingShop({ paymentIdentifier: 'off' })
  const payment = await namedPayment(shop, { id: 'short', required: 5 })
  expect(textOf(await shop.handler(callWith(payment)))).toBe('Hello!')
  expect(shop.events.at(-1)).not.toHaveProperty('paymentId')
  expect(await shop.taken()).toBe(CENT)
})

test('another payment of the same name is a conflict while the first is in work', async () => {
  const { shop, begun, end } = await busyShop()
  const first = shop.handler(callWith(await namedPayment(shop, { id: ID })))
  await begun
  const { status, headers, message } = await callOverHttp(
    shop,
    await namedPayment(shop, { id: ID }),
  )
  expect([status, headers['retry-after']]).toEqual([409, undefined])
  expect(JSON.stringify(message)).not.toContain('accepts')
  expect(JSON.stringify(message)).toContain('belongs to another call')
  end()
  expect(textOf(await first)).toBe('Hello!')
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

test('the payer of a name is the same in either case of its address', async () => {
  const { shop, begun, end } = await busyShop()
  const first = shop.handler(callWith(await namedPayment(shop, { id: ID })))
  await begun
  const second = await namedPayment(shop, { id: ID })
  const { authorization, ...signed } = second['payload'] as { authorization: Fields }
  const from = shop.account.address.toLowerCase()
  const payload = { ...signed, authorization: { ...authorization, from } }
  expect((await callOverHttp(shop, { ...second, payload })).status).toBe(409)
  end()
  await first
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

test('another name, or the same one of another buyer, is another call', async () => {
  const { shop, begun, end } = await busyShop()
  const other = { ...shop, account: (await countingShop({}, hello, shop.local)).account }
  const calls = [shop.handler(callWith(await namedPayment(shop, { id: ID })))]
  await begun
  const payments = [
    await namedPayment(shop, { id: `${ID}2` }),
    await namedPayment(other, { id: ID }),
  ]
  calls.push(...payments.map((payment) => shop.handler(callWith(payment))))
  end()
  expect((await Promise.all(calls)).map(textOf)).toEqual(['Hello!', 'Hello!', 'Hello!'])
  expect([shop.ran(), await shop.taken()]).toEqual([3, 3n * CENT])
})

test('a name that was paid for is paid for once: another payment of it is a conflict', async () => {
  const shop = await countingShop()
  const first = await namedPayment(shop, { id: ID })
  const bought = await shop.handler(callWith(first))
  const other = await callOverHttp(shop, await namedPayment(shop, { id: ID }))
  expect(other.status).toBe(409)
  expect(JSON.stringify(other.message)).not.toContain('accepts')
  // The one that paid gets what it bought.
  const again = await shop.handler(callWith(first))
  expect([textOf(again), receiptOf(again)]).toEqual(['Hello!', receiptOf(bought)])
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

test('a name may be used again where the call before was not charged', async () => {
  let fails = true
  const shop = await countingShop({}, (...given) => {
    if (fails) throw new Error('broken')
    return hello(...given)
  })
  await shop.handler(callWith(await namedPayment(shop, { id: ID })))
  expect(await shop.taken()).toBe(0n)
  fails = false
  expect(textOf(await shop.handler(callWith(await namedPayment(shop, { id: ID }))))).toBe('Hello!')
  expect([shop.ran(), await shop.taken()]).toEqual([2, CENT])
})

test('x402 v1 has no names: where one is required, nothing is offered in it, nor taken', async () => {
  const shop = await countingShop({ paymentIdentifier: 'required' })
  const asked = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event({ body: toolCall(TOOL) })))
  expect(asked.status).toBe(402)
  expect(asked.message).not.toHaveProperty('x402Version')
  const payment = await paymentV1For(shop, await challengeFrom(shop))
  expect((await callOverHttp(shop, payment)).status).toBe(400)
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

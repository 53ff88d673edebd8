import { expect, test } from '@jest/globals'
import {
  createBudget,
  payingFetch,
  receiptOf,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { decodeCredential, encodeCredential } from '../../../src/wire/mpp.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  ASSET,
  NETWORK,
  OTHER,
  PAYEE,
  SIGNATURE,
  asking,
  asksMpp,
  asksThen,
  challenge,
  limits,
  mppChallenge,
  mppRequest,
  mppWallet,
  rejection,
  requirement,
  seller,
  sells,
  sellsMpp,
  wallet,
  type Answer,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

test('a seller of MPP is paid in Authorization, within the same budget', async () => {
  const { url, got } = await seller(sellsMpp)
  const { payer, asked } = mppWallet()
  const budget = createBudget(limits())
  const response = await payingFetch(payer, budget)(`${url}/a`, { method: 'POST', body: 'x' })
  expect(await response.text()).toBe('sold')
  expect(receiptOf(response)).toEqual({
    paid: 'yes',
    amount: '10000',
    agreed: '10000',
    unit: { network: NETWORK, asset: ASSET },
    transaction: '0xdef',
  })
  const terms = { scheme: 'mpp:charge', network: NETWORK, amount: '10000' }
  const chosen = { ...terms, asset: ASSET, payTo: PAYEE }
  expect(asked).toEqual([
    [
      { x402Version: 2, resource: { url: `${url}/a` }, accepts: [chosen] },
      expect.objectContaining({
        requirement: chosen,
        url: `${url}/a`,
        mpp: {
          id: 'c1',
          realm: 'shop',
          method: 'evm',
          intent: 'charge',
          request: mppRequest,
          raw: mppChallenge(),
        },
      }),
    ],
  ])
  expect(decodeCredential(got[1]?.headers.authorization ?? '')).toMatchObject({
    challenge: { id: 'c1' },
    payload: { value: '10000', to: PAYEE },
  })
  expect(got.map(({ body }) => body)).toEqual(['x', 'x'])
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test('of MPP and x402 in one 402, what fits the limits is paid, the cheapest of it', async () => {
  const both =
    (mppAmount: string): Answer =>
    (_, response) =>
      void response
        .writeHead(402, {
          'WWW-Authenticate': mppChallenge({}, { ...mppRequest, amount: mppAmount }),
          'PAYMENT-REQUIRED': encodeHeader(challenge('/')),
        })
        .end()
  const sold: Answer = (_, response) => void response.end()
  const dear = await seller(asksThen(sold, both('10001')))
  const cheap = await seller(asksThen(sold, both('9999')))
  const fetchPaying = payingFetch(mppWallet().payer, limits())
  await fetchPaying(dear.url)
  expect(dear.paid()[0]?.headers).toHaveProperty('payment-signature')
  await fetchPaying(cheap.url)
  expect(cheap.paid()[0]?.headers.authorization).toMatch(/^Payment /)
  expect(cheap.paid()[0]?.headers).not.toHaveProperty('payment-signature')
})

test('a payer that only knows x402 is never asked for MPP', async () => {
  const { url, got } = await seller(asksMpp())
  for (const payer of [wallet(), wallet().pay, { ...wallet(), protocols: ['x402'] as const }]) {
    const response = await payingFetch(payer, limits())(url)
    expect([response.status, await response.text()]).toEqual([402, 'pay'])
    expect(receiptOf(response)).toEqual({ paid: 'no' })
  }
  expect(got).toHaveLength(3)
})

test('a payer that only knows MPP is never asked for x402', async () => {
  const { url, got } = await seller(asking({}, JSON.stringify(challenge('/'))))
  const { payer, asked } = mppWallet()
  const response = await payingFetch({ ...payer, protocols: ['mpp'] }, limits())(url)
  expect([response.status, asked.length, got.length]).toEqual([402, 0, 1])
})

const mine = { headers: { authorization: 'Bearer mine' } }

test('a call with an Authorization of its own is refused before paying', async () => {
  const { url, got } = await seller(asksMpp())
  for (const protocols of [['x402', 'mpp'] as const, ['mpp'] as const]) {
    const { payer, asked } = mppWallet()
    const budget = createBudget(limits())
    const failure = await rejection(payingFetch({ ...payer, protocols }, budget)(url, mine))
    expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
    expect(failure.message).toMatch(/Authorization.*nothing was paid$/)
    expect(leaks(failure, [{ name: 'own', value: 'Bearer mine' }])).toEqual([])
    expect(asked).toEqual([])
    expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
  }
  expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer mine', 'Bearer mine'])
})

test('a call with an Authorization of its own is paid in x402 where that is offered', async () => {
  const { url, got } = await seller(
    asksThen(sells, (_, response) => {
      response.writeHead(402, {
        'WWW-Authenticate': mppChallenge({}, { ...mppRequest, amount: '1' }),
      })
      response.end(JSON.stringify(challenge('/')))
    }),
  )
  const response = await payingFetch(mppWallet().payer, limits())(url, mine)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', agreed: '10000' })
  expect(got.map(({ headers }) => headers.authorization)).toEqual(['Bearer mine', 'Bearer mine'])
})

test('a call with an Authorization of its own and nothing to pay comes back', async () => {
  const { url } = await seller((_, response) => void response.writeHead(402).end('no'))
  const response = await payingFetch(mppWallet().payer, limits())(url, mine)
  expect([response.status, await response.text()]).toEqual([402, 'no'])
})

test.each<[string, string[], number]>([
  ['of another intent', [mppChallenge({ intent: 'session' })], 0],
  ['that has expired', [mppChallenge({ expires: '2030-01-01T00:00:00Z' })], 0],
  ['that expires later', [mppChallenge({ expires: '2030-01-01T00:00:00.001Z' })], 1],
  ['whose expiry cannot be read', [mppChallenge({ expires: 'soon' })], 1],
  [
    'that is split',
    [mppChallenge({}, { ...mppRequest, methodDetails: { chainId: 84532, splits: [{}] } })],
    0,
  ],
  [
    'that is not split',
    [mppChallenge({}, { ...mppRequest, methodDetails: { chainId: 84532, splits: [] } })],
    1,
  ],
  ['for a header that routes', [mppChallenge({ header: 'Host' })], 0],
  ['for the cookies', [mppChallenge({ header: 'cookie' })], 0],
  ['for a header that is none', [mppChallenge({ header: 'Payment Authorization' })], 0],
  ['for that header', [mppChallenge({ header: 'authorization' })], 1],
  ['twice', [mppChallenge(), mppChallenge()], 1],
  ['after one that cannot be paid', [mppChallenge({ intent: 'session' }), mppChallenge()], 1],
  ['after another scheme', ['Bearer realm="x", error="y, z"', mppChallenge()], 1],
])('a challenge %s', async (_, headers, payments) => {
  const { url, paid } = await seller(asksMpp(...headers))
  const now = () => Date.parse('2030-01-01T00:00:00Z')
  const { payer, asked } = mppWallet()
  const response = await payingFetch(payer, limits(), { now })(url)
  expect([response.status, asked.length, paid().length]).toEqual([402, payments, payments])
  expect(receiptOf(response).paid).toBe(payments === 0 ? 'no' : 'unknown')
})

test.each<[string, object, Partial<PaymentLimits>]>([
  ['schemes', {}, { schemes: ['exact'] }],
  ['budgets', { currency: OTHER }, {}],
  ['budgets', { currency: null }, {}],
  ['budgets', { methodDetails: { chainId: 8453 } }, {}],
  ['budgets', { methodDetails: null }, {}],
  ['networks', {}, { networks: ['eip155:8453'] }],
  ['payees', {}, { payees: [OTHER] }],
  ['payees', { recipient: null }, { payees: [PAYEE] }],
  ['allowUnstatedPrice', { amount: null }, {}],
  ['allowUnstatedPrice', { amount: '1.5' }, {}],
  ['maxAmountPerPayment', { amount: '10001' }, {}],
  ['hosts', {}, { hosts: ['shop.example'] }],
  ['confirm', {}, { confirm: () => false }],
])('%s forbid sellers of MPP the same', async (limit, more, given) => {
  const { url, got } = await seller(asksMpp(mppChallenge({}, { ...mppRequest, ...more })))
  const { payer, asked } = mppWallet()
  const failure = await rejection(payingFetch(payer, limits(given))(url))
  expect(failure).toMatchObject({ name: 'PaymentLimitError', limit })
  expect([asked.length, got.length]).toEqual([0, 1])
})

type Change = NonNullable<Parameters<typeof mppWallet>[0]>
const paying =
  (more: object): Change =>
  ({ payload, ...rest }) => ({ ...rest, payload: { ...payload, ...more } })
const answering =
  (more: object): Change =>
  (it) => ({ ...it, challenge: { ...it.challenge, ...more } })

test.each<[string, Change]>([
  ['for another challenge', answering({ id: 'c2' })],
  ['for another realm', answering({ realm: 'other' })],
  ['for no challenge', answering({ id: undefined })],
  ['of another amount', paying({ value: '10001' })],
  ['of an amount as a number', paying({ value: 10_000 })],
  ['to another payee', paying({ to: OTHER })],
  ['without a payload', ({ challenge: answered }) => ({ challenge: answered })],
  ['that is no credential', () => `Bearer ${SIGNATURE}`],
  ['that is empty', () => ''],
  ['over two lines', (it) => encodeCredential(it).replace(' ', '\n')],
  ['that is too long', paying({ long: 'x'.repeat(50_000) })],
])('a credential %s is not sent', async (_, change) => {
  const { url, got } = await seller(sellsMpp)
  const { payer } = mppWallet(change)
  const budget = createBudget(limits())
  const failure = await rejection(payingFetch(payer, budget)(url))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(leaks(failure, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  expect(got).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test.each<[string, Change]>([
  ['that says neither amount nor payee', paying({ value: undefined, to: undefined })],
  [
    'to the payee in another case',
    paying({ to: PAYEE.replace('0x', '0x').toUpperCase().replace('0X', '0x') }),
  ],
  ['without its scheme', (it) => encodeCredential(it).slice('Payment '.length)],
])('a credential %s is sent', async (_, change) => {
  const { url, got } = await seller(sellsMpp)
  const response = await payingFetch(mppWallet(change).payer, limits())(url)
  expect(receiptOf(response).paid).toBe('yes')
  expect(got[1]?.headers.authorization).toMatch(/^Payment [\w-]+$/)
})

test('an x402 payment does not pay for MPP', async () => {
  const { url, got } = await seller(sellsMpp)
  const payer = { ...wallet(), protocols: ['mpp'] as const }
  const failure = await rejection(payingFetch(payer, limits())(url))
  expect(failure).toMatchObject({ code: 'payment_unusable' })
  expect(got).toHaveLength(1)
})

test('receipts that do not say success leave the outcome unknown', async () => {
  for (const receipt of ['', 'e30', encodeCredential({ status: 'failed' }).slice(8), 'a b']) {
    const { url } = await seller(
      asksThen(
        (_, response) => void response.writeHead(200, { 'Payment-Receipt': receipt }).end(),
        asksMpp(),
      ),
    )
    const response = await payingFetch(mppWallet().payer, limits())(url)
    expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: requirement.amount })
  }
})

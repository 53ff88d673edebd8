import { expect, test } from '@jest/globals'
import {
  createBudget,
  payingFetch,
  receiptOf,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import {
  ASSET,
  OTHER,
  PAYEE,
  SIGNATURE,
  V1,
  asking,
  asksThen,
  asksV1,
  limits,
  rejection,
  requirement,
  seller,
  sellsV1,
  wallet,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

const PAYMENT = {
  x402Version: 1,
  scheme: 'exact',
  network: 'base-sepolia',
  payload: { signature: SIGNATURE, authorization: { to: PAYEE, value: '10000' } },
}
const xPayment = (more: object = {}) => ({
  headers: { 'X-PAYMENT': encodeHeader({ ...PAYMENT, ...more }) },
})
const signing = (more: object) =>
  xPayment({
    payload: { ...PAYMENT.payload, authorization: { ...PAYMENT.payload.authorization, ...more } },
  })

test('a seller of x402 v1 is paid in X-PAYMENT, within the same budget', async () => {
  const { url, got } = await seller(sellsV1)
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const response = await payingFetch(pay, budget)(`${url}/v1`)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', amount: '10000', transaction: '0xabc' })
  expect(asked).toEqual([
    [
      {
        x402Version: 2,
        error: 'X-PAYMENT header is required',
        resource: { url: `${url}/v1` },
        accepts: [expect.objectContaining(requirement)],
      },
      expect.objectContaining({
        requirement: expect.objectContaining({ ...requirement, extra: V1.extra }),
        v1: { ...V1, resource: `${url}/v1` },
      }),
    ],
  ])
  expect(decodeHeader(String(got[1]?.headers['x-payment']))).toMatchObject(PAYMENT)
  expect(got[1]?.headers).not.toHaveProperty('payment-signature')
  expect(budget.standing()).toMatchObject([{ spent: 10_000n }])
})

test.each<[string, object]>([
  ['as they are', xPayment()],
  ['whatever the case', { headers: { 'x-payment': encodeHeader(PAYMENT) } }],
  ['also beside one in v2', { headers: { ...xPayment().headers, 'PAYMENT-SIGNATURE': 'other' } }],
  ['byte for byte', { headers: { 'X-PAYMENT': btoa(JSON.stringify(PAYMENT, null, 2)) } }],
  ['of Solana, which cannot be read', xPayment({ payload: { transaction: 'AQAB' } })],
])('payments that the payer gives in v1 are sent %s', async (_, answer) => {
  const { url, got } = await seller(sellsV1)
  const response = await payingFetch(wallet(() => answer).pay, limits())(url)
  expect(receiptOf(response).paid).toBe('yes')
  const sent = Object.entries((answer as { headers: Record<string, string> }).headers)[0]?.[1]
  expect(got[1]?.headers['x-payment']).toBe(sent)
})

test.each<[string, unknown, string]>([
  ['of another version', xPayment({ x402Version: 2 }), 'x402Version'],
  ['in another scheme', xPayment({ scheme: 'upto' }), 'scheme'],
  ['on another network', xPayment({ network: 'base' }), 'network'],
  ['on the network under its other name', xPayment({ network: 'eip155:84532' }), 'network'],
  ['of another amount', signing({ value: '10001' }), 'authorization.value'],
  ['to another payee', signing({ to: OTHER }), 'authorization.to'],
  ['that is no base64 of JSON', { headers: { 'X-PAYMENT': SIGNATURE } }, 'no x402 payment'],
  ['that is nothing', undefined, 'no x402 payment'],
  ['that is too long', xPayment({ long: 'x'.repeat(65_536) }), 'no x402 payment'],
  [
    'that does not fit in a header',
    { headers: { 'X-PAYMENT': xPayment().headers['X-PAYMENT'].replace(/.{76}/, '$&\n') } },
    'does not fit in a header',
  ],
  [
    'in v2 and for something else',
    {
      headers: {
        'PAYMENT-SIGNATURE': encodeHeader({
          x402Version: 2,
          accepted: { ...requirement, amount: '9' },
          payload: PAYMENT.payload,
        }),
      },
    },
    'accepted.amount',
  ],
])('a payment %s is not sent', async (_, answer, said) => {
  const { url, got } = await seller(sellsV1)
  const budget = createBudget(limits())
  const failure = await rejection(payingFetch(wallet(() => answer).pay, budget)(url))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(failure.message).toContain(said)
  expect(leaks(failure, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  expect(got).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test.each<[string, unknown[], string | undefined]>([
  ['of one resource, the cheapest', [V1, { ...V1, maxAmountRequired: '7' }], '7'],
  [
    'of several resources, the first',
    [
      { ...V1, resource: '/a' },
      { ...V1, resource: '/b', maxAmountRequired: '7' },
    ],
    '10000',
  ],
  ['those that can be read', [7, null, { scheme: 'exact' }, { ...V1, payTo: 7 }, V1], '10000'],
  ['those of the price in its old name', [{ ...V1, amount: '1' }], '10000'],
  ['none whose price is a number', [{ ...V1, maxAmountRequired: 10_000 }], undefined],
  ['none if there is none', [], undefined],
])('of what a seller of v1 offers, what counts is %s', async (_, accepts, amount) => {
  const { url } = await seller(asksThen((__, response) => void response.end(), asksV1(accepts)))
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url)
  expect(
    asked.map(
      ([
        ,
        {
          requirement: { amount: asks },
        },
      ]) => asks,
    ),
  ).toEqual(amount === undefined ? [] : [amount])
  expect(receiptOf(response).paid).toBe(amount === undefined ? 'no' : 'unknown')
})

test.each<[string, object, Partial<PaymentLimits>]>([
  ['budgets', { network: 'base' }, {}],
  ['budgets', { network: 'unheard-of' }, {}],
  ['budgets', { asset: OTHER }, {}],
  ['schemes', { scheme: 'odd' }, {}],
  ['networks', {}, { networks: ['eip155:8453'] }],
  ['payees', {}, { payees: [OTHER] }],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 3601 }, {}],
  ['maxAmountPerPayment', { maxAmountRequired: '10001' }, {}],
  ['hosts', { resource: 'https://other.example/' }, {}],
])('%s forbid sellers of v1 the same', async (limit, more, given) => {
  const { url, got } = await seller(asksV1([{ ...V1, ...more }]))
  const { pay, asked } = wallet()
  const failure = await rejection(payingFetch(pay, limits(given))(url))
  expect(failure).toMatchObject({ name: 'PaymentLimitError', limit })
  expect([asked.length, got.length]).toEqual([0, 1])
})

test('networks have the same budget under either of their names', async () => {
  const v1 = await seller(sellsV1)
  const v2 = await seller(asking())
  const budget = createBudget({
    budgets: { [`eip155:84532/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 10_000n } },
  })
  const fetchPaying = payingFetch(wallet().pay, budget)
  expect((await fetchPaying(v1.url)).status).toBe(200)
  expect(await rejection(fetchPaying(v2.url))).toMatchObject({ limit: 'total', allowed: '0' })
})

test('a second 402 of a seller of v1 is not paid', async () => {
  const { url, got } = await seller(asksV1())
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url)
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(await response.json()).toMatchObject({ x402Version: 1 })
  expect([asked.length, got.length]).toEqual([1, 2])
})

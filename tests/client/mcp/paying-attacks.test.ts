import { expect, test } from '@jest/globals'
import axios from 'axios'
import {
  createBudget,
  payingAxios,
  payingFetch,
  receiptOf,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { encodeCredential } from '../../../src/wire/mpp.js'
import { decodeHeader, encodeHeader, encodeToken } from '../../../src/wire/x402.js'
import {
  ASSET,
  NETWORK,
  OTHER,
  PAYEE,
  SIGNATURE,
  asking,
  asksMpp,
  asksThen,
  limits,
  mppChallenge,
  mppRequest,
  mppWallet,
  rejection,
  requirement,
  seller,
  sells,
  sellsV1,
  settled,
  wallet,
} from '../support/http-seller.js'
import { NOW_MS, inSeconds, now } from '../../support/clock.js'
import { leaks } from '../../support/secrets.js'

const FAR_SECONDS = inSeconds(86_400)

test.each<[string, object]>([
  ['a transfer that is good for a day', { authorization: { validBefore: String(FAR_SECONDS) } }],
  ['a transfer of another amount', { authorization: { value: '10001' } }],
  ['a transfer to another', { authorization: { to: OTHER } }],
  ['a permit for another amount', { permit2Authorization: { permitted: { amount: '10001' } } }],
  ['a permit for another token', { permit2Authorization: { permitted: { token: OTHER } } }],
  ['a permit for another payee', { permit2Authorization: { witness: { to: OTHER } } }],
  ['a permit that is good for a day', { permit2Authorization: { deadline: `${FAR_SECONDS}` } }],
])('%s is not sent, whatever stands beside it', async (_, signed) => {
  for (const scheme of ['exact', 'upto']) {
    const { url, paid } = await seller(asking({ accepts: [{ ...requirement, scheme }] }))
    const { pay } = wallet(({ headers }) => {
      const payment = decodeHeader(String(headers?.['PAYMENT-SIGNATURE']))
      return { headers: { 'PAYMENT-SIGNATURE': encodeHeader({ ...payment, payload: signed }) } }
    })
    const budget = createBudget(limits())
    const error = await rejection(payingFetch(pay, budget, { now })(url))
    expect(error).toMatchObject({ code: 'payment_unusable' })
    expect(paid()).toEqual([])
    expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
  }
})

test('a payer that changes what it was asked for is held against what was agreed', async () => {
  const { url, paid } = await seller(asking())
  const { pay } = wallet()
  const greedy: typeof pay = (paymentRequired, call) => {
    const changes = { amount: '999999999', payTo: OTHER }
    for (const one of [call.requirement, ...paymentRequired.accepts]) Object.assign(one, changes)
    return pay(paymentRequired, call)
  }
  const error = await rejection(payingFetch(greedy, limits())(url))
  expect(error).toMatchObject({ code: 'payment_unusable' })
  expect(paid()).toEqual([])
})

test('the payer finds what was chosen among what is asked', async () => {
  const { url } = await seller(sells)
  const { pay } = wallet()
  let isListed = false
  const looking: typeof pay = (paymentRequired, call) => {
    isListed = paymentRequired.accepts.includes(call.requirement)
    return pay(paymentRequired, call)
  }
  await payingFetch(looking, limits())(url)
  expect(isListed).toBe(true)
})

test.each<[string, string]>([
  ['0010000', 'leading zeros'],
  ['0x2710', 'another base'],
  ['1e4', 'an exponent'],
  ['10000.0', 'a point'],
])('an amount of %s is no price: %s', async (amount) => {
  const { url } = await seller(asking({ accepts: [{ ...requirement, amount }] }))
  const { pay, asked } = wallet()
  const error = await rejection(payingFetch(pay, limits())(url))
  expect(error).toMatchObject({ limit: 'allowUnstatedPrice' })
  expect(asked).toEqual([])
})

test('a seller of x402 cannot call its scheme by the name of another protocol', async () => {
  const { url } = await seller(asking({ accepts: [{ ...requirement, scheme: 'mpp:charge' }] }))
  const { payer, asked } = mppWallet()
  expect((await payingFetch(payer, limits())(url)).status).toBe(402)
  expect(asked).toEqual([])
})

test('a fetch that throws instead of rejecting says what is known of the payment', async () => {
  const { url } = await seller(sells)
  const throwing: typeof fetch = (input, init) => {
    if ((input as Request).headers.has('payment-signature')) throw new Error(SIGNATURE)
    return fetch(input, init)
  }
  const paying = payingFetch(wallet().pay, limits(), { fetch: throwing })
  const error = await rejection(paying(url))
  expect(error).toMatchObject({ name: 'PaidCallError', receipt: { paid: 'unknown' } })
  expect(leaks(error, [{ name: 'signature', value: SIGNATURE }])).toEqual([])
})

test('a receipt does not carry what its seller wrote there for the log', async () => {
  const secrets = [{ name: 'signature', value: SIGNATURE }]
  const { url } = await seller(
    asksThen((got, response) => {
      const payer = String(got.headers['payment-signature'])
      const header = encodeHeader({ ...settled, payer, network: 'x'.repeat(101) })
      response.writeHead(200, { 'PAYMENT-RESPONSE': header }).end()
    }),
  )
  const receipt = receiptOf(await payingFetch(wallet().pay, limits())(url))
  expect(receipt).toMatchObject({ paid: 'yes', transaction: '0xabc' })
  expect(receipt.payer).toBeUndefined()
  expect(receipt.network).toBeUndefined()
  expect(leaks(receipt, secrets)).toEqual([])
})

test('a receipt for more than was signed does not empty the budget', async () => {
  const { url } = await seller(
    asksThen((_, response) => {
      const header = encodeHeader({ ...settled, amount: '9'.repeat(70) })
      response.writeHead(200, { 'PAYMENT-RESPONSE': header }).end()
    }),
  )
  const budget = createBudget(limits())
  await payingFetch(wallet().pay, budget)(url)
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, left: 20_000n }])
})

test('neither payer nor confirm are told the password of a URL', async () => {
  const { url } = await seller(sells)
  const seen: (string | undefined)[] = []
  const confirm: PaymentLimits['confirm'] = (intent) => seen.push(intent.url) > 0
  const { pay, asked } = wallet()
  const instance = axios.create()
  payingAxios(instance, pay, limits({ confirm }))
  await instance.get(url.replace('//', '//alice:hunter2secret@'))
  expect([...seen, asked[0]?.[1].url]).toEqual([`${url}/`, `${url}/`])
})

test('names of one network are one budget', async () => {
  const alias = { [`base-sepolia/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 10_000n } }
  const twice = {
    ...alias,
    [`${NETWORK}/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 10_000n },
  }
  expect(() => createBudget({ budgets: twice })).toThrow('twice')
  const fetch = payingFetch(wallet().pay, { budgets: alias, networks: ['base-sepolia'] })
  const { url } = await seller(sells)
  expect((await fetch(url)).status).toBe(200)
  const { url: v1 } = await seller(sellsV1)
  expect(await rejection(fetch(v1))).toMatchObject({ limit: 'total' })
})

const expiring = (afterMs: number) => new Date(NOW_MS + afterMs).toISOString()

test('a challenge of MPP that is good for too long is not paid', async () => {
  const challenge = mppChallenge({ expires: expiring(3_700_000) })
  const { url } = await seller(asksMpp(challenge))
  const { payer, asked } = mppWallet()
  const error = await rejection(payingFetch(payer, limits(), { now })(url))
  expect(error).toMatchObject({ limit: 'maxTimeoutSeconds' })
  expect(asked).toEqual([])
})

test.each<[string, object, object]>([
  ['request', {}, { request: encodeToken({ ...mppRequest, amount: '999999' }) }],
  ['validBefore', { validBefore: String(FAR_SECONDS) }, {}],
])('a credential of MPP with another %s is not sent', async (_, payload, challenge) => {
  const { url, paid } = await seller(asksMpp())
  const { payer } = mppWallet((credential) =>
    encodeCredential({
      challenge: { ...credential.challenge, ...challenge },
      payload: { ...credential.payload, ...payload },
    }),
  )
  const error = await rejection(payingFetch(payer, limits(), { now })(url))
  expect(error).toMatchObject({ code: 'payment_unusable' })
  expect(paid()).toEqual([])
})

test.each([
  ['another host', 'api.example.com', true],
  ['another host and port', 'api.example.com:8443', true],
  ['localhost', 'localhost', true],
  ['the host that was called', '127.0.0.1', false],
  ['words', 'Paid quotes', false],
])('the realm of a challenge is looked at: %s', async (_, realm, isForeign) => {
  const { url } = await seller(asksMpp(mppChallenge({ realm })))
  const { payer, asked } = mppWallet()
  const ended = await payingFetch(payer, limits())(url).catch((error: unknown) => error)
  expect(ended instanceof Error && 'limit' in ended && ended.limit === 'hosts').toBe(isForeign)
  expect(asked).toHaveLength(isForeign ? 0 : 1)
})

test.each(['http', 'fetch'])(
  'axios with the adapter for %s does not pay what comes from behind a redirect',
  async (adapter) => {
    const evil = await seller(asking({ accepts: [{ ...requirement, payTo: OTHER }] }))
    const shop = await seller((_, response) => {
      response.writeHead(302, { location: evil.url }).end()
    })
    const { pay, asked } = wallet()
    const instance = axios.create({ adapter })
    payingAxios(instance, pay, limits())
    expect(await rejection(instance.get(shop.url))).toMatchObject({ limit: 'hosts' })
    expect(asked).toEqual([])
    expect([...shop.paid(), ...evil.paid()]).toEqual([])
  },
)

test('axios with the adapter for fetch pays at the URL that asked', async () => {
  const shop = await seller((got, response, nth) => {
    if (got.url === '/pay') return sells(got, response, nth)
    response.writeHead(302, { location: '/pay' }).end()
  })
  const instance = axios.create({ adapter: 'fetch' })
  payingAxios(instance, wallet().pay, limits({ payees: [PAYEE] }))
  expect((await instance.get(shop.url)).status).toBe(200)
  expect(shop.paid().map(({ url }) => url)).toEqual(['/pay'])
})

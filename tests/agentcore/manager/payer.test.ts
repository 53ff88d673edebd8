import { expect, test } from '@jest/globals'
import {
  InvalidPaymentInstrument,
  MppChallengeSelectionError,
  PaymentInstrumentConfigurationRequired,
  PaymentSessionConfigurationRequired,
} from '../../../src/agentcore/index.js'
import { payingFetch, receiptOf, type Payer, type PayerCall } from '../../../src/client/index.js'
import { mppChallenges } from '../../../src/wire/mpp.js'
import type { Challenge } from '../../../src/wire/x402-challenge.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import { answering } from '../support/answering.js'
import {
  ACCEPT_V1,
  EXTENSIONS,
  RESOURCE,
  challengeV1,
  challengeV2,
  mpp,
  paying,
} from '../support/payment-header.js'
import { decoded, failure } from '../support/payment-manager.js'
import {
  ACCEPT,
  BASE_SEPOLIA_USDC,
  MERCHANT,
  buyerOf,
} from '../../local/agentcore/support/payments-service.js'

const CHALLENGE: Challenge = { ...challengeV2(), x402Version: 2, accepts: [ACCEPT] }
const CALL: PayerCall = { requirement: ACCEPT }
const MPP_CALL: PayerCall = {
  requirement: { ...ACCEPT, scheme: 'mpp:charge' },
  mpp: mppChallenges(mpp())[0],
}

/** A manager that knows what to pay with. */
async function ready() {
  const one = await paying()
  const { managerWith, paymentInstrumentId, paymentSessionId } = one
  return { ...one, manager: managerWith({ paymentInstrumentId, paymentSessionId }) }
}

test('a manager, and what it makes, are payers', async () => {
  const { manager } = await ready()
  const payers = [manager, manager.payer()] satisfies Payer[]
  expect(payers.map(({ protocols }) => protocols)).toEqual([
    ['x402', 'mpp'],
    ['x402', 'mpp'],
  ])
})

test('what a client has chosen is paid, for HTTP and for MCP', async () => {
  const { manager, asked } = await ready()
  const { headers, meta } = await manager.pay(CHALLENGE, CALL)
  const [name, payload] = decoded(headers ?? {})
  expect(name).toBe('PAYMENT-SIGNATURE')
  expect(payload).toEqual({
    x402Version: 2,
    resource: RESOURCE,
    accepted: ACCEPT,
    extensions: EXTENSIONS,
    payload: expect.objectContaining({ authorization: expect.any(Object) }),
  })
  expect(meta).toEqual({ 'x402/payment': payload })
  expect(asked()).toEqual([
    { paymentType: 'CRYPTO_X402', cryptoX402: { version: '2', payload: ACCEPT } },
  ])
})

test('what a client has chosen is paid, and nothing the challenge offers beside it', async () => {
  const { manager, asked } = await ready()
  const dear = { ...ACCEPT, network: 'eip155:8453' }
  const challenge = { ...CHALLENGE, accepts: [dear, ACCEPT] }
  await manager.pay(challenge, CALL)
  expect(asked()[0]?.cryptoX402?.payload).toEqual(ACCEPT)
})

test('a seller of v1 is paid in v1', async () => {
  const { manager, asked } = await ready()
  const answer = await manager.pay(CHALLENGE, { ...CALL, v1: ACCEPT_V1 })
  expect(answer).not.toHaveProperty('meta')
  const [name, payload] = decoded(answer.headers ?? {})
  expect(name).toBe('X-PAYMENT')
  expect(payload).toMatchObject({ x402Version: 1, scheme: 'exact', network: 'base-sepolia' })
  expect(asked()).toEqual([
    { paymentType: 'CRYPTO_X402', cryptoX402: { version: '1', payload: ACCEPT_V1 } },
  ])
})

test('a seller of MPP is paid in MPP', async () => {
  const { manager, asked } = await ready()
  const answer = await manager.pay(CHALLENGE, MPP_CALL)
  expect(answer).toEqual({ headers: { Authorization: expect.stringMatching(/^Payment [\w-]+$/) } })
  expect(asked()).toEqual([
    { paymentType: 'MPP', mpp: { version: '1', wwwAuthenticateHeaders: [mpp()] } },
  ])
})

test.each<[string, PayerCall, new (message: string) => Error]>([
  ['another wallet', { requirement: { ...ACCEPT, network: 'solana' } }, InvalidPaymentInstrument],
  [
    'MPP on another chain',
    { ...CALL, mpp: mppChallenges(mpp({ method: 'solana' }))[0] },
    MppChallengeSelectionError,
  ],
  [
    'an MPP challenge that has expired',
    { ...CALL, mpp: mppChallenges(mpp({ expires: '2020-01-01T00:00:00Z' }))[0] },
    MppChallengeSelectionError,
  ],
])('%s cannot be paid', async (_, call, expected) => {
  const { manager, asked } = await ready()
  expect(await failure(manager.pay(CHALLENGE, call))).toBeInstanceOf(expected)
  expect(asked()).toEqual([])
})

test.each<[string, unknown, unknown]>([
  ['of Nevermined', CHALLENGE, { requirement: { ...ACCEPT, scheme: 'nvm:erc4337' } }],
  ['that is none', CHALLENGE, {}],
  ['in no challenge', undefined, { requirement: 'exact' }],
])('a requirement %s cannot be paid', async (_, challenge, call) => {
  const { manager, asked } = await ready()
  const error = await failure(manager.pay(challenge as Challenge, call as PayerCall))
  expect(error).toMatchObject({ code: 'payment_unusable' })
  expect(asked()).toEqual([])
})

test('a payer that is not told what to pay says so', async () => {
  const { manager } = await ready()
  const error = await failure(manager.pay(CHALLENGE, undefined as never))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
})

test('without instrument or session nothing is paid, and the instrument is named first', async () => {
  const { managerWith, paymentInstrumentId, calls } = await paying()
  const before = calls().length
  const neither = await failure(managerWith({}).pay(CHALLENGE, CALL))
  expect(neither).toBeInstanceOf(PaymentInstrumentConfigurationRequired)
  const one = await failure(managerWith({ paymentInstrumentId }).pay(CHALLENGE, CALL))
  expect(one).toBeInstanceOf(PaymentSessionConfigurationRequired)
  expect(calls()).toHaveLength(before)
})

test('a payer has its own user, instrument and session', async () => {
  const { manager, buyer, calls } = await ready()
  const alice = buyerOf(buyer, buyer, 'alice')
  const paymentInstrumentId = await alice.instrument()
  const paymentSessionId = await alice.session()
  const own = { userId: 'alice', paymentInstrumentId, paymentSessionId }
  await manager.payer(own).pay(CHALLENGE, CALL)
  const [call] = calls('ProcessPayment')
  expect(call?.body).toMatchObject({ paymentInstrumentId, paymentSessionId })
  expect(call?.headers['x-amzn-bedrock-agentcore-payments-user-id']).toBe('alice')
})

test('a payer has what the manager has, save what it is given', async () => {
  const { manager, buyer, paymentInstrumentId, calls } = await ready()
  const paymentSessionId = await buyer.session()
  await manager.payer({ paymentSessionId, userId: undefined }).pay(CHALLENGE, CALL)
  const [call] = calls('ProcessPayment')
  expect(call?.body).toMatchObject({ paymentInstrumentId, paymentSessionId })
})

test('limits of a manager hold for what a client has chosen', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying()
  const ids = { paymentInstrumentId, paymentSessionId }
  const manager = managerWith({ ...ids, limits: { maxAmountPerPayment: 9_999n } })
  for (const call of [CALL, { ...CALL, v1: ACCEPT_V1 }, MPP_CALL]) {
    expect(await failure(manager.pay(CHALLENGE, call))).toMatchObject({ code: 'limit_exceeded' })
  }
  expect(asked()).toEqual([])
  const wider = manager.payer({ limits: { maxAmountPerPayment: 10_000n } })
  expect(await failure(wider.pay(CHALLENGE, CALL))).toMatchObject({ code: 'limit_exceeded' })
  expect(asked()).toEqual([])
})

test('what an MPP seller wrote counts, not what was made of it', async () => {
  const { manager, asked } = await ready()
  const payer = manager.payer({ limits: { maxAmountPerPayment: 9_999n } })
  const [challenge] = mppChallenges(mpp())
  const cheaper = challenge && { ...challenge, request: { ...challenge.request, amount: '1' } }
  const error = await failure(payer.pay(CHALLENGE, { ...CALL, mpp: cheaper }))
  expect(error).toMatchObject({ code: 'limit_exceeded' })
  expect(asked()).toEqual([])
})

test('a payment says the same in both its forms, whatever a client adds to what it chose', async () => {
  const { manager } = await ready()
  const requirement = {
    ...ACCEPT,
    planId: undefined,
    extra: { ...ACCEPT.extra, agentId: undefined },
  }
  const { headers, meta } = await manager.pay(CHALLENGE, { requirement })
  expect(meta?.['x402/payment']).toStrictEqual(decoded(headers ?? {})[1])
})

test('a payer agrees to network fees and allowances', async () => {
  const { manager, asked } = await ready()
  const payer = manager.payer({ buyerPaysGasFees: true, permit2AllowanceLimit: '70000' })
  await payer.pay(CHALLENGE, MPP_CALL)
  const upto = { requirement: { ...ACCEPT, scheme: 'upto' } }
  await payer.pay(CHALLENGE, upto).catch(() => undefined)
  expect(asked()).toMatchObject([
    { mpp: { buyerPaysGasFees: true } },
    { cryptoX402: { permit2AllowanceLimit: '70000' } },
  ])
})

test('a payment whose caller gives up rejects with the reason', async () => {
  const { manager, asked } = await ready()
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  controller.abort(reason)
  const call = { ...CALL, signal: controller.signal }
  expect(await failure(manager.pay(CHALLENGE, call))).toBe(reason)
  expect(asked()).toEqual([])
})

/** A merchant that takes whatever is in the right header. */
async function merchant(header: string, answer: () => [Record<string, string>, unknown]) {
  const paid: string[] = []
  const { url } = await answering((request, response) => {
    const value = request.headers[header]
    if (typeof value === 'string') {
      paid.push(value)
      response.end('goods')
    } else {
      const [headers, body] = answer()
      response.writeHead(402, headers).end(JSON.stringify(body))
    }
  })
  return { url, paid }
}

const budget = {
  budgets: {
    [`eip155:84532/${BASE_SEPOLIA_USDC}`]: { maxAmountPerPayment: 10_000n, total: 10_000n },
  },
  payees: [MERCHANT],
}

test.each<[string, string, () => [Record<string, string>, unknown]]>([
  [
    'x402 v2',
    'payment-signature',
    () => [{ 'payment-required': encodeHeader({ ...CHALLENGE, resource: { url: '/' } }) }, {}],
  ],
  ['x402 v1', 'x-payment', () => [{}, challengeV1([{ ...ACCEPT_V1, resource: '/' }])]],
  ['MPP', 'authorization', () => [{ 'www-authenticate': mpp({ realm: '127.0.0.1' }) }, {}]],
])('payingFetch buys from a seller of %s', async (_, header, answer) => {
  const { manager, asked, buyer } = await ready()
  const { url, paid } = await merchant(header, answer)
  const fetch = payingFetch(manager, budget)
  const response = await fetch(url)
  expect([response.status, await response.text()]).toEqual([200, 'goods'])
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(paid).toHaveLength(1)
  expect(asked()).toHaveLength(1)
  expect(buyer.service.sessions()[0]?.spent).toBe('0.01')
  if (header !== 'authorization') {
    expect(decodeHeader(paid[0] ?? '')).toMatchObject({
      payload: { authorization: { to: MERCHANT, value: '10000' } },
    })
  }
})

import { expect, test } from '@jest/globals'
import {
  payingMcp,
  receiptOf,
  type PayFunction,
  type PayerAnswer,
  type PayerCall,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { decodeHeader, encodeHeader, encodeToken } from '../../../src/wire/x402.js'
import type { Local } from '../../../src/local/index.js'
import { buyer } from '../support/client.js'
import { leaks, secretsOfToken } from '../../support/secrets.js'
import { flattened, refusing, rejection, shop, soldFor, type Tool } from '../support/mcp-shop.js'
import { sell, stack } from '../../support/seller.js'

const TOOL = 'T___hello'
const CALL = { name: TOOL, arguments: {} }
const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const SHOP = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
const OTHER = '0x1111111111111111111111111111111111111111'

const limitsOf = ({ planId }: Local): PaymentLimits => ({
  plans: [planId],
  credits: { maxAmountPerPayment: 5n, total: 100n },
})

test('a payer is asked for the way to pay that was chosen, with tool and signal', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const asked: [string, PayerCall][] = []
  const payments = buyer(local)
  const pay: PayFunction = (paymentRequired, call) => {
    asked.push([paymentRequired.resource.url, call])
    return payments.pay(paymentRequired, call)
  }
  const { signal } = new AbortController()
  await payingMcp(client, { pay }, limitsOf(local)).callTool(CALL, undefined, { signal })
  const extra = { version: '1', httpVerb: 'POST' }
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId, extra }
  const call = { tool: TOOL, signal, requirement: terms }
  expect(asked).toEqual([[`mcp://tool/${TOOL}`, call]])
})

test.each<[string, (answer: PayerAnswer) => PayerAnswer]>([
  ['headers alone', ({ headers }) => ({ headers })],
  [
    'headers in another case',
    ({ headers }) => ({ headers: { 'PAYMENT-SIGNATURE': headers?.['payment-signature'] ?? '' } }),
  ],
  ['meta alone', ({ meta }) => ({ meta })],
])('a payer may answer with %s, in either place a payment can go', async (_, only) => {
  const local = await stack()
  const tool = soldFor('1', sell(local))
  const { client, paid } = await shop({ [TOOL]: tool, flat: flattened(tool) })
  const payments = buyer(local)
  const paying = payingMcp(
    client,
    async (...asked) => only(await payments.pay(...asked)),
    limitsOf(local),
    { lambdaTargets: ['flat'] },
  )
  for (const name of [TOOL, 'flat']) {
    expect(receiptOf(await paying.callTool({ name }))).toMatchObject({ paid: 'yes' })
  }
  expect(paid()[0]?._meta?.['x402/payment']).toMatchObject({ x402Version: 2 })
  expect(local.balance()).toBe(98n)
})

test('what a payer gives in a header is sent byte for byte', async () => {
  const local = await stack()
  const { client, paid } = await shop({ [TOOL]: flattened(soldFor('1', sell(local))) })
  const bound = { resource: { url: `mcp://tool/${TOOL}` }, httpVerb: 'POST' }
  const minted = decodeHeader(local.accessToken({ version: 3, ...bound }))
  const token = Buffer.from(JSON.stringify(minted, null, 1)).toString('base64url')
  const pay = () => Promise.resolve({ headers: { 'Payment-Signature': token } })
  await payingMcp(client, pay, limitsOf(local), { lambdaTargets: [TOOL] }).callTool(CALL)
  expect(paid()[0]?.arguments).toEqual({ headers: { 'PAYMENT-SIGNATURE': token } })
})

test('what a payer throws comes out unchanged, and the budget is whole again', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const failure = { code: 'no funds' }
  let fails = true
  const payments = buyer(local)
  const pay: PayFunction = (...asked) => {
    if (fails) throw failure
    return payments.pay(...asked)
  }
  const limits = { ...limitsOf(local), credits: { maxAmountPerPayment: 1n, total: 1n } }
  const paying = payingMcp(client, pay, limits)
  expect(await rejection(paying.callTool(CALL))).toBe(failure)
  expect(calls).toHaveLength(1)
  fails = false
  expect(receiptOf(await paying.callTool(CALL)).paid).toBe('yes')
})

const EXACT = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: USDC,
  payTo: SHOP,
}
const AUTHORIZATION = { from: OTHER, to: SHOP, value: '10000', nonce: '0x01' }
const SIGNATURE = `0x${'9c41d7'.repeat(21)}`
const PAYLOAD = {
  x402Version: 2,
  accepted: { ...EXACT, extra: { name: 'USDC' } },
  payload: { signature: SIGNATURE, authorization: AUTHORIZATION },
}
const inMeta = (payload: unknown) => ({ meta: { 'x402/payment': payload } })
const accepting = (more: object) =>
  inMeta({ ...PAYLOAD, accepted: { ...PAYLOAD.accepted, ...more } })
const signing = (more: object) =>
  inMeta({
    ...PAYLOAD,
    payload: { signature: SIGNATURE, authorization: { ...AUTHORIZATION, ...more } },
  })

/** Sells for 0.01 USDC and believes every payment. */
const trusting: Tool = ({ _meta }) => {
  const challenge = { x402Version: 2, resource: { url: `mcp://tool/${TOOL}` }, accepts: [EXACT] }
  if (_meta?.['x402/payment'] === undefined) return refusing(challenge)
  const receipt = { success: true, transaction: '0xabc', network: EXACT.network, payer: OTHER }
  return { content: [], _meta: { 'x402/payment-response': receipt } }
}
const withReceipt = (receipt: object) => ({ _meta: { 'x402/payment-response': receipt } })
const inUsdc: PaymentLimits = {
  budgets: { [`${EXACT.network}/${USDC}`]: { maxAmountPerPayment: 10000n, total: 10000n } },
}

test.each<[string, PayerAnswer]>([
  ['as it was chosen', inMeta(PAYLOAD)],
  [
    'with addresses in another case',
    accepting({ asset: USDC.toLowerCase(), payTo: SHOP.toUpperCase().replace('0X', '0x') }),
  ],
  ['with nulls for what is absent', accepting({ planId: null })],
])('a payment in an asset is sent %s', async (_, answer) => {
  const { client } = await shop({ [TOOL]: trusting })
  const result = await payingMcp(client, () => Promise.resolve(answer), inUsdc).callTool(CALL)
  expect(receiptOf(result)).toEqual({
    paid: 'yes',
    amount: '10000',
    agreed: '10000',
    unit: { network: EXACT.network, asset: USDC },
    transaction: '0xabc',
    network: EXACT.network,
    payer: OTHER,
  })
})

test('an exact payment costs what was signed, whatever its receipt says', async () => {
  for (const amount of ['1', '10001', '9'.repeat(70)]) {
    const claiming: Tool = async (params) => {
      const result = await trusting(params)
      const receipt = result._meta?.['x402/payment-response']
      return receipt ? { content: [], ...withReceipt({ ...receipt, amount }) } : result
    }
    const { client } = await shop({ [TOOL]: claiming })
    const paying = payingMcp(client, () => Promise.resolve(inMeta(PAYLOAD)), inUsdc)
    expect(receiptOf(await paying.callTool(CALL))).toMatchObject({
      paid: 'yes',
      amount: '10000',
    })
  }
})

test.each<[string, unknown]>([
  ['that is nothing', undefined],
  ['that is no object', 'token'],
  ['that is empty', {}],
  ['whose meta is empty', { meta: {} }],
  ['in another header', { headers: { 'x-payment': encodeHeader(PAYLOAD) } }],
  ['in a header that is no base64 of JSON', { headers: { 'payment-signature': SIGNATURE } }],
  [
    'in a header that is no base64 of JSON, beside one',
    { ...inMeta(PAYLOAD), headers: { 'payment-signature': SIGNATURE } },
  ],
  ['as a text', inMeta(encodeToken(PAYLOAD))],
  [
    'that is two',
    { ...signing({ nonce: '0x02' }), headers: { 'payment-signature': encodeToken(PAYLOAD) } },
  ],
  ['of version 1', inMeta({ ...PAYLOAD, x402Version: 1 })],
  ['that does not say what for', inMeta({ ...PAYLOAD, accepted: undefined })],
  ['in another scheme', accepting({ scheme: 'upto' })],
  ['on another network', accepting({ network: 'eip155:8453' })],
  ['of another amount', accepting({ amount: '10001' })],
  ['of an amount as a number', accepting({ amount: 10000 })],
  ['in another asset', accepting({ asset: OTHER })],
  ['to another payee', accepting({ payTo: OTHER })],
  ['from a plan', accepting({ planId: '1' })],
  ['that signs another amount', signing({ value: '99999' })],
  ['that signs another payee', signing({ to: OTHER })],
  ['that is too long', inMeta({ ...PAYLOAD, extensions: { long: 'x'.repeat(65_536) } })],
])('a payment %s is not sent', async (_, answer) => {
  const { client, calls } = await shop({ [TOOL]: trusting })
  const paying = payingMcp(client, () => Promise.resolve(answer as PayerAnswer), inUsdc)
  const failure = await rejection(paying.callTool(CALL))
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(leaks(failure, secretsOfToken(encodeToken(PAYLOAD)))).toEqual([])
  expect(calls).toHaveLength(1)
  const again = payingMcp(client, () => Promise.resolve(inMeta(PAYLOAD)), inUsdc).callTool(CALL)
  expect(receiptOf(await again).paid).toBe('yes')
})

test('what is asked is not always what a payer can pay', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: trusting })
  const failure = await rejection(payingMcp(client, buyer(local), inUsdc).callTool(CALL))
  expect(failure).toMatchObject({ code: 'payment_unusable' })
})

test('a delegation can be named, and reusable tokens asked for', async () => {
  const local = await stack({ credits: 0n })
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    provider: 'erc4337',
    currency: 'usdc',
    spendingLimitCents: 1000n,
    durationSecs: 60,
    providerPaymentMethodId: null,
    apiKeyId: null,
  })
  const { client, paid } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const payer = buyer(local).payer({ delegationConfig: { delegationId }, tokenVersion: 2 })
  const result = await payingMcp(client, payer, limitsOf(local)).callTool(CALL)
  expect(receiptOf(result).paid).toBe('yes')
  const { payload } = paid()[0]?._meta?.['x402/payment'] as { payload: object }
  expect(payload).not.toHaveProperty('authorization.nonce')
})

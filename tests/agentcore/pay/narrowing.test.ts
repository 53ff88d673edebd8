import { expect, test } from '@jest/globals'
import type { SignedPaymentLimits } from '../../../src/agentcore/index.js'
import { challengeV2, mpp, paying } from '../support/payment-header.js'
import {
  ACCEPT,
  BASE_SEPOLIA_USDC as USDC,
  MERCHANT,
} from '../../local/agentcore/support/payments-service.js'

const OTHER = '0x00000000000000000000000000000000000000AA'
const UPTO = { ...ACCEPT, scheme: 'upto' }
const WEIRD = { ...ACCEPT, scheme: 'weird' }

/** What AWS was asked to sign under the limits of a manager, of a payer and of a payment; why it was not. */
async function attempt(
  ofManager: SignedPaymentLimits,
  ofPayment: SignedPaymentLimits,
  accepts: unknown[] = [ACCEPT],
) {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying()
  const manager = managerWith({ paymentInstrumentId, paymentSessionId, limits: ofManager })
  const paymentRequiredRequest = { statusCode: 402, body: challengeV2(accepts) }
  const error: unknown = await manager
    .generatePaymentHeader({ paymentRequiredRequest, limits: ofPayment })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  return { error, entry: asked()[0]?.cryptoX402?.payload }
}

test.each<[string, string, SignedPaymentLimits, SignedPaymentLimits]>([
  [
    'payees, where the payment names schemes',
    'payees',
    { payees: [OTHER] },
    { schemes: ['exact'] },
  ],
  [
    'maxAmountPerPayment, where the payment names payees',
    'maxAmountPerPayment',
    { maxAmountPerPayment: 9_999n },
    { payees: [MERCHANT] },
  ],
  [
    'maxAmountPerPayment, where the payment names more',
    'maxAmountPerPayment',
    { maxAmountPerPayment: '9999' },
    { maxAmountPerPayment: 10_000n },
  ],
  ['payees, where the payment names others', 'payees', { payees: [OTHER] }, { payees: [MERCHANT] }],
  ['assets, where the payment names others', 'assets', { assets: [OTHER] }, { assets: [USDC] }],
  [
    'assets, where the payment names them on any network',
    'assets',
    { assets: [`base/${USDC}`] },
    { assets: [USDC] },
  ],
  ['schemes, where the payment names others', 'schemes', { schemes: ['upto'] }, {}],
  [
    'maxTimeoutSeconds, where the payment names more',
    'maxTimeoutSeconds',
    { maxTimeoutSeconds: 59 },
    { maxTimeoutSeconds: 7_200 },
  ],
])('the manager keeps its %s', async (_, name, ofManager, ofPayment) => {
  const own = name === 'schemes' ? { schemes: ['exact'] } : ofPayment
  const { error, entry } = await attempt(ofManager, own)
  expect(error).toMatchObject({ code: 'limit_exceeded' })
  expect(String(error)).toContain(`limits.${name} `)
  expect(entry).toBeUndefined()
})

test.each<[keyof SignedPaymentLimits, SignedPaymentLimits, SignedPaymentLimits]>([
  ['payees', { payees: [MERCHANT, OTHER] }, { payees: [OTHER] }],
  ['assets', { assets: [USDC] }, { assets: [`base/${USDC}`] }],
  ['schemes', { schemes: ['exact', 'upto'] }, { schemes: ['upto'] }],
  ['maxAmountPerPayment', { maxAmountPerPayment: 10_000n }, { maxAmountPerPayment: 9_999n }],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 60 }, { maxTimeoutSeconds: 59 }],
])('a payment narrows %s', async (name, ofManager, ofPayment) => {
  expect((await attempt(ofManager, {})).entry).toEqual(ACCEPT)
  const { error, entry } = await attempt(ofManager, ofPayment)
  expect(error).toMatchObject({ code: 'limit_exceeded' })
  expect(String(error)).toContain(`limits.${name} `)
  expect(entry).toBeUndefined()
})

test('what all limits allow is paid', async () => {
  const one = { assets: [USDC, OTHER], payees: [OTHER, MERCHANT], maxAmountPerPayment: 10_000n }
  const other = { assets: [`base-sepolia/${USDC.toLowerCase()}`], payees: [MERCHANT.toLowerCase()] }
  expect((await attempt(one, other)).entry).toEqual(ACCEPT)
})

test('of the schemes that both name, the order of the payment counts', async () => {
  const accepts = [WEIRD, UPTO, ACCEPT]
  const one = { schemes: ['exact', 'upto'] }
  expect((await attempt(one, { schemes: ['weird', 'upto', 'exact'] }, accepts)).entry).toEqual(UPTO)
  expect((await attempt(one, {}, accepts)).entry).toEqual(ACCEPT)
})

test('what only has a default at the manager may be named by the payment', async () => {
  const one = { payees: [MERCHANT] }
  expect((await attempt(one, { schemes: ['weird'] }, [ACCEPT, WEIRD])).entry).toEqual(WEIRD)
  const long = { ...ACCEPT, maxTimeoutSeconds: 7_200 }
  expect((await attempt(one, { maxTimeoutSeconds: 7_200 }, [long])).entry).toEqual(long)
})

test('a payer narrows the limits of its manager', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying()
  const ids = { paymentInstrumentId, paymentSessionId }
  const manager = managerWith({ ...ids, limits: { payees: [MERCHANT] } })
  const challenge = { ...challengeV2(), x402Version: 2 as const, accepts: [ACCEPT] }
  const call = { requirement: ACCEPT }
  const pay = (limits: SignedPaymentLimits) => manager.payer({ limits }).pay(challenge, call)
  await expect(pay({ payees: [OTHER] })).rejects.toMatchObject({ code: 'limit_exceeded' })
  await expect(pay({ assets: [OTHER] })).rejects.toMatchObject({ code: 'limit_exceeded' })
  expect(asked()).toEqual([])
  await pay({ assets: [USDC] })
  expect(asked()).toHaveLength(1)
})

test('splits of an MPP payment have to be allowed by every list of payees', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying()
  const manager = managerWith({ limits: { payees: [MERCHANT, OTHER] } })
  const splits = [{ recipient: OTHER, amount: '1' }]
  const header = mpp({}, { methodDetails: { chainId: 84532, splits } })
  const paid = manager.generatePaymentHeader({
    paymentInstrumentId,
    paymentSessionId,
    paymentRequiredRequest: { statusCode: 402, headers: { 'www-authenticate': header } },
    limits: { payees: [MERCHANT] },
  })
  await expect(paid).rejects.toMatchObject({ code: 'limit_exceeded' })
  expect(asked()).toEqual([])
})

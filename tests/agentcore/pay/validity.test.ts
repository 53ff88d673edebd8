import { expect, test } from '@jest/globals'
import {
  OptionsError,
  PaymentManager,
  type SignedPaymentLimits,
} from '../../../src/agentcore/index.js'
import { decodeCredential, encodeCredential } from '../../../src/wire/mpp.js'
import { challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { ACCEPT, clock } from '../../local/agentcore/support/payments-service.js'
import { ACCEPT_V1 } from '../support/payment-header.js'

type Json = Record<string, unknown>
const NOW = Date.UTC(2026, 0, 1)
const NOW_SECONDS = NOW / 1000
const record = (value: unknown) => value as Json

/** A payment at a service, and of a manager, whose time stands still. */
async function still(limits: SignedPaymentLimits = {}, now: () => number = clock(NOW).now) {
  const one = await paying({ now: clock(NOW).now })
  const { managerWith, paymentInstrumentId, paymentSessionId } = one
  const manager = managerWith({ now, limits })
  const pay = (request: { body?: unknown; headers?: Record<string, string> }) =>
    manager.generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: { statusCode: 402, ...request },
    })
  return { ...one, pay }
}

const lasting = (maxTimeoutSeconds: unknown) => ({ ...ACCEPT, maxTimeoutSeconds })

test.each<[unknown, SignedPaymentLimits]>([
  [3_601, {}],
  [1e12, {}],
  ['60', {}],
  [[60], {}],
  [60, { maxTimeoutSeconds: 59 }],
])('a payment that would be valid for %j s is not made within %j', async (seconds, limits) => {
  for (const body of [
    challengeV2([lasting(seconds)]),
    challengeV1([{ ...ACCEPT_V1, maxTimeoutSeconds: seconds as number }]),
  ]) {
    const { pay, asked } = await still(limits)
    const error = await failure(pay({ body }))
    expect(error).toMatchObject({ name: 'PaymentError', code: 'limit_exceeded' })
    expect(String(error)).toContain('limits.maxTimeoutSeconds ')
    expect(asked()).toEqual([])
  }
})

test.each<[unknown, SignedPaymentLimits]>([
  [3_600, {}],
  [60, { maxTimeoutSeconds: 60 }],
  [7_200, { maxTimeoutSeconds: 7_200 }],
])('a payment that would be valid for %j s is made within %j', async (seconds, limits) => {
  const { pay, asked } = await still(limits)
  expect(await pay({ body: challengeV2([lasting(seconds)]) })).toHaveProperty('PAYMENT-SIGNATURE')
  expect(asked()[0]?.cryptoX402?.payload).toEqual(lasting(seconds))
})

test.each([undefined, null])('AWS is asked where the seller says %s', async (seconds) => {
  const { pay, asked } = await still({ maxTimeoutSeconds: 1 })
  await failure(pay({ body: challengeV2([lasting(seconds)]) }))
  expect(asked()).toHaveLength(1)
})

test('of several ways to pay, one that is short enough is taken', async () => {
  const { pay, asked } = await still()
  await pay({ body: challengeV2([lasting(3_601), lasting(3_600)]) })
  expect(asked()[0]?.cryptoX402?.payload).toEqual(lasting(3_600))
})

const expiring = (ms: number) => ({
  headers: { 'www-authenticate': mpp({ expires: new Date(NOW + ms).toISOString() }) },
})

test('an MPP challenge that expires too late is not paid', async () => {
  const { pay, asked } = await still()
  for (const request of [
    expiring(3_600_001),
    { headers: { 'www-authenticate': mpp({ expires: '9999-12-31T23:59:59Z' }) } },
  ]) {
    const error = await failure(pay(request))
    expect(error).toMatchObject({ code: 'limit_exceeded' })
    expect(String(error)).toContain('limits.maxTimeoutSeconds ')
  }
  expect(asked()).toEqual([])
  await pay(expiring(3_600_000))
  expect(asked()).toHaveLength(1)
})

/** What a proof says until when it is valid. */
const validBefore = (value: unknown) => (answer: Json) => {
  const { cryptoX402 } = record(answer['paymentOutput'])
  const { authorization, ...payload } = record(record(cryptoX402)['payload'])
  const edited = { ...payload, authorization: { ...record(authorization), validBefore: value } }
  return {
    ...answer,
    paymentOutput: { cryptoX402: { ...record(cryptoX402), payload: edited } },
  }
}

const deadline = (value: unknown) => (answer: Json) => ({
  ...answer,
  paymentOutput: {
    cryptoX402: { version: '2', payload: { permit2Authorization: { deadline: value } } },
  },
})

const mppValidBefore = (value: unknown) => (answer: Json) => {
  const output = record(record(answer['paymentOutput'])['mpp'])
  const credential = decodeCredential(String(output['paymentCredential']))
  const payload = { ...credential?.payload, validBefore: value }
  const paymentCredential = encodeCredential({ ...credential, payload })
  return { ...answer, paymentOutput: { mpp: { ...output, paymentCredential } } }
}

const X402 = { body: challengeV2() }
const MPP = { headers: { 'www-authenticate': mpp() } }
/** An hour, and what clocks may differ. */
const LATEST = NOW_SECONDS + 3_660

test.each<[string, typeof X402 | typeof MPP, (value: unknown) => (answer: Json) => unknown]>([
  ['payload.authorization.validBefore', X402, validBefore],
  ['payload.permit2Authorization.deadline', X402, deadline],
  ['paymentOutput.mpp.paymentCredential', MPP, mppValidBefore],
])('%s may not lie further ahead than the limit', async (field, request, editing) => {
  const { pay, buyer } = await still()
  const signed = async (value: unknown) => {
    const edit = editing(value)
    buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit })
    return pay(request)
  }
  for (const value of [String(LATEST + 1), LATEST + 1, '9'.repeat(78), 'never', '', '0x1', [1]]) {
    const error = await failure(signed(value))
    expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
    expect(String(error)).toContain(field)
  }
  for (const value of [String(LATEST), LATEST, undefined]) {
    expect(Object.keys(await signed(value))).toHaveLength(1)
  }
})

test('the limit of a payment holds for what is signed, too', async () => {
  const { pay, buyer } = await still({ maxTimeoutSeconds: 60 })
  const edit = validBefore(String(NOW_SECONDS + 121))
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit })
  expect(await failure(pay(X402))).toMatchObject({ code: 'payment_unusable' })
})

test('a payment that AWS took long to sign is valid from then on', async () => {
  const time = clock(NOW)
  const { pay, buyer } = await still({}, time.now)
  const edit = (answer: Json) => {
    time.pass(300_000)
    return validBefore(String(NOW_SECONDS + 300 + 3_600))(answer)
  }
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit })
  expect(await pay(X402)).toHaveProperty('PAYMENT-SIGNATURE')
})

test.each([0, -1, 1.5, NaN, Infinity, '60', null, 60n])('%p is no limit of seconds', (value) => {
  const limits = { maxTimeoutSeconds: value } as SignedPaymentLimits
  const paymentManagerArn =
    'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'
  const make = () => new PaymentManager({ paymentManagerArn, limits })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow('limits.maxTimeoutSeconds')
})

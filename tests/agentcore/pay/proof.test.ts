import { expect, test } from '@jest/globals'
import { PaymentError } from '../../../src/agentcore/index.js'
import { encodeCredential } from '../../../src/wire/mpp.js'
import { challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { decoded, failure } from '../support/payment-manager.js'
import { ACCEPT, MERCHANT } from '../../local/agentcore/support/payments-service.js'

type Json = Record<string, unknown>
const OTHER = '0x00000000000000000000000000000000000000AA'
const record = (value: unknown) => value as Json

/** A payment for which AWS answers something else than it should. */
async function answered(
  edit: (answer: Json) => unknown,
  request: { body?: unknown; headers?: Record<string, string> } = { body: challengeV2() },
) {
  const one = await paying()
  one.buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit })
  return { ...one, paid: one.pay(request) }
}

/** Changes to the proof of x402. */
const proof = (change: (payload: Json) => unknown) => (answer: Json) => {
  const { cryptoX402 } = record(answer['paymentOutput'])
  const payload = change(record(record(cryptoX402)['payload']))
  return { ...answer, paymentOutput: { cryptoX402: { ...record(cryptoX402), payload } } }
}

const authorization = (change: Json) =>
  proof((payload) => ({
    ...payload,
    authorization: { ...record(payload['authorization']), ...change },
  }))

const mppOutput = (change: Json) => (answer: Json) => {
  const output = record(record(answer['paymentOutput'])['mpp'])
  return { ...answer, paymentOutput: { mpp: { ...output, ...change } } }
}

test.each<[string, (answer: Json) => unknown]>([
  ['status', (answer) => ({ ...answer, status: 'PENDING' })],
  ['status', (answer) => ({ ...answer, status: undefined })],
  ['paymentOutput.cryptoX402', (answer) => ({ ...answer, paymentOutput: undefined })],
  ['paymentOutput.cryptoX402', (answer) => ({ ...answer, paymentOutput: {} })],
  ['paymentOutput.cryptoX402', (answer) => ({ ...answer, paymentOutput: { card: { a: 1 } } })],
  [
    'paymentOutput.cryptoX402',
    (answer) => ({ ...answer, paymentOutput: { mpp: { paymentCredential: 'Payment abc' } } }),
  ],
  [
    'paymentOutput.cryptoX402.version',
    (answer) => ({
      ...answer,
      paymentOutput: {
        cryptoX402: { ...record(record(answer['paymentOutput'])['cryptoX402']), version: '1' },
      },
    }),
  ],
  ['paymentOutput.cryptoX402.payload', proof(() => undefined)],
  ['paymentOutput.cryptoX402.payload', proof(() => 'abc')],
  ['paymentOutput.cryptoX402.payload', proof(() => [])],
  ['payload.authorization.value', authorization({ value: '10001' })],
  ['payload.authorization.value', authorization({ value: '9999' })],
  ['payload.authorization.value', authorization({ value: 10000 })],
  ['payload.authorization.to', authorization({ to: OTHER })],
  ['payload.authorization.to', authorization({ to: [MERCHANT] })],
  [
    'payload.permit2Authorization.permitted.amount',
    proof(() => ({ permit2Authorization: { permitted: { amount: '10001' } } })),
  ],
  [
    'payload.permit2Authorization.permitted.token',
    proof(() => ({ permit2Authorization: { permitted: { amount: '10000', token: OTHER } } })),
  ],
  [
    'payload.permit2Authorization.witness.to',
    proof(() => ({ permit2Authorization: { witness: { to: OTHER } } })),
  ],
  ['paymentOutput.cryptoX402', proof(() => ({ signature: 'x'.repeat(70_000) }))],
])('a wrong %s of the answer makes the payment unusable', async (field, edit) => {
  const { paid, asked } = await answered(edit)
  const error = await failure(paid)
  expect(error).toBeInstanceOf(PaymentError)
  expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(String(error)).toContain(`ProcessPayment: `)
  expect(String(error)).toContain(field)
  expect(String(error)).toContain('the session may have been charged')
  expect(asked()).toHaveLength(1)
})

test.each<[string, (answer: Json) => unknown]>([
  ['an address in another case', authorization({ to: MERCHANT.toLowerCase() })],
  ['no authorization that we know', proof(() => ({ transaction: 'AQAB' }))],
  [
    'a permission by Permit2',
    proof(() => ({
      signature: '0xabc',
      permit2Authorization: {
        permitted: { amount: '10000', token: ACCEPT.asset.toLowerCase() },
        witness: { to: MERCHANT },
      },
    })),
  ],
  [
    'no version',
    (answer) => {
      const { cryptoX402 } = record(answer['paymentOutput'])
      return {
        ...answer,
        paymentOutput: { cryptoX402: { ...record(cryptoX402), version: undefined } },
      }
    },
  ],
])('a proof with %s is passed on as it is', async (_, edit) => {
  const { paid } = await answered(edit)
  const [name, payload] = decoded(await paid)
  expect(name).toBe('PAYMENT-SIGNATURE')
  expect(payload).toMatchObject({ x402Version: 2, accepted: ACCEPT })
})

test('a v1 payment is checked against v1', async () => {
  const { paid } = await answered(authorization({ value: '1' }), { body: challengeV1() })
  expect(String(await failure(paid))).toContain('authorization.value')
})

const www = { headers: { 'www-authenticate': mpp() } }
const credential = (challenge: Json) => encodeCredential({ challenge, payload: {} })

test.each<[string, (answer: Json) => unknown]>([
  ['paymentOutput.mpp', (answer) => ({ ...answer, paymentOutput: { cryptoX402: {} } })],
  ['paymentOutput.mpp.selectedPaymentId', mppOutput({ selectedPaymentId: 'mpp-2' })],
  ['paymentOutput.mpp.paymentCredential', mppOutput({ paymentCredential: undefined })],
  ['paymentOutput.mpp.paymentCredential', mppOutput({ paymentCredential: ' ' })],
  ['paymentOutput.mpp.paymentCredential', mppOutput({ paymentCredential: 'Payment ' })],
  ['paymentOutput.mpp.paymentCredential', mppOutput({ paymentCredential: 'Basic abc' })],
  ['paymentOutput.mpp.paymentCredential', mppOutput({ paymentCredential: 'Payment a\r\nb: c' })],
  [
    'paymentOutput.mpp.paymentCredential',
    mppOutput({ paymentCredential: credential({ id: 'mpp-2', realm: 'shop.example' }) }),
  ],
  [
    'paymentOutput.mpp.paymentCredential',
    mppOutput({ paymentCredential: credential({ id: 'mpp-1', realm: 'other.example' }) }),
  ],
  ['paymentOutput.mpp', mppOutput({ paymentCredential: `Payment ${'x'.repeat(70_000)}` })],
])('a wrong %s of the answer makes an MPP payment unusable', async (field, edit) => {
  const { paid, asked } = await answered(edit, { ...www, body: challengeV2() })
  const error = await failure(paid)
  expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(String(error)).toContain(field)
  expect(asked()).toHaveLength(1)
})

test.each([
  ['with its scheme', 'Payment abc-_='],
  ['without its scheme', 'abc-_='],
  ['with spaces around it', '  Payment   abc-_=  '],
  ['with its scheme in another case', 'payment abc-_='],
])('a credential %s goes into Authorization', async (_, paymentCredential) => {
  const edit = mppOutput({ paymentCredential, selectedPaymentId: undefined })
  const { paid } = await answered(edit, www)
  expect(await paid).toEqual({ Authorization: 'Payment abc-_=' })
})

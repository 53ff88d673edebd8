import { expect, test } from '@jest/globals'
import { decodeCredential, encodeCredential } from '../../../src/wire/mpp.js'
import { CHARGE, challengeV2, mpp, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'

type Json = Record<string, unknown>
const OTHER = '0x00000000000000000000000000000000000000AA'
const record = (value: unknown) => value as Json

test.each(['0010000', '010000', '00'])(
  'an amount of %s, which signers read in their own ways, is refused before AWS signs',
  async (amount) => {
    const { pay, asked } = await paying()
    const error = await failure(pay({ body: challengeV2([{ ...ACCEPT, amount }]) }))
    expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
    expect(String(error)).toContain('nothing was paid')
    expect(asked()).toEqual([])
    await pay({ body: challengeV2([{ ...ACCEPT, amount }, ACCEPT]) })
    expect(asked()[0]?.cryptoX402?.payload).toEqual(ACCEPT)
  },
)

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
const withExtensions = (json: string) =>
  JSON.stringify(challengeV2([ACCEPT], { extensions: 'HERE' })).replace('"HERE"', json)

test.each<[string, { body?: unknown; headers?: Record<string, string> }]>([
  ['60 KB of extensions', { body: withExtensions(JSON.stringify({ a: 'x'.repeat(60_000) })) }],
  ['extensions 15,000 deep', { body: withExtensions(deep(15_000)) }],
  [
    '15 KB of description',
    {
      body: challengeV2([ACCEPT], { resource: { url: '/', description: 'x'.repeat(15_000) } }),
    },
  ],
  ['9 KB in its entry', { body: challengeV2([{ ...ACCEPT, extra: { a: 'x'.repeat(9_000) } }]) }],
  ['9 KB of MPP', { headers: { 'www-authenticate': mpp({ description: 'x'.repeat(9_000) }) } }],
])('a challenge with %s is refused before AWS signs', async (_, request) => {
  const { pay, asked } = await paying()
  const error = await failure(pay(request))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(String(error)).toContain('nothing was paid')
  expect(asked()).toEqual([])
})

test.each<[string, string, object]>([
  ['60 KB of extensions', 'payment_unusable', { extensions: { a: 'x'.repeat(60_000) } }],
  [
    '15 KB of description',
    'payment_unusable',
    { resource: { url: '/', description: 'x'.repeat(15_000) } },
  ],
  [
    'extensions 15,000 deep',
    'challenge_unreadable',
    { extensions: JSON.parse(deep(15_000)) as object },
  ],
])('a payer refuses %s before AWS signs', async (_, code, more) => {
  const { managerWith, paymentInstrumentId, paymentSessionId, asked } = await paying()
  const manager = managerWith({ paymentInstrumentId, paymentSessionId })
  const challenge = { ...challengeV2([ACCEPT], more), x402Version: 2 as const, accepts: [ACCEPT] }
  const error = await failure(manager.pay(challenge, { requirement: ACCEPT }))
  expect(error).toMatchObject({ name: 'PaymentError', code })
  expect(asked()).toEqual([])
})

test('a challenge of 7 KB is paid', async () => {
  const { pay } = await paying()
  const body = challengeV2([ACCEPT], { extensions: { a: 'x'.repeat(7_000) } })
  expect(await pay({ body })).toHaveProperty('PAYMENT-SIGNATURE')
})

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each<[string, (credential: Json) => Json]>([
  ['value', ({ payload, ...rest }) => ({ ...rest, payload: { ...record(payload), value: '9' } })],
  ['value', ({ payload, ...rest }) => ({ ...rest, payload: { ...record(payload), value: '' } })],
  ['to', ({ payload, ...rest }) => ({ ...rest, payload: { ...record(payload), to: OTHER } })],
  [
    'request',
    ({ challenge, ...rest }) => ({
      ...rest,
      challenge: { ...record(challenge), request: base64url({ ...CHARGE, amount: '999999' }) },
    }),
  ],
  [
    'request, where the payload says nothing,',
    ({ challenge }) => ({
      challenge: { ...record(challenge), request: base64url({ ...CHARGE, recipient: OTHER }) },
      payload: { type: 'transaction', signature: '0x76' },
    }),
  ],
])('an MPP credential for another %s is not handed out', async (_, change) => {
  const { pay, buyer, asked } = await paying()
  const edit = (answer: Json) => {
    const output = record(record(answer['paymentOutput'])['mpp'])
    const credential = record(decodeCredential(String(output['paymentCredential'])))
    const paymentCredential = encodeCredential(change(credential))
    return { ...answer, paymentOutput: { mpp: { ...output, paymentCredential } } }
  }
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'edit', edit })
  const error = await failure(pay({ headers: { 'www-authenticate': mpp() } }))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(String(error)).toContain('paymentOutput.mpp.paymentCredential')
  expect(String(error)).toContain('the session may have been charged')
  expect(asked()).toHaveLength(1)
})

import { expect, test } from '@jest/globals'
import { decodeHeader } from '../../../src/wire/x402.js'
import {
  ACCEPT_V1,
  EXTENSIONS,
  RESOURCE,
  base64,
  challengeV1,
  challengeV2,
  paying,
} from '../support/payment-header.js'
import { decoded, failure } from '../support/payment-manager.js'
import { ACCEPT, MERCHANT } from '../../local/agentcore/support/payments-service.js'

const PROOF = {
  signature: expect.stringMatching(/^0x[\da-f]{130}$/),
  authorization: {
    from: expect.stringMatching(/^0x[\da-fA-F]{40}$/),
    to: MERCHANT,
    value: '10000',
    validAfter: '0',
    validBefore: expect.stringMatching(/^\d+$/),
    nonce: expect.stringMatching(/^0x[\da-f]{64}$/),
  },
}

/** As it is written, not only as it is read. */
function jsonOf(header: Record<string, string>): string {
  return Buffer.from(Object.values(header)[0] ?? '', 'base64').toString()
}

test('a v1 body is paid with X-PAYMENT', async () => {
  const { pay, asked } = await paying()
  const header = await pay({ headers: {}, body: challengeV1() })
  const [name, payload] = decoded(header)
  expect(name).toBe('X-PAYMENT')
  const { scheme, network } = ACCEPT_V1
  expect(payload).toEqual({ x402Version: 1, scheme, network, payload: PROOF })
  expect(Object.keys(payload as object)).toEqual(['x402Version', 'scheme', 'network', 'payload'])
  expect(jsonOf(header)).toBe(JSON.stringify(payload))
  expect(asked()).toEqual([
    { paymentType: 'CRYPTO_X402', cryptoX402: { version: '1', payload: ACCEPT_V1 } },
  ])
})

test('a v2 header is paid with PAYMENT-SIGNATURE', async () => {
  const { pay, asked } = await paying()
  const header = await pay({ headers: { 'Payment-Required': base64(challengeV2()) } })
  const [name, payload] = decoded(header)
  expect(name).toBe('PAYMENT-SIGNATURE')
  expect(payload).toEqual({
    x402Version: 2,
    resource: RESOURCE,
    accepted: ACCEPT,
    extensions: EXTENSIONS,
    payload: PROOF,
  })
  const order = ['x402Version', 'resource', 'accepted', 'extensions', 'payload']
  expect(Object.keys(payload as object)).toEqual(order)
  expect(jsonOf(header)).toBe(JSON.stringify(payload))
  expect(asked()).toEqual([
    { paymentType: 'CRYPTO_X402', cryptoX402: { version: '2', payload: ACCEPT } },
  ])
})

test('a payment is named where its seller offers that, and only in version 2', async () => {
  const { pay } = await paying()
  const offer = { 'payment-identifier': { info: { required: true }, schema: { type: 'object' } } }
  const names = []
  for (let nth = 0; nth < 2; nth++) {
    const [, payload] = decoded(await pay({ body: challengeV2([ACCEPT], { extensions: offer }) }))
    const { extensions } = payload as { extensions: typeof offer }
    const info = { required: true, id: expect.stringMatching(/^pay_[\da-f]{32}$/) }
    expect(extensions).toEqual({
      'payment-identifier': { ...offer['payment-identifier'], info },
    })
    names.push(JSON.stringify(extensions))
  }
  expect(new Set(names).size).toBe(2)
  const [, v1] = decoded(await pay({ body: { ...challengeV1(), extensions: offer } }))
  expect(v1).not.toHaveProperty('extensions')
})

test('a header is standard base64 with padding, of UTF-8', async () => {
  const { pay } = await paying()
  for (const url of ['https://a', 'https://aa', 'https://aaa — ü', 'https://ÿÿÿ>>>???']) {
    const challenge = challengeV2([ACCEPT], { resource: { url } })
    const value = Object.values(await pay({ body: challenge }))[0] ?? ''
    expect(value).toBe(base64(decodeHeader(value)))
    expect(value.length % 4).toBe(0)
    expect(decodeHeader(value)).toMatchObject({ resource: { url } })
  }
})

test('what a challenge does not say is null and empty', async () => {
  const { pay } = await paying()
  const silent = { x402Version: 2, accepts: [ACCEPT] }
  const unspoken = { ...silent, resource: null, extensions: null }
  for (const body of [silent, unspoken]) {
    const [, payload] = decoded(await pay({ body }))
    expect(payload).toEqual({
      x402Version: 2,
      resource: null,
      accepted: ACCEPT,
      extensions: {},
      payload: PROOF,
    })
  }
})

test('the entry that is paid goes both ways as its seller wrote it', async () => {
  const { pay, asked } = await paying()
  const entry = { zebra: [1, { a: null }], ...ACCEPT, extra: { ...ACCEPT.extra, more: 'ÿ' } }
  const header = await pay({ body: challengeV2([entry]) })
  expect(jsonOf(header)).toContain(JSON.stringify(entry))
  expect(JSON.stringify(asked()[0]?.cryptoX402?.payload)).toBe(JSON.stringify(entry))
})

test.each<[string, Parameters<Awaited<ReturnType<typeof paying>>['pay']>[0], string]>([
  ['a v2 body', { body: challengeV2() }, 'PAYMENT-SIGNATURE'],
  ['a body of JSON text', { body: JSON.stringify(challengeV2()) }, 'PAYMENT-SIGNATURE'],
  ['a v1 body of JSON text', { body: JSON.stringify(challengeV1()) }, 'X-PAYMENT'],
  [
    'a v1 challenge in the header',
    { headers: { 'payment-required': base64(challengeV1()) } },
    'X-PAYMENT',
  ],
  [
    'a header in upper case',
    { headers: { 'PAYMENT-REQUIRED': base64(challengeV2()) } },
    'PAYMENT-SIGNATURE',
  ],
  [
    'a header that is a list',
    { headers: { 'payment-required': [base64(challengeV2())] } },
    'PAYMENT-SIGNATURE',
  ],
  [
    'a header with spaces around it',
    { headers: { 'payment-required': ` ${base64(challengeV2())} ` } },
    'PAYMENT-SIGNATURE',
  ],
  [
    'a header in the other alphabet',
    {
      headers: {
        'payment-required': Buffer.from(JSON.stringify(challengeV2())).toString('base64url'),
      },
    },
    'PAYMENT-SIGNATURE',
  ],
  [
    'Headers of fetch',
    { headers: new Headers({ 'Payment-Required': base64(challengeV2()) }) },
    'PAYMENT-SIGNATURE',
  ],
  ['pairs', { headers: [['Payment-Required', base64(challengeV2())]] }, 'PAYMENT-SIGNATURE'],
  [
    'a header before the body',
    { headers: { 'payment-required': base64(challengeV2()) }, body: challengeV1() },
    'PAYMENT-SIGNATURE',
  ],
  [
    'the body where the header is no base64',
    { headers: { 'payment-required': '{"x402Version":2}' }, body: challengeV1() },
    'X-PAYMENT',
  ],
  [
    'the body where the header is of another version',
    {
      headers: { 'payment-required': base64(challengeV2([ACCEPT], { x402Version: 3 })) },
      body: challengeV1(),
    },
    'X-PAYMENT',
  ],
  [
    'the body where the header is base64 with something in it',
    {
      headers: { 'payment-required': base64(challengeV2()).replace(/^(.{9})/, '$1!%') },
      body: challengeV1(),
    },
    'X-PAYMENT',
  ],
  [
    'the body where the header is no challenge',
    { headers: { 'payment-required': base64({ x402Version: 2 }) }, body: challengeV1() },
    'X-PAYMENT',
  ],
  [
    'the body where there is something else beside it',
    {
      headers: { 'www-authenticate': 'Basic realm="a"', 'content-type': 'a' },
      body: challengeV1(),
    },
    'X-PAYMENT',
  ],
  ['a version that is text', { body: { ...challengeV1(), x402Version: '1' } }, 'X-PAYMENT'],
])('%s is read', async (_, request, expected) => {
  const { pay } = await paying()
  expect(Object.keys(await pay(request))).toEqual([expected])
})

test.each([
  ['nothing', {}, 'challenge_unreadable'],
  ['no challenge', { body: { error: 'pay' } }, 'challenge_unreadable'],
  ['text', { body: 'pay me' }, 'challenge_unreadable'],
  ['a list', { body: [challengeV2()] }, 'challenge_unreadable'],
  ['no version', { body: { accepts: [ACCEPT] } }, 'challenge_unreadable'],
  ['nothing to accept', { body: challengeV2([]) }, 'challenge_unreadable'],
  [
    'accepts that is no list',
    { body: { ...challengeV2(), accepts: ACCEPT } },
    'challenge_unreadable',
  ],
  [
    'something endless',
    { body: { ...challengeV2(), error: 'x'.repeat(70_000) } },
    'challenge_unreadable',
  ],
  ['another version', { body: challengeV2([ACCEPT], { x402Version: 3 }) }, 'payment_unusable'],
  ['no known version', { body: challengeV2([ACCEPT], { x402Version: [2] }) }, 'payment_unusable'],
  ['half a version', { body: challengeV2([ACCEPT], { x402Version: 1.5 }) }, 'payment_unusable'],
])('%s is refused before AWS is asked to sign', async (_, request, code) => {
  const { pay, asked, calls } = await paying()
  expect(await failure(pay(request))).toMatchObject({ name: 'PaymentError', code })
  expect(asked()).toEqual([])
  expect(calls('GetPaymentInstrument')).toEqual([])
})

test('a body that refers to itself is refused', async () => {
  const { pay } = await paying()
  const body: Record<string, unknown> = challengeV2()
  body['self'] = body
  expect(await failure(pay({ body }))).toMatchObject({ code: 'challenge_unreadable' })
})

test.each([
  ['scheme', { ...ACCEPT, scheme: undefined }],
  ['scheme', { ...ACCEPT, scheme: ' ' }],
  ['network', { ...ACCEPT, network: 84532 }],
  ['amount', { ...ACCEPT, amount: undefined }],
  ['amount', { ...ACCEPT, amount: 10000 }],
  ['amount', { ...ACCEPT, amount: '0.01' }],
  ['amount', { ...ACCEPT, amount: '-1' }],
  ['amount', { ...ACCEPT, amount: '1'.repeat(79) }],
  ['asset', { ...ACCEPT, asset: null }],
  ['payTo', { ...ACCEPT, payTo: '' }],
  ['anything', 'exact'],
  ['anything', null],
])('an entry without a usable %s is left out, and alone it is refused', async (_, entry) => {
  const { pay, asked } = await paying()
  const error = await failure(pay({ body: challengeV2([entry]) }))
  expect(error).toMatchObject({ code: 'payment_unusable' })
  expect(String(error)).toContain('nothing was paid')
  expect(asked()).toEqual([])
  expect(decoded(await pay({ body: challengeV2([entry, ACCEPT]) }))[0]).toBe('PAYMENT-SIGNATURE')
})

test('v1 states its amount under another name', async () => {
  const { pay } = await paying()
  const { maxAmountRequired: amount, ...rest } = ACCEPT_V1
  const error = await failure(pay({ body: challengeV1([{ ...rest, amount }]) }))
  expect(String(error)).toContain('maxAmountRequired')
  const { amount: maxAmountRequired, ...others } = ACCEPT
  const other = await failure(pay({ body: challengeV2([{ ...others, maxAmountRequired }]) }))
  expect(other).toMatchObject({ code: 'payment_unusable' })
})

test('what is paid is what was read, whatever becomes of it meanwhile', async () => {
  const { pay } = await paying()
  const body = challengeV2([{ ...ACCEPT }])
  const paid = pay({ body })
  Object.assign(body.accepts[0] as object, { payTo: '0x0000000000000000000000000000000000000001' })
  expect(decoded(await paid)[1]).toMatchObject({ accepted: ACCEPT, payload: PROOF })
})

test('a payment takes one look at the instrument and one signature', async () => {
  const { pay, calls } = await paying()
  const before = calls().length
  await pay({ body: challengeV2() })
  expect(
    calls()
      .slice(before)
      .map(({ operation }) => operation),
  ).toEqual(['GetPaymentInstrument', 'ProcessPayment'])
})

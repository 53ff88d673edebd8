import { expect, test } from '@jest/globals'
import { keccak256, toBytes } from 'viem'
import { MERCHANT, BASE_SEPOLIA_USDC, buyer, clock, refusal } from './support/payments-service.js'
import { isSigned, type SignedTransfer } from './support/transfers.js'

const REQUEST = {
  amount: '10000',
  currency: BASE_SEPOLIA_USDC,
  recipient: MERCHANT,
  methodDetails: { chainId: 84532, credentialTypes: ['authorization'], decimals: 6 },
}
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A challenge, with changes to its parameters or its request. */
function challenge(parameters: Record<string, string> = {}, request: object = {}): string {
  const all = {
    id: 'challenge-1',
    realm: 'shop.example.com',
    method: 'evm',
    intent: 'charge',
    request: base64url({ ...REQUEST, ...request }),
    ...parameters,
  }
  const parts = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
  return `Payment ${parts.join(', ')}`
}

async function paying(options = {}) {
  const { pay, instrument, session, service } = await buyer(options)
  const [wallet, limited] = [await instrument(), await session('1.00')]
  return {
    service,
    payFor: (header: string, more: object = {}) =>
      pay(wallet, limited, {
        paymentType: 'MPP',
        paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: [header], ...more } },
      }),
  }
}

interface Credential {
  challenge: Record<string, string>
  payload: SignedTransfer & { type: string }
  source: string
}

function decode(credential = ''): Credential {
  const token = /^Payment ([\w-]+)$/.exec(credential)?.[1] ?? ''
  return JSON.parse(Buffer.from(token, 'base64url').toString()) as Credential
}

test('a challenge is answered with a credential of its own, and counts', async () => {
  const time = clock()
  const { service, payFor } = await paying({ now: time.now })
  const expires = new Date(time.now() + 90_500).toISOString()
  const parameters = { expires, description: 'say \\"hi\\", once', opaque: 'eyJhIjoxfQ' }
  const answer = await payFor(challenge(parameters))
  expect(answer).toMatchObject({
    paymentType: 'MPP',
    status: 'PROOF_GENERATED',
    paymentOutput: { mpp: { version: '1', selectedPaymentId: 'challenge-1' } },
  })
  const credential = decode(answer.paymentOutput?.mpp?.paymentCredential)
  const { payload } = credential
  expect(credential.challenge).toEqual({
    id: 'challenge-1',
    realm: 'shop.example.com',
    method: 'evm',
    intent: 'charge',
    request: base64url(REQUEST),
    expires,
    description: 'say "hi", once',
    opaque: 'eyJhIjoxfQ',
  })
  expect(payload).toMatchObject({
    type: 'authorization',
    from: service.instruments()[0]?.address,
    to: MERCHANT,
    value: '10000',
    validAfter: '0',
    validBefore: String(time.now() / 1000 + 90),
    nonce: keccak256(toBytes('challenge-1shop.example.com')),
  })
  expect(credential.source).toBe(`did:pkh:eip155:84532:${payload.from}`)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('the credential is signed for the token on its chain', async () => {
  const { payFor } = await paying()
  const answer = await payFor(challenge())
  const { payload } = decode(answer.paymentOutput?.mpp?.paymentCredential)
  const isGood = (chainId: number) =>
    isSigned(payload, {
      name: 'USDC',
      version: '2',
      chainId,
      verifyingContract: BASE_SEPOLIA_USDC,
    })
  await expect(isGood(84532)).resolves.toBe(true)
  await expect(isGood(8453)).resolves.toBe(false)
})

test('a challenge that does not expire is good for five minutes', async () => {
  const time = clock()
  const { payFor } = await paying({ now: time.now })
  const answer = await payFor(challenge())
  const { payload } = decode(answer.paymentOutput?.mpp?.paymentCredential)
  expect(Number(payload.validBefore) - time.now() / 1000).toBe(300)
})

test('who pays network fees makes no difference: the seller submits the transfer', async () => {
  const { payFor } = await paying()
  for (const buyerPaysGasFees of [true, false]) {
    await expect(payFor(challenge(), { buyerPaysGasFees })).resolves.toBeDefined()
  }
})

const { methodDetails } = REQUEST
test.each([
  ['two challenges in one header', `${challenge()}, ${challenge()}`, /exactly one/],
  ['no challenge', 'Basic realm="x"', /exactly one/],
  ['a challenge without an id', challenge({ id: '' }), /exactly one/],
  ['another method', challenge({ method: 'tempo' }), /method evm, intent charge/],
  ['another intent', challenge({ intent: 'session' }), /method evm, intent charge/],
  ['a challenge of yesterday', challenge({ expires: '2020-01-01T00:00:00Z' }), /past its expires/],
  [
    'another credential',
    challenge({}, { methodDetails: { ...methodDetails, credentialTypes: ['hash'] } }),
    /type authorization only/,
  ],
  [
    'no credential',
    challenge({}, { methodDetails: { chainId: 84532 } }),
    /type authorization only/,
  ],
  [
    'splits',
    challenge({}, { methodDetails: { ...methodDetails, splits: [{ amount: '1' }] } }),
    /splits/,
  ],
  ['dollars', challenge({}, { amount: '0.01' }), /atomic units/],
  ['no amount', challenge({}, { amount: undefined }), /atomic units/],
  ['no recipient', challenge({}, { recipient: 'shop' }), /recipient/],
  ['another currency', challenge({}, { currency: MERCHANT }), /unknown currency on eip155:84532/],
  [
    'another chain',
    challenge({}, { methodDetails: { ...methodDetails, chainId: 8453 } }),
    /unknown currency on eip155:8453/,
  ],
])('%s is refused, and nothing is spent', async (_title, header, message) => {
  const { service, payFor } = await paying()
  const error = await refusal(payFor(header))
  expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed' })
  expect(error.message).toMatch(message)
  expect(error.message).not.toMatch(/budget|insufficient|expired|instrument|inactive|not found/i)
  expect(service.sessions()).toMatchObject([{ spent: '0.00' }])
})

test('a version that is none is refused', async () => {
  const { payFor } = await paying()
  await expect(payFor(challenge(), { version: '2' })).rejects.toThrow('mpp.version must be 1')
})

test('a charge beyond the limit is refused', async () => {
  const { service, payFor } = await paying()
  await payFor(challenge({}, { amount: '999999' }))
  await expect(payFor(challenge({}, { amount: '2' }))).rejects.toThrow('budget')
  await payFor(challenge({}, { amount: '1' }))
  expect(service.sessions()).toMatchObject([{ available: '0.00' }])
})

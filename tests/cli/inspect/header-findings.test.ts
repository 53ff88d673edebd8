import { expect, test } from '@jest/globals'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  challenge,
  challengeV1,
  header,
  linesOf,
  only,
  payment,
  paymentV1,
  receipt,
  wrongWith,
} from './support/samples.js'

const base64 = encodeHeader(challenge())
const url = (text: string): string => Buffer.from(text).toString('base64url')

test.each<[what: string, value: unknown, finding: string]>([
  ['JSON', JSON.stringify(challenge()), 'fail : The value is JSON, and base64 of it is expected.'],
  ['quotes', `"${base64}"`, 'fail : The value is in quotes.'],
  [
    'base64 of base64',
    Buffer.from(base64).toString('base64'),
    'fail : The value is base64 of base64.',
  ],
  ['a URL-encoded value', base64.replace(/=*$/, '%3D'), 'fail : The value is URL-encoded.'],
  [
    'half a value',
    base64.slice(0, 100),
    'fail : The value is base64 of JSON that is cut off (100 characters). It begins like something of x402.',
  ],
  ['words', 'please pay', 'fail : The value has spaces or line breaks in it.'],
  ['a word', 'please', 'fail : The value is no base64 of JSON.'],
  [
    'a list',
    Buffer.from('[1,2]').toString('base64'),
    'fail : The value is base64 of a list, not of an object.',
  ],
  [
    'an odd character',
    base64.replace(/^(.{9})/, '$1*'),
    'fail : The value has a character that is no base64: "*".',
  ],
  ['Bearer', `Bearer ${base64}`, 'warn : Bearer stands before the value.'],
  [
    'base64url',
    url(JSON.stringify({ ...challenge(), x: '???>>>' })),
    'warn : The value is base64url (it has - or _), which the official x402 packages do not read.',
  ],
  [
    'more than the Gateway passes on',
    { ...challenge(), x: 'y'.repeat(4_000) },
    'characters: AgentCore Gateway passes on headers up to 4096 only.',
  ],
  [
    'more than servers take',
    { ...challenge(), x: 'y'.repeat(8_000) },
    'characters, more than 8192: most servers and proxies refuse such a header.',
  ],
  [
    'more than is read',
    { ...challenge(), x: 'y'.repeat(66_000) },
    'and nothing above 65536 is read.',
  ],
])('the header payment-required with %s', (_, value, finding) => {
  const found = linesOf(only(header('PAYMENT-REQUIRED', value)).findings)
  expect(found).toContainEqual(expect.stringContaining(finding))
})

test.each<[name: string, what: string, value: unknown, finding: string]>([
  [
    'PAYMENT-SIGNATURE',
    'a payment of v1',
    paymentV1,
    'fail x402Version: A payment of x402 v1 is in the header of v2.',
  ],
  [
    'X-PAYMENT',
    'a payment of v2',
    payment,
    'fail x402Version: A payment of x402 v2 is in the header of v1.',
  ],
  [
    'PAYMENT-REQUIRED',
    'a challenge of v1',
    challengeV1,
    'fail x402Version: A challenge of x402 v1 is in the header of v2. Clients of v1 read the body, and those of v2 refuse it.',
  ],
  [
    'PAYMENT-SIGNATURE',
    'a challenge',
    challenge,
    'fail : The header payment-signature holds a challenge, and a payment belongs there.',
  ],
  [
    'PAYMENT-RESPONSE',
    'a payment',
    payment,
    'fail : The header payment-response holds a payment, and a receipt belongs there.',
  ],
  [
    'X-PAYMENT-RESPONSE',
    'a network of v2',
    receipt,
    'warn network: A receipt of v1 names its network in CAIP-2.',
  ],
  [
    'PAYMENT-SIGNATURE',
    'a version only',
    () => ({ x402Version: 2 }),
    'fail accepted: The member accepted is missing.',
  ],
  [
    'PAYMENT-RESPONSE',
    'nothing of a receipt',
    () => ({}),
    'fail success: success is neither true nor false.',
  ],
])('the header %s with %s', async (name, _, value, finding) => {
  const { findings } = only(header(name, await (value as () => unknown)()))
  expect(linesOf(findings)).toContain(finding)
})

test.each<[more: object, finding: string]>([
  [
    { success: false, errorReason: 'insufficient_funds' },
    'fail errorReason: It was not settled (insufficient_funds). The wallet of the buyer holds too little of the asset.',
  ],
  [
    { success: false, errorReason: 'BCK.X402.0005' },
    'fail errorReason: It was not settled (BCK.X402.0005). The token is invalid, expired or forged.',
  ],
  [
    { success: false, errorReason: 'BCK.X402.0040' },
    'fail errorReason: It was not settled (BCK.X402.0040). ',
  ],
  [
    { success: false, errorReason: 'payment_expires_too_soon' },
    'fail errorReason: It was not settled (payment_expires_too_soon). Less than half of maxTimeoutSeconds is left.',
  ],
  [
    { success: false, errorReason: 'pay_to_mismatch' },
    'fail errorReason: It was not settled (pay_to_mismatch). The payment is for another term than the challenge asked for.',
  ],
  [
    { success: false, errorReason: 'full_moon' },
    'fail errorReason: It was not settled (full_moon).',
  ],
  [{ success: false }, 'fail errorReason: It was not settled, and it does not say why.'],
  [
    { success: false, errorReason: 'settlement_pending' },
    'warn errorReason: The settlement was sent, and is not confirmed yet.',
  ],
  [{ transaction: '' }, 'fail transaction: It says success and names no transaction'],
  [
    { transaction: undefined, transactionHash: '0x12' },
    'warn transactionHash: The transaction is named transactionHash, as payments-py writes it.',
  ],
  [{ success: 'true' }, 'fail success: success is neither true nor false.'],
  [{ network: undefined }, 'warn network: It names no network.'],
  [
    { creditsRedeemed: '0' },
    'warn creditsRedeemed: Nevermined reports success, and redeemed no credits.',
  ],
])('a receipt with %j', (more, finding) => {
  expect(wrongWith({ ...receipt(), ...more })).toEqual([expect.stringContaining(finding)])
})

test('nothing is wrong with good receipts and answers to verify', () => {
  expect(wrongWith(receipt())).toEqual([])
  expect(wrongWith({ isValid: true, payer: '0x1' })).toEqual([])
})

test('a refused verify says why', () => {
  const [line] = wrongWith({ isValid: false, invalidReason: 'invalid_scheme' })
  expect(line).toMatch(/^fail invalidReason: The payment was refused \(invalid_scheme\)\. \w/)
  expect(wrongWith({ isValid: false })).toEqual([
    'fail invalidReason: The payment was refused, and the answer does not say why.',
  ])
  expect(wrongWith({ isValid: 'yes' })).toEqual([
    'fail isValid: isValid is neither true nor false.',
  ])
})

test('a 402 of v2 has its challenge in a header', () => {
  const body = JSON.stringify(challenge())
  const status = 'HTTP/1.1 402 Payment Required'
  expect(linesOf(only(`${status}\r\n\r\n${body}`).findings)).toEqual([
    'warn : The challenge of v2 is in the body only, where most clients of v2 do not look.',
  ])
  const both = `${status}\r\n${header('payment-required', challenge())}\r\n\r\n${body}`
  expect(only(both).findings).toEqual([])
})

import { expect, test } from '@jest/globals'
import { inspectText } from '../../../src/cli/inspect/inspect-text.js'
import {
  PAYEE,
  USDC,
  WAY,
  challenge,
  changed,
  header,
  linesOf,
  payment,
  paymentV1,
  seconds,
  wrongWith,
  type Json,
} from './support/samples.js'

test('nothing is wrong with good payments', async () => {
  expect(wrongWith(await payment())).toEqual([])
  expect(wrongWith(await paymentV1())).toEqual([])
  expect(wrongWith(permit2())).toEqual([])
})

const OTHER = '0x1111111111111111111111111111111111111111'
type Text = (old: string) => string

test.each<[path: string, to: unknown, finding: string]>([
  ['accepted', undefined, 'fail accepted: The member accepted is missing.'],
  ['accepted.network', 'base-sepolia', 'fail accepted.network: x402 v2 names networks in CAIP-2'],
  ['payload', undefined, 'fail payload: The member payload is missing.'],
  ['payload.signature', undefined, 'fail payload.signature: The signature is missing.'],
  [
    'payload.signature',
    ((old) => old.slice(0, 66)) satisfies Text,
    'fail payload.signature: The signature has 66 characters, and one of a wallet has 132',
  ],
  [
    'payload.signature',
    ((old) => old.slice(2)) satisfies Text,
    'fail payload.signature: The signature (130 characters) is no hexadecimal text',
  ],
  [
    'payload.signature',
    ((old) => `${old}ab`) satisfies Text,
    'warn payload.signature: The signature has 134 characters, more than the 132 of a wallet.',
  ],
  [
    'payload.authorization',
    undefined,
    'fail payload.authorization: The member authorization is missing.',
  ],
  ['payload.permit2Authorization', {}, 'fail payload: It has two kinds of signed terms'],
])('a payment whose %s is %p', async (path, to, finding) => {
  const found = wrongWith(changed(await payment(), path, to))
  expect(found).toEqual([expect.stringContaining(finding)])
})

test.each<[member: string, to: unknown, finding: string]>([
  ['from', undefined, 'fail from: The member from is missing.'],
  ['to', OTHER, `fail to: The payment is signed for ${OTHER}, and payTo is ${PAYEE}.`],
  [
    'value',
    '9999',
    'fail value: The payment is signed for 9999, less than the amount that was accepted: 10000.',
  ],
  [
    'value',
    '10001',
    'fail value: The payment is signed for 10001, more than the amount that was accepted: 10000.',
  ],
  ['value', '0.01', 'fail value: The amount 0.01 has a decimal point'],
  ['nonce', '0x12', 'fail nonce: The nonce is no 0x with 64 hexadecimal digits.'],
  ['validBefore', seconds(-180), 'fail validBefore: The payment expired 3 minutes ago.'],
  ['validAfter', seconds(181), 'fail validAfter: The payment becomes valid in 3 minutes.'],
  ['validBefore', seconds(90_000), 'warn validBefore: The payment is valid for another 1 day.'],
  ['validBefore', String(Date.now()), 'fail validBefore: The time is in milliseconds'],
  ['validBefore', 'soon', 'fail validBefore: The time is no whole number of seconds since 1970.'],
])('a transfer whose %s is %j', async (member, to, finding) => {
  const found = wrongWith(changed(await payment(), `payload.authorization.${member}`, to))
  const wanted = finding.replace(/^(fail|warn) /, '$1 payload.authorization.')
  expect(found).toEqual([expect.stringContaining(wanted)])
})

test('a payment of v1 names its network as v1 does', async () => {
  expect(wrongWith(changed(await paymentV1(), 'network', 'eip155:84532'))).toEqual([
    'fail network: x402 v1 has names of its own for networks, and this is CAIP-2.',
  ])
})

test('what a signer gives alone lacks the rest of a payment', async () => {
  const { payload } = await payment()
  expect(wrongWith(payload as Json)).toEqual([
    'fail x402Version: The member x402Version is missing.',
    'fail accepted: The member accepted is missing.',
  ])
})

const permit2 = (): Json => ({
  x402Version: 2,
  resource: { url: 'https://api.example.com/quote' },
  accepted: { ...WAY, scheme: 'upto', extra: {} },
  payload: {
    signature: `0x${'9c41d7'.repeat(21)}9c41`,
    permit2Authorization: {
      from: PAYEE,
      spender: '0x402085c248EeA27D92E8b30b2C58ed07f9E20001',
      nonce: '12345678901234567890',
      deadline: seconds(300),
      permitted: { token: USDC, amount: '10000' },
      witness: { to: PAYEE, validAfter: '0' },
    },
  },
})

test.each<[path: string, to: unknown, finding: string]>([
  [
    'permitted.token',
    PAYEE,
    `fail permitted.token: The payment is signed for the token ${PAYEE}, and ${USDC} is asked.`,
  ],
  [
    'permitted.amount',
    '5',
    'fail permitted.amount: The payment is signed for 5, less than the most that may be charged: 10000.',
  ],
  [
    'witness.to',
    USDC,
    `fail witness.to: The payment is signed for ${USDC}, and payTo is ${PAYEE}.`,
  ],
  ['deadline', seconds(-61), 'fail deadline: The payment expired 1 minute ago.'],
  ['witness', undefined, 'fail witness: The member witness is missing.'],
])('a permission whose %s is %j', (path, to, finding) => {
  const found = wrongWith(changed(permit2(), `payload.permit2Authorization.${path}`, to))
  expect(found).toEqual([finding.replace('fail ', 'fail payload.permit2Authorization.')])
})

test('a payment is compared with the challenge beside it', async () => {
  const signed = await payment()
  const wrong = (path: string, to: unknown): string[] => {
    const text = `${JSON.stringify(challenge())}\n${header('payment-signature', changed(signed, path, to))}`
    const { found } = inspectText(text, Date.now())
    return linesOf(found.flatMap(({ findings }) => findings))
  }
  expect(wrong('accepted.amount', '10000')).toEqual([])
  expect(wrong('accepted.amount', '9999')).toContain(
    'fail accepted.amount: The payment accepts 9999, less than the challenge asks for: 10000.',
  )
  expect(wrong('accepted.payTo', USDC)).toContain(
    'fail accepted.payTo: The payment accepts none of the ways to pay of the challenge: payTo differs.',
  )
})

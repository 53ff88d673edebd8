import { expect, test } from '@jest/globals'
import {
  encodePaymentRequiredHeader,
  encodePaymentResponseHeader,
  encodePaymentSignatureHeader,
} from '@x402/core/http'
import type { PaymentRequired, PaymentRequirements } from '@x402/core/types'
import { privateKeyToAccount } from 'viem/accounts'
import { exact } from 'x402/schemes'
import { inspectText } from '../../src/cli/inspect/inspect-text.js'
import { WAY, challenge, challengeV1, receipt } from '../cli/inspect/support/samples.js'
import { officialPayment } from './buyers/official-buyer.js'

const BUYER = privateKeyToAccount(
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
)
const upto = { ...WAY, scheme: 'upto', extra: { ...WAY.extra, facilitatorAddress: BUYER.address } }
const [wayV1] = challengeV1()['accepts'] as [object]
const paid = async (way: object): Promise<string> =>
  encodePaymentSignatureHeader(await officialPayment(BUYER, way as PaymentRequirements))

test.each<[what: string, text: () => string | Promise<string>, is: string]>([
  [
    'a challenge',
    () =>
      `PAYMENT-REQUIRED: ${encodePaymentRequiredHeader(challenge() as unknown as PaymentRequired)}`,
    'challenge 2',
  ],
  ['a payment by EIP-3009', async () => `PAYMENT-SIGNATURE: ${await paid(WAY)}`, 'payment 2'],
  ['a payment by Permit2', async () => `PAYMENT-SIGNATURE: ${await paid(upto)}`, 'payment 2'],
  ['a payment of v1', async () => `X-PAYMENT: ${await paid(wayV1)}`, 'payment 1'],
  [
    'a payment of the first package',
    async () => `X-PAYMENT: ${await exact.evm.createPaymentHeader(BUYER, 1, wayV1 as never)}`,
    'payment 1',
  ],
  [
    'a receipt',
    () => `PAYMENT-RESPONSE: ${encodePaymentResponseHeader(receipt() as never)}`,
    'receipt 2',
  ],
])('nothing is wrong with %s that the official packages write', async (_, text, is) => {
  const { found } = inspectText(await text(), Date.now())
  expect(found.map(({ kind, version }) => `${kind} ${version ?? '-'}`)).toEqual([is])
  expect(found.flatMap(({ findings }) => findings)).toEqual([])
})

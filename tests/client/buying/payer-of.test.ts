import { expect, test } from '@jest/globals'
import { recoverTypedDataAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createBudget, payerOf, payingFetch, receiptOf } from '../../../src/client/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import { TRANSFER_TYPES } from '../../support/eip3009.js'
import {
  ASSET,
  challenge,
  limits,
  rejection,
  requirement,
  seller,
  settled,
} from '../support/http-seller.js'

const USDC = { ...requirement, extra: { name: 'USDC', version: '2' } }

interface Paid {
  x402Version: number
  accepted?: unknown
  extensions?: Record<string, { info: { id: string } }>
  payload: { signature: `0x${string}`; authorization: Record<string, `0x${string}`> }
}

/** A shop that asks for that, in either version, and a buyer with nothing but an account. */
async function scene(asked: Record<string, unknown>, more: object = {}) {
  const shop = await seller(({ headers }, response) => {
    const { 'payment-signature': two, 'x-payment': one } = headers
    if (two !== undefined || one !== undefined) {
      response.writeHead(200, { 'PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')
      return
    }
    const body = asked['maxAmountRequired']
      ? { x402Version: 1, error: 'pay', accepts: [asked] }
      : challenge('/', { accepts: [asked], ...more })
    response.writeHead(402).end(JSON.stringify(body))
  })
  const account = privateKeyToAccount(generatePrivateKey())
  const budget = createBudget(limits())
  const paying = payingFetch(payerOf(account), budget)
  const paid = (): Paid => {
    const { 'payment-signature': two, 'x-payment': one } = shop.got[1]?.headers ?? {}
    const header = two ?? one ?? ''
    return decodeHeader(String(header)) as unknown as Paid
  }
  return { ...shop, account, budget, buy: () => paying(shop.url), paid }
}

async function signerOf({ payload: { signature, authorization } }: Paid): Promise<string> {
  const { from, to, nonce, value = '', validAfter = '', validBefore = '' } = authorization
  const numbers = {
    value: BigInt(value),
    validAfter: BigInt(validAfter),
    validBefore: BigInt(validBefore),
  }
  return recoverTypedDataAddress({
    domain: { name: 'USDC', version: '2', chainId: 84_532, verifyingContract: ASSET },
    types: TRANSFER_TYPES,
    primaryType: 'TransferWithAuthorization',
    message: { from, to, nonce, ...numbers } as never,
    signature,
  })
}

const { amount, ...v1 } = USDC
const V1 = { ...v1, network: 'base-sepolia', maxAmountRequired: amount, resource: undefined }

test.each<[string, Record<string, unknown>, number]>([
  ['2', USDC, 2],
  ['1', V1, 1],
])(
  'an account pays a seller of x402 v%s with a transfer that it signed',
  async (_, asked, version) => {
    const { account, buy, paid } = await scene(asked)
    const before = Math.floor(Date.now() / 1000)
    const response = await buy()
    expect([response.status, await response.text()]).toEqual([200, 'sold'])
    expect(receiptOf(response)).toMatchObject({ paid: 'yes' })
    const payment = paid()
    expect(payment.x402Version).toBe(version)
    const { authorization } = payment.payload
    const { address: from } = account
    expect(authorization).toMatchObject({ from, to: USDC.payTo, value: '10000' })
    const until = Number(authorization['validBefore']) - before
    expect([until >= 60, until <= 62]).toEqual([true, true])
    expect(await signerOf(payment)).toBe(from)
  },
)

test('two payments have two nonces, and extensions of the challenge come back, with a name', async () => {
  const extensions = { 'payment-identifier': { info: { required: true }, schema: {} } }
  const first = await scene(USDC, { extensions })
  await first.buy()
  const second = await scene(USDC, { extensions })
  await second.buy()
  const [one, other] = [first.paid(), second.paid()]
  expect(one.payload.authorization['nonce']).not.toBe(other.payload.authorization['nonce'])
  expect(one.extensions?.['payment-identifier']?.info).toEqual({
    required: true,
    id: expect.stringMatching(/^pay_\w{32}$/),
  })
})

test.each<[string, Record<string, unknown>]>([
  ['without the name of its token', { ...USDC, extra: { version: '2' } }],
  ['without extra', { ...USDC, extra: null }],
  ['by Permit2', { ...USDC, extra: { ...USDC.extra, assetTransferMethod: 'permit2' } }],
  ['up to an amount', { ...USDC, scheme: 'upto' }],
])('what is asked %s is not signed, and nothing is paid', async (_, asked) => {
  const { buy, got, budget } = await scene(asked)
  const failure = await rejection(buy())
  expect(failure).toMatchObject({ name: 'PaymentError', code: 'payment_unusable' })
  expect(failure.message).toMatch(/nothing was paid$/)
  expect([got.length, budget.standing()[0]?.held]).toEqual([1, 0n])
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a private key', generatePrivateKey()],
  ['an address alone', { address: ASSET }],
  ['an address that is none', { address: '0x12', signTypedData: () => '0x' }],
])('payerOf refuses %s when it is called', (_, account) => {
  const make = () => payerOf(account as never)
  expect(make).toThrow(expect.objectContaining({ name: 'OptionsError', option: 'account' }))
  expect(make).toThrow(/^account: .*payerOf was given/)
  if (typeof account === 'string') expect(make).not.toThrow(account)
})

import { expect, test } from '@jest/globals'
import { OptionsError } from '../../../src/errors/payment-error.js'
import type { LocalOptions } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'
import {
  ask,
  BODIES,
  exactBody,
  fundedAccount,
  SHOP,
  uptoBody,
  type Kind,
} from '../../seller/money/support/x402-payments.js'

const KINDS: [Kind, string, string][] = [
  ['exact', 'exact', 'eip155:84532'],
  ['exact of v1', 'exact', 'base-sepolia'],
  ['upto', 'upto', 'eip155:84532'],
]

test.each(KINDS)('%s: a good payment is verified, and nothing moves', async (kind) => {
  const local = await stack()
  const account = await fundedAccount(local)
  const verified = await ask(local, 'verify', await BODIES[kind](local, account))
  expect(verified).toEqual({ status: 200, body: { isValid: true, payer: account.address } })
  expect(await local.x402.balanceOf(account.address)).toBe(1_000_000n)
  expect(local.x402.settlements).toEqual([])
})

test.each(KINDS)('%s: a settlement moves the price, to the unit', async (kind, scheme, network) => {
  const local = await stack()
  const { address } = local.x402.asset
  const account = await fundedAccount(local)
  const settled = await ask(local, 'settle', await BODIES[kind](local, account, { amount: '123' }))
  const { transaction } = settled.body
  expect(transaction).toMatch(/^0x[\da-f]{64}$/)
  const payer = account.address
  const body = { success: true, transaction, network, payer, amount: '123' }
  expect(settled).toEqual({ status: 200, body })
  expect(await local.x402.balanceOf(payer)).toBe(999_877n)
  expect(await local.x402.balanceOf(SHOP)).toBe(123n)
  const about = { scheme, network, asset: address, payer: payer.toLowerCase(), payTo: SHOP }
  const nonce = expect.any(String) as unknown
  expect(local.x402.settlements).toEqual([{ ...about, transaction, amount: 123n, nonce }])
})

test.each<[Kind, string]>([
  ['exact', 'invalid_exact_evm_nonce_already_used'],
  ['exact of v1', 'invalid_exact_evm_nonce_already_used'],
  ['upto', 'permit2_invalid_nonce'],
])('%s: what was settled is refused from then on', async (kind, reason) => {
  const local = await stack()
  const account = await fundedAccount(local)
  const body = await BODIES[kind](local, account)
  expect(await ask(local, 'settle', body)).toMatchObject({ body: { success: true } })
  const again = { success: false, errorReason: reason, transaction: '' }
  expect(await ask(local, 'settle', body)).toMatchObject({ status: 200, body: again })
  const refused = { isValid: false, invalidReason: reason, payer: account.address }
  expect(await ask(local, 'verify', body)).toEqual({ status: 200, body: refused })
  expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
})

test.each(KINDS)('%s: one payment settled often at once moves money once', async (kind) => {
  const local = await stack()
  const body = await BODIES[kind](local, await fundedAccount(local))
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(local, 'settle', body)))
  expect(answers.filter((answer) => answer.body['success'] === true)).toHaveLength(1)
  expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
})

test.each(KINDS)('%s: payments at once never spend more than there is', async (kind) => {
  const local = await stack()
  const account = await fundedAccount(local, 35_000n)
  const bodies = Array.from({ length: 6 }, () => BODIES[kind](local, account))
  const answers = await Promise.all(bodies.map(async (body) => ask(local, 'settle', await body)))
  expect(answers.filter((answer) => answer.body['success'] === true)).toHaveLength(3)
  expect(await local.x402.balanceOf(account.address)).toBe(5_000n)
  expect(await local.x402.balanceOf(SHOP)).toBe(30_000n)
})

test('upto: less than was signed is charged once, and no more than that', async () => {
  const local = await stack()
  const account = await fundedAccount(local)
  const charge = (amount: string) => uptoBody(local, account, { amount, signedAmount: '9000' })
  const settled = await ask(local, 'settle', await charge('1234'))
  expect(settled.body).toMatchObject({ success: true, amount: '1234' })
  expect(await ask(local, 'settle', await charge('9000'))).toMatchObject({
    body: { success: true },
  })
  expect((await ask(local, 'settle', await charge('9001'))).body).toEqual({
    success: false,
    errorReason: 'invalid_upto_evm_payload_settlement_exceeds_amount',
    transaction: '',
    network: 'eip155:84532',
    payer: account.address,
  })
  expect(await local.x402.balanceOf(SHOP)).toBe(10_234n)
})

test('upto: a charge of nothing succeeds without a transaction', async () => {
  const local = await stack()
  const account = await fundedAccount(local)
  const body = await uptoBody(local, account, { amount: '0', signedAmount: '9000' })
  const settled = await ask(local, 'settle', body)
  expect(settled.body).toMatchObject({ success: true, transaction: '', amount: '0' })
  expect(local.x402.settlements).toEqual([])
})

test('exact: a payment of nothing is a payment', async () => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local, 0n), { amount: '0' })
  expect((await ask(local, 'settle', body)).body).toMatchObject({ success: true, amount: '0' })
  expect(local.x402.settlements).toMatchObject([{ amount: 0n }])
})

test('exact and upto have nonces of their own', async () => {
  const local = await stack()
  const account = await fundedAccount(local)
  const nonce = `0x${'1'.repeat(64)}` as const
  for (const bodyOf of [exactBody, uptoBody]) {
    const body = await bodyOf(local, account, { nonce })
    expect(await ask(local, 'settle', body)).toMatchObject({ body: { success: true } })
  }
  const noted = [nonce, BigInt(nonce).toString()]
  expect(local.x402.settlements.map((settlement) => settlement.nonce)).toEqual(noted)
})

test('what it supports, and who signs for it', async () => {
  const { x402 } = await stack()
  const answer = await fetch(`${x402.url}/supported`)
  const facilitatorAddress = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    kinds: [
      { x402Version: 2, scheme: 'exact', network: 'eip155:84532' },
      { x402Version: 2, scheme: 'upto', network: 'eip155:84532', extra: { facilitatorAddress } },
      { x402Version: 1, scheme: 'exact', network: 'base-sepolia' },
    ],
    extensions: ['payment-identifier'],
    signers: { 'eip155:*': [facilitatorAddress] },
  })
})

test('it settles on a ledger unless told otherwise, and its buyer has money', async () => {
  const { x402, url } = await stack()
  expect(x402).toMatchObject({
    url: `${url}/facilitator`,
    network: 'eip155:84532',
    settlesOn: 'ledger',
    asset: {
      address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      name: 'USDC',
      version: '2',
      decimals: 6,
      symbol: 'USDC',
    },
  })
  expect(x402.rpcUrl).toBeUndefined()
  expect(await x402.balanceOf(x402.buyer.address)).toBe(1_000_000_000n)
  expect(await x402.balanceOf(SHOP)).toBe(0n)
})

test('an address is one in any case', async () => {
  const { x402 } = await stack()
  await x402.fund('0xABCDEFabcdef0000000000000000000000000000', 7n)
  expect(await x402.balanceOf('0xabcdefABCDEF0000000000000000000000000000')).toBe(7n)
})

test.each<[string, bigint, string]>([
  ['0x12', 1n, 'address'],
  [SHOP, -1n, 'amount'],
])('%s cannot be funded with %s', async (address, amount, option) => {
  const { x402 } = await stack()
  await expect(x402.fund(address, amount)).rejects.toMatchObject({ option })
})

test.each([
  ['x402.chian', { chian: true }],
  ['x402.chain', { chain: 'yes' }],
  ['x402.anvilPath', { anvilPath: '' }],
  ['x402.walletFunds', { walletFunds: 10 }],
  ['x402', 'ledger'],
])('the option %s is refused when it is wrong', async (option, x402) => {
  const started = stack({ x402 } as LocalOptions)
  await expect(started).rejects.toBeInstanceOf(OptionsError)
  await expect(started).rejects.toMatchObject({ option })
})

test('a chain that does not start says so; where it need not, the ledger is there', async () => {
  const anvilPath = '/nowhere/anvil'
  const started = stack({ x402: { chain: true, anvilPath } })
  await expect(started).rejects.toMatchObject({ option: 'x402.chain' })
  await expect(started).rejects.toThrow('x402.chain: no anvil starts here')
  const { x402 } = await stack({ x402: { chain: 'auto', anvilPath } })
  expect(x402.settlesOn).toBe('ledger')
})

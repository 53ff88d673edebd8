import { expect, test } from '@jest/globals'
import { paymentUser } from '../../support/payment-user.js'
import type { Local, LocalOptions } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { stack } from '../../support/seller.js'
import { ask, SHOP } from '../../seller/money/support/x402-payments.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** A user of the AgentCore payments service with a new wallet. */
async function user(local: Local, network: 'ETHEREUM' | 'SOLANA' = 'ETHEREUM') {
  const { paymentsService: service } = local
  const { manager, ids, paymentConnectorId, address } = await paymentUser(local, { network })
  const { paymentInstrumentId } = ids
  const balance = async (chain: 'BASE' | 'BASE_SEPOLIA' | 'SOLANA') => {
    const asked = { paymentConnectorId, paymentInstrumentId, chain, token: 'USDC' } as const
    const { tokenBalance } = await manager.getPaymentInstrumentBalance(asked)
    return tokenBalance.amount
  }
  return { manager, ids, paymentInstrumentId, address, balance, service }
}

function accepted({ x402 }: Local, version: 1 | 2) {
  const { address: asset, name, version: tokenVersion } = x402.asset
  const terms = {
    asset,
    payTo: SHOP,
    maxTimeoutSeconds: 60,
    extra: { name, version: tokenVersion },
  }
  return version === 2
    ? { scheme: 'exact', network: x402.network, amount: '250000', ...terms }
    : {
        ...{ scheme: 'exact', network: 'base-sepolia', maxAmountRequired: '250000', ...terms },
        ...{ resource: 'https://shop.example/quote', description: '', mimeType: '' },
      }
}

test.each([2, 1] as const)(
  'x402 v%s: a wallet of AgentCore payments pays what it holds, and its balance says so',
  async (x402Version) => {
    const local = await stack()
    const { manager, ids, address, balance } = await user(local)
    expect(await balance('BASE_SEPOLIA')).toBe('10000000')
    const paymentRequirements = accepted(local, x402Version)
    const resource = { url: 'https://shop.example/quote' }
    const challenge = { x402Version, error: '', resource, accepts: [paymentRequirements] }
    const header = await manager.generatePaymentHeader({
      ...ids,
      paymentRequiredRequest: { statusCode: 402, headers: {}, body: JSON.stringify(challenge) },
    })
    const paymentPayload = decodeHeader(Object.values(header)[0] ?? '')
    const body = { x402Version, paymentPayload, paymentRequirements }
    expect((await ask(local, 'verify', body)).body).toEqual({ isValid: true, payer: address })
    expect((await ask(local, 'settle', body)).body).toMatchObject({ success: true, payer: address })
    expect(await balance('BASE_SEPOLIA')).toBe('9750000')
    expect(await local.x402.balanceOf(SHOP)).toBe(250_000n)
  },
)

test('a wallet is funded from either side', async () => {
  const local = await stack({ x402: { walletFunds: 0n } })
  const { address, balance, paymentInstrumentId, service } = await user(local)
  expect(await balance('BASE_SEPOLIA')).toBe('0')
  service.fund(paymentInstrumentId, 5n)
  await local.x402.fund(address, 7n)
  expect(await balance('BASE_SEPOLIA')).toBe('12')
  expect(await local.x402.balanceOf(address)).toBe(12n)
})

test('what is on other chains is no money of the facilitator', async () => {
  const local = await stack()
  const { address, balance, paymentInstrumentId, service } = await user(local)
  service.fund(paymentInstrumentId, 5n, 'BASE')
  expect(await balance('BASE')).toBe('5')
  expect(await local.x402.balanceOf(address)).toBe(10_000_000n)
  const solana = await user(local, 'SOLANA')
  expect(await solana.balance('SOLANA')).toBe('0')
  expect(await local.x402.balanceOf(solana.address)).toBe(0n)
})

test('balances come from wherever the payments service was told to look', async () => {
  const options: LocalOptions = { paymentsService: { balanceOf: () => 42n } }
  const { balance } = await user(await stack(options))
  expect(await balance('BASE_SEPOLIA')).toBe('42')
})

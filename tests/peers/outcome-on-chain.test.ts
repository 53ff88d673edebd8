import { beforeAll, expect, test } from '@jest/globals'
import { createTestClient, http, publicActions, type Address } from 'viem'
import { HTTPFacilitatorClient } from '../../src/index.js'
import { createFacilitators } from '../../src/facilitators/failover.js'
import { assetRail } from '../../src/seller/rails/asset-rail.js'
import type { Chain, Token } from './chain/chain.js'
import { onChain } from './chain/on-chain.js'
import { redeem, usdcOn } from './chain/usdc.js'
import { funded, x402ClientOf } from './chain/wallet-payer.js'

const SHOP: Address = '0x1111111111111111111111111111111111111111'
const OTHER: Address = '0x2222222222222222222222222222222222222222'
const AMOUNT = 10_000n

await onChain('what became of a payment is read from the chain', (chain) => {
  let usdc: Token
  beforeAll(async () => {
    usdc = await usdcOn(chain)
  })

  test('settled by anybody: by its log, and by its transaction', async () => {
    const { payload, settle, outcome } = await payment(chain, usdc)
    expect(await outcome(payload)).toEqual({ kind: 'unknown', isPending: false })
    await settle()
    const transaction = (await chain.transfers()).findLast(({ to }) => to === SHOP)?.transaction
    const found = { kind: 'settled', settlement: { settled: { transaction, amount: '10000' } } }
    expect(await outcome(payload)).toMatchObject(found)
    expect(await outcome(payload, transaction)).toMatchObject(found)
  })

  test('used to pay somebody else: not known to be paid to us', async () => {
    const { payload, settle, outcome } = await payment(chain, usdc, OTHER)
    await settle()
    expect(await outcome(payload)).toEqual({ kind: 'unknown', isPending: false })
  })

  test('never settled: known once its end is final', async () => {
    const { payload, outcome } = await payment(chain, usdc)
    const client = createTestClient({ mode: 'anvil', transport: http(chain.rpcUrl) }).extend(
      publicActions,
    )
    await client.increaseTime({ seconds: 3_600 })
    await client.mine({ blocks: 1 })
    expect(await outcome(payload)).toEqual({ kind: 'unknown', isPending: false })
    await client.mine({ blocks: 200 })
    expect(await outcome(payload)).toEqual({ kind: 'not-settled' })
  })
})

/** A payment as the official client signs it, who settles it, and what is found of it. */
async function payment(chain: Chain, { network, asset, name, version }: Token, to = SHOP) {
  const token = { network, asset, name, version, decimals: 6 }
  const account = await funded(chain, 1_000_000n, token)
  const requirements = {
    ...{ scheme: 'exact', network, amount: AMOUNT.toString(), asset, payTo: to },
    ...{ maxTimeoutSeconds: 60, extra: { name, version } },
  }
  const resource = { url: 'mcp://tool/t' }
  const asked = { x402Version: 2 as const, resource, accepts: [requirements], extensions: {} }
  const payload = await x402ClientOf(account).createPaymentPayload(asked)
  const settle = () => redeem(chain, token, account, payload.payload)
  const own = { ...requirements, payTo: SHOP }
  const rail = assetRail({
    facilitators: createFacilitators(
      [new HTTPFacilitatorClient({ url: 'http://127.0.0.1:1' })],
      Date.now,
    ),
    requirements: own,
    offer: { ...asked, accepts: [own] },
    rpcUrls: { [network]: chain.rpcUrl },
  })
  const outcome = (paid: unknown, transaction?: string) =>
    rail.outcomeOf(
      { payload: paid as Record<string, unknown> },
      { amount: AMOUNT, ...(transaction !== undefined && { transaction }) },
      { timeoutMs: 5_000, correlationId: 'call-1' },
    )
  return { payload, settle, outcome }
}

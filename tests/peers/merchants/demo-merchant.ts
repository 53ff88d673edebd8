/**
 * The merchant of `npm run demo`, in a process of its own: `@x402/express` with a facilitator on a local
 * chain. Says where it is, mints and reads balances for who started it, and ends with them.
 */
import type { Address } from 'viem'
import { noChain, startChain } from '../chain/chain.js'
import { startMerchant } from './merchant.js'

interface Wish {
  mint?: { to: Address; amount: string }
  balanceOf?: Address
}

const say = (message: object) => process.send?.(message)

const chain = await startChain()
if (chain === undefined) {
  say({ reason: noChain() })
  process.disconnect()
} else {
  const merchant = await startMerchant(chain, { price: process.env.PRICE ?? '1000' })
  process.on('message', ({ mint, balanceOf }: Wish) => {
    const done = async () => {
      if (mint !== undefined) await chain.mint(mint.to, BigInt(mint.amount))
      if (balanceOf === undefined) return say({})
      return say({ balance: (await chain.balanceOf(balanceOf)).toString() })
    }
    void done()
  })
  process.once('disconnect', () => {
    void merchant.close().then(() => chain.close())
  })
  say({ url: merchant.url, payTo: merchant.payTo, token: chain.token })
}

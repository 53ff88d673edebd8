import type { Local } from '../../../src/local/index.js'
import { clockOf } from '../../support/clock.js'
import { TRANSFER, USED, rpcStub } from '../../seller/money/support/rpc-stub.js'

const TX = `0x${'a1'.repeat(32)}`
const word = (address: unknown) => `0x${String(address).slice(2).toLowerCase().padStart(64, '0')}`

/**
 * Starts a chain that tells of one payment what the ledger of a local stack says.
 *
 * @returns its URL
 */
export async function chainOfLedger(
  local: Local,
  payment: Record<string, unknown>,
): Promise<string> {
  const { x402 } = local
  const now = clockOf(local)
  const { authorization } = payment['payload'] as { authorization: Record<string, string> }
  const { asset } = payment['accepted'] as { asset: string }
  const { from, nonce = '', to, value } = authorization
  const isUsed = () => x402.settlements.length > 0
  const at = { address: asset, blockNumber: 9_990, transactionHash: TX }
  const moved = `0x${BigInt(value ?? 0)
    .toString(16)
    .padStart(64, '0')}`
  const logs = [
    { ...at, topics: [USED, word(from), nonce], data: '0x' },
    { ...at, topics: [TRANSFER, word(from), word(to)], data: moved },
  ]
  const { url } = await rpcStub({
    ...{ chainId: Number(x402.network.split(':')[1]), latest: 10_000, isUsed },
    // The chain goes on, whether anybody pays or not.
    get finalized() {
      return { number: 9_999, timestamp: Math.floor(now() / 1_000) }
    },
    receipts: { [TX]: '0x1' },
    get logs() {
      return isUsed() ? logs : []
    },
  })
  return url
}

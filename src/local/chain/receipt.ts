import { setTimeout as sleep } from 'node:timers/promises'

type Hex = `0x${string}`

interface Receipts<R> {
  getTransactionReceipt: (about: { hash: Hex }) => Promise<R>
}

const POLL_MS = 10
const GIVE_UP_MS = 60_000

/**
 * Waits for the receipt of a transaction, on a chain that mines each transaction at once.
 *
 * `waitForTransactionReceipt` of viem looks at once, and then at every new block. A chain may show its last
 * block before the receipts in it. viem then waits for another block, and nobody makes one.
 */
export async function receiptOf<R>(client: Receipts<R>, hash: Hex): Promise<R> {
  const giveUpAt = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      return await client.getTransactionReceipt({ hash })
    } catch (error) {
      if (!isNotThereYet(error) || performance.now() > giveUpAt) throw error
    }
    await sleep(POLL_MS)
  }
}

function isNotThereYet(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransactionReceiptNotFoundError'
}

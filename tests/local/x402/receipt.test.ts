import { expect, test } from '@jest/globals'
import { TransactionReceiptNotFoundError } from 'viem'
import { receiptOf } from '../../../src/local/chain/receipt.js'

const HASH = `0x${'ab'.repeat(32)}` as const

test('a receipt that comes later than its block is waited for', async () => {
  let asked = 0
  const getTransactionReceipt = async ({ hash }: { hash: string }) => {
    asked += 1
    if (asked < 4) throw new TransactionReceiptNotFoundError({ hash: HASH })
    return { hash, status: 'success' }
  }
  const receipt = await receiptOf({ getTransactionReceipt }, HASH)
  expect([receipt, asked]).toEqual([{ hash: HASH, status: 'success' }, 4])
})

test('a chain that does not answer is no receipt to wait for', async () => {
  const down = new Error('down')
  const client = { getTransactionReceipt: () => Promise.reject(down) }
  await expect(receiptOf(client, HASH)).rejects.toBe(down)
})

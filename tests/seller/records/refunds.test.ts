import { expect, test } from '@jest/globals'
import { markRefunded, memoryStore } from '../../../src/index.js'
import { testRefunds } from './support/refund-contract.js'

testRefunds('refunds, remembered in memory', async () => {
  const store = memoryStore()
  return () => store
})

test.each([undefined, null, 7, 'payments', {}, { read: () => undefined }])(
  'what is no payment store is refused by name: %j',
  async (store) => {
    await expect(markRefunded(store as never, 'a.b')).rejects.toMatchObject({
      code: 'invalid_options',
      option: 'paymentStore',
    })
  },
)

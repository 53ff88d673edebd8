import { expect, test } from '@jest/globals'
import { type PaymentStore, memoryStore } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import {
  assetIn,
  callWith,
  challengeFrom,
  moneyShop,
  paymentFor,
} from '../seller/money/support/money.js'
import {
  CANCELED,
  type StubChain,
  TRANSFER,
  USED,
  rpcStub,
} from '../seller/money/support/rpc-stub.js'
import { outcomeOf } from '../support/outcome.js'
import { stack } from '../support/seller.js'
import { NOW_MS } from '../support/clock.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable } from './support/table.js'

const CENT = 10_000n
const TX = `0x${'a1'.repeat(32)}`
const word = (address: unknown) => `0x${String(address).slice(2).toLowerCase().padStart(64, '0')}`

describeTable('money whose settle got no answer, and is then called used', () => {
  const db = running()

  async function shared(): Promise<PaymentStore> {
    const client = clientOf(db.engine.endpoint)
    return dynamoDbStore({ table: await createTable(client), secret: SECRET, client })
  }

  /** Buys once, while the answer of the first settle is lost. @param says what the chain says of the payment. */
  async function bought(paymentStore: PaymentStore, says: 'paid' | 'cancelled' | 'nothing') {
    const local = await stack({ now: () => NOW_MS })
    const { network } = local.x402
    const chain: StubChain = {
      ...{
        chainId: Number(network.split(':')[1]),
        latest: 10_000,
        isUsed: () => says !== 'nothing',
      },
      ...{ finalized: null, logs: [], receipts: { [TX]: '0x1' } },
    }
    const { url } = await rpcStub(chain)
    const shop = await moneyShop({ paymentStore, rpcUrls: { [network]: url } }, undefined, local)
    const challenge = await challengeFrom(shop)
    const payment = await paymentFor(shop, challenge)
    const { authorization } = payment['payload'] as { authorization: Record<string, string> }
    const { from, nonce = '', to } = authorization
    const at = { address: assetIn(challenge).asset, blockNumber: 9_990, transactionHash: TX }
    const use = says === 'paid' ? USED : CANCELED
    const moved = `0x${CENT.toString(16).padStart(64, '0')}`
    if (says !== 'nothing') chain.logs.push({ ...at, topics: [use, word(from), nonce], data: '0x' })
    if (says === 'paid') {
      chain.logs.push({ ...at, topics: [TRANSFER, word(from), word(to)], data: moved })
    }
    local.x402.faults.set({ kind: 'lost-answer', route: 'settle' })
    const call = async () => outcomeOf(await shop.handler(callWith(payment)))
    return { first: await call(), again: await call(), taken: await shop.taken() }
  }

  test('is settled, where the chain says that it was paid and the table that nobody else had it', async () => {
    const { first, taken } = await bought(await shared(), 'paid')
    expect([first, taken]).toEqual(['settled', CENT])
  })

  test('is not delivered by the store of one process, though the chain says that it was paid', async () => {
    const { first, again, taken } = await bought(memoryStore(), 'paid')
    expect([first, again]).toEqual(['already paid', 'already paid'])
    expect(taken).toBe(CENT)
  })

  test.each(['cancelled', 'nothing'] as const)(
    'is not settled by the table alone: the chain says %s',
    async (says) => {
      const { first, again } = await bought(await shared(), says)
      expect([first, again]).not.toContain('settled')
      expect([first, again]).not.toContain('already paid')
    },
  )
})

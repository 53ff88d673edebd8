import { describe, expect, test } from '@jest/globals'
import type { PaymentRecord, PaymentState } from '../../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../../src/seller/options/payment-store.js'
import { HOUR_MS, START_MS, nextOf, recordOf } from './records.js'
import { reserves, reservesUpToItsBound } from './reservation-contract.js'
import { storeBehavesLikeModel } from './store-model.js'

/** The store that is tested. */
export interface StoreUnderTest {
  /** A store without records. */
  make: () => PaymentStore | Promise<PaymentStore>
  /** How many random histories are played. */
  histories: number
  /** Whether a balance is filled with reservations, which takes long in a slow engine. */
  fills: boolean
}

const FULL: PaymentRecord = recordOf('full', {
  alias: 'name of full',
  state: 'settled',
  isDelivered: true,
  asked: { amount: '5', correlationId: 'c', agentRequestId: 'r', facilitator: 1 },
  settlement: {
    settled: { success: true, transaction: '0x1', network: 'eip155:84532', payer: '0x2' },
    creditsUsed: 9_007_199_254_740_993n,
    inV1: false,
  },
  refund: { id: 'full.c', reason: 'handler_failed', credits: '5', correlationId: 'c' },
  isRefundReported: true,
  transaction: '0x1',
  settlementId: 'id',
})

/** Registers the tests that every {@link PaymentStore} passes. */
export function testStore(name: string, { make, histories, fills }: StoreUnderTest): void {
  describe(name, () => {
    adds(make)
    replaces(make)
    keepsAnswers(make)
    expires(make)
    letsOneWriterWin(make)
    reserves(make)
    if (fills) reservesUpToItsBound(make)
    test('it behaves like a list of records, whatever is done in which order', async () => {
      await expect(storeBehavesLikeModel(make, histories)).resolves.toBeUndefined()
    })
  })
}

type Make = StoreUnderTest['make']

/** A store that holds one record. */
async function storeWith(make: Make, record: PaymentRecord): Promise<PaymentStore> {
  const store = await make()
  expect(await store.add(record, START_MS)).toBeUndefined()
  return store
}

function adds(make: Make): void {
  test('a record is read as it was written', async () => {
    const store = await storeWith(make, FULL)
    expect(await store.read('full', START_MS)).toEqual(FULL)
    expect(await store.read('another', START_MS)).toBeUndefined()
  })

  test('a key is taken once: the record that has it is handed back, and stays as it is', async () => {
    const first = recordOf('a')
    const store = await storeWith(make, first)
    const second = recordOf('a', { owner: 'another', fingerprint: 'another call' })
    expect(await store.add(second, START_MS)).toEqual(first)
    expect(await store.read('a', START_MS)).toEqual(first)
  })

  test('an alias is taken once: the record that has it is handed back, and nothing is written', async () => {
    const first = recordOf('a', { alias: 'name' })
    const store = await storeWith(make, first)
    expect(await store.add(recordOf('b', { alias: 'name' }), START_MS)).toEqual(first)
    expect(await store.read('b', START_MS)).toBeUndefined()
  })

  test('records without an alias are not in the way of each other', async () => {
    const store = await storeWith(make, recordOf('a'))
    expect(await store.add(recordOf('b'), START_MS)).toBeUndefined()
  })

  test.each<PaymentState>([
    ...(['unverified', 'claimed', 'settling', 'settled', 'pending', 'unknown'] as const),
    ...(['refund_due', 'refunded', 'dead'] as const),
  ])('a record that is %s keeps its alias', async (state) => {
    const store = await storeWith(make, recordOf('a', { alias: 'name', state }))
    const there = await store.add(recordOf('b', { alias: 'name' }), START_MS)
    expect(there?.key).toBe('a')
  })

  test('a refused record gives way to another one with its alias, and cannot be settled later', async () => {
    const refused = recordOf('a', { alias: 'name', state: 'refused' })
    const store = await storeWith(make, refused)
    const second = recordOf('b', { alias: 'name' })
    expect(await store.add(second, START_MS)).toBeUndefined()
    expect(await store.replace(refused, nextOf(refused, { state: 'unverified' }))).toBe(false)
    expect(await store.add(recordOf('a', { alias: 'name' }), START_MS)).toEqual(second)
    expect(await store.add(recordOf('c', { alias: 'name' }), START_MS)).toEqual(second)
  })

  test('a refused record keeps its key, and its answer', async () => {
    const claimed = recordOf('a', { alias: 'name' })
    const store = await storeWith(make, claimed)
    const refused = nextOf(claimed, { state: 'refused' })
    await store.replace(claimed, refused, { answer: 'answer' })
    expect(await store.add(claimed, START_MS)).toEqual(refused)
    expect(await store.readAnswer('a', START_MS)).toBe('answer')
  })
}

/** Changes that somebody else may have made since. */
const STALE: [string, Partial<PaymentRecord>][] = [
  ['owner', { owner: 'another' }],
  ['version', { version: 2 }],
  ['state', { state: 'settling' }],
]

function replaces(make: Make): void {
  test('a record is replaced by its next version', async () => {
    const seen = recordOf('a')
    const store = await storeWith(make, seen)
    const next = nextOf(seen, { state: 'settling', owner: 'another', leaseUntil: 7 })
    expect(await store.replace(seen, next)).toBe(true)
    expect(await store.read('a', START_MS)).toEqual(next)
  })

  test.each(STALE)('a record with another %s is not replaced', async (_, wrong) => {
    const there = recordOf('a')
    const store = await storeWith(make, there)
    const seen = { ...there, ...wrong }
    expect(await store.replace(seen, nextOf(seen, { state: 'dead' }), { answer: 'answer' })).toBe(
      false,
    )
    expect(await store.read('a', START_MS)).toEqual(there)
    expect(await store.readAnswer('a', START_MS)).toBeUndefined()
  })

  test.each(STALE)('a record with another %s is not removed', async (_, wrong) => {
    const there = recordOf('a', { alias: 'name' })
    const store = await storeWith(make, there)
    expect(await store.remove({ ...there, ...wrong })).toBe(false)
    expect(await store.read('a', START_MS)).toEqual(there)
    expect(await store.add(recordOf('b', { alias: 'name' }), START_MS)).toEqual(there)
  })

  test('what is not there is neither replaced nor removed', async () => {
    const store = await make()
    const absent = recordOf('a')
    expect(await store.replace(absent, nextOf(absent))).toBe(false)
    expect(await store.remove(absent)).toBe(false)
    expect(await store.read('a', START_MS)).toBeUndefined()
  })

  test('a removed record leaves nothing: neither key, nor alias, nor answer', async () => {
    const seen = recordOf('a', { alias: 'name' })
    const store = await storeWith(make, seen)
    const next = nextOf(seen)
    await store.replace(seen, next, { answer: 'answer' })
    expect(await store.remove(next)).toBe(true)
    expect(await store.read('a', START_MS)).toBeUndefined()
    expect(await store.readAnswer('a', START_MS)).toBeUndefined()
    expect(await store.add(recordOf('b', { alias: 'name' }), START_MS)).toBeUndefined()
    expect(await store.add(seen, START_MS)).toMatchObject({ key: 'b' })
    expect(await store.add(recordOf('a'), START_MS)).toBeUndefined()
    expect(await store.readAnswer('a', START_MS)).toBeUndefined()
  })
}

function keepsAnswers(make: Make): void {
  test('an answer is kept, stays when its record is replaced without one, and gives way to another', async () => {
    const first = recordOf('a')
    const store = await storeWith(make, first)
    expect(await store.readAnswer('a', START_MS)).toBeUndefined()
    const second = nextOf(first)
    await store.replace(first, second, { answer: 'one' })
    const third = nextOf(second, { state: 'settled' })
    await store.replace(second, third)
    expect(await store.readAnswer('a', START_MS)).toBe('one')
    await store.replace(third, nextOf(third), { answer: 'another, with “ſ” and 🦊' })
    expect(await store.readAnswer('a', START_MS)).toBe('another, with “ſ” and 🦊')
  })

  test('an answer belongs to its own record', async () => {
    const [a, b] = [recordOf('a'), recordOf('b')]
    const store = await storeWith(make, a)
    await store.add(b, START_MS)
    await store.replace(a, nextOf(a), { answer: 'of a' })
    await store.replace(b, nextOf(b), { answer: 'of b' })
    expect(await store.readAnswer('a', START_MS)).toBe('of a')
    expect(await store.readAnswer('b', START_MS)).toBe('of b')
  })

  test('an empty answer is an answer', async () => {
    const seen = recordOf('a')
    const store = await storeWith(make, seen)
    await store.replace(seen, nextOf(seen), { answer: '' })
    expect(await store.readAnswer('a', START_MS)).toBe('')
  })
}

function expires(make: Make): void {
  const end = START_MS + HOUR_MS

  test('a record and its answer are there until they expire, and not from then on', async () => {
    const seen = recordOf('a')
    const store = await storeWith(make, seen)
    const next = nextOf(seen)
    await store.replace(seen, next, { answer: 'answer' })
    expect(await store.read('a', end - 1)).toEqual(next)
    expect(await store.readAnswer('a', end - 1)).toBe('answer')
    expect(await store.readAnswer('a', end)).toBeUndefined()
    expect(await store.read('a', end)).toBeUndefined()
  })

  test.each([
    ['its key', recordOf('a', { expiresAt: end + HOUR_MS })],
    ['its alias', recordOf('b', { alias: 'name', expiresAt: end + HOUR_MS })],
  ])('an expired record is not in the way of another with %s', async (_, second) => {
    const first = recordOf('a', { alias: 'name' })
    const store = await storeWith(make, first)
    await store.replace(first, nextOf(first, { state: 'settled', isDelivered: true }), {
      answer: 'of the first',
    })
    expect((await store.add(second, end - 1))?.key).toBe('a')
    expect(await store.add(second, end)).toBeUndefined()
    expect(await store.read(second.key, end)).toEqual(second)
    expect(await store.readAnswer(second.key, end)).toBeUndefined()
  })
}

function letsOneWriterWin(make: Make): void {
  const WRITERS = [0, 1, 2, 3, 4]

  test.each<[string, (writer: number) => PaymentRecord]>([
    ['key', (writer) => recordOf('a', { owner: `${writer}` })],
    ['alias', (writer) => recordOf(`${writer}`, { alias: 'name', owner: `${writer}` })],
  ])('of several calls at once that take one %s, one wins', async (_, recordBy) => {
    const store = await make()
    const records = WRITERS.map(recordBy)
    const there = await Promise.all(records.map((record) => store.add(record, START_MS)))
    const winner = records[there.indexOf(undefined)]
    expect(there.filter((record) => record === undefined)).toHaveLength(1)
    for (const record of there) expect(record ?? winner).toEqual(winner)
    const read = await Promise.all(records.map(({ key }) => store.read(key, START_MS)))
    expect(new Set(read.map((record) => record?.owner ?? winner?.owner)).size).toBe(1)
  })

  test('of several calls at once that replace one record, one wins', async () => {
    const seen = recordOf('a')
    const store = await storeWith(make, seen)
    const nexts = WRITERS.map((writer) => nextOf(seen, { owner: `${writer}` }))
    const won = await Promise.all(
      nexts.map((next) => store.replace(seen, next, { answer: next.owner })),
    )
    expect(won.filter((isWon) => isWon)).toHaveLength(1)
    const winner = nexts[won.indexOf(true)]
    expect(await store.read('a', START_MS)).toEqual(winner)
    expect(await store.readAnswer('a', START_MS)).toBe(winner?.owner)
  })

  test('of a call that replaces a record and one that removes it, one wins', async () => {
    const seen = recordOf('a')
    for (const isFirst of [true, false]) {
      const store = await storeWith(make, seen)
      const replaced = isFirst ? store.replace(seen, nextOf(seen)) : undefined
      const removed = store.remove(seen)
      const won = await Promise.all([replaced ?? store.replace(seen, nextOf(seen)), removed])
      expect(won.filter((isWon) => isWon)).toHaveLength(1)
      expect((await store.read('a', START_MS)) !== undefined).toBe(won[0])
    }
  })
}

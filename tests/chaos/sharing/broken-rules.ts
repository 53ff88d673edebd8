import type { Kept } from '../../../src/seller/options/payment-store.js'
import type { PaymentRecord, Settlement } from '../../../src/seller/options/payment-record.js'
import type { dynamoDbStore } from '../../../src/store/index.js'

/** A rule of the store, or of a seller through it, that is broken on purpose. */
export const BROKEN_RULES = [
  'no fencing',
  'no owner check',
  'settled before claimed',
  'deleted too late',
  'answered to another payload',
  'another amount',
] as const
export type BrokenRule = (typeof BROKEN_RULES)[number]

/** The rule that no answer to a buyer shows. The records do. */
export const SEEN_IN_RECORDS: BrokenRule = 'another amount'

type Store = ReturnType<typeof dynamoDbStore>

/** A store that does not keep one of its rules. */
export function breaking(rule: BrokenRule, store: Store): Store {
  return { ...store, ...BREAKERS[rule](store) }
}

/** Whatever is there is overwritten. */
async function overwrite(store: Store, next: PaymentRecord, kept?: Kept): Promise<boolean> {
  const there = await store.read(next.key, 0)
  if (there !== undefined) return store.replace(there, next, kept)
  await store.add({ ...next, alias: undefined }, 0)
  return true
}

const BREAKERS: Record<BrokenRule, (store: Store) => Partial<Store>> = {
  'no fencing': (store) => ({ replace: (_, next, kept) => overwrite(store, next, kept) }),
  'no owner check': (store) => ({
    async remove({ key }) {
      const there = await store.read(key, 0)
      return there === undefined || store.remove(there)
    },
  }),
  'settled before claimed': (store) => {
    const claims = new Set<string>()
    return {
      async add(record, nowMs) {
        const there = await store.read(record.key, nowMs)
        if (there === undefined) claims.add(record.owner)
        return there
      },
      // The claim is written with the settlement.
      async replace(seen, next, kept) {
        if (!claims.has(seen.owner)) return store.replace(seen, next, kept)
        if (next.state !== 'settled') return true
        claims.delete(seen.owner)
        return overwrite(store, next, kept)
      },
      remove: (seen) => (claims.delete(seen.owner) ? Promise.resolve(true) : store.remove(seen)),
    }
  },
  'deleted too late': (store) => {
    const late = new Set<string>()
    return {
      remove({ key }) {
        late.add(key)
        return Promise.resolve(true)
      },
      async add(record, nowMs) {
        return late.has(record.key) ? undefined : store.add(record, nowMs)
      },
      async replace(seen, next, kept) {
        if (!late.has(seen.key)) return store.replace(seen, next, kept)
        const isDone = await overwrite(store, next, kept)
        if (next.state !== 'settled') return isDone
        late.delete(seen.key)
        const there = await store.read(seen.key, 0)
        if (there !== undefined) await store.remove(there)
        return isDone
      },
    }
  },
  'answered to another payload': (store) => ({
    async add(record, nowMs) {
      const { payloadHash, fingerprint } = record
      const there = await store.add(record, nowMs)
      return there && { ...there, payloadHash, fingerprint }
    },
  }),
  'another amount': (store) => ({
    replace: (seen, next, kept) =>
      store.replace(
        seen,
        { ...next, settlement: next.settlement && oneMore(next.settlement) },
        kept,
      ),
  }),
}

/** A settlement of one credit more, or of one atomic unit. */
function oneMore({ settled, creditsUsed, inV1 }: Settlement): Settlement {
  if (creditsUsed > 0n) return { settled, creditsUsed: creditsUsed + 1n, inV1 }
  const amount = String(BigInt(String(settled.amount)) + 1n)
  return { settled: { ...settled, amount }, creditsUsed, inV1 }
}

import { MAX_RESERVATIONS } from '../../../../src/wire/amounts.js'
import { expect, test } from '@jest/globals'
import {
  type InFlight,
  type PaymentStore,
  type Reservation,
} from '../../../../src/seller/options/payment-store.js'
import { HOUR_MS, START_MS } from './records.js'

type Make = () => PaymentStore | Promise<PaymentStore>

/** A store that can reserve. */
async function made(make: Make): Promise<Required<PaymentStore>> {
  return (await make()) as Required<PaymentStore>
}

const END = START_MS + HOUR_MS
const of = (name: string, more: Partial<Reservation> = {}): Reservation => ({
  name,
  amount: 1n,
  until: END,
  ...more,
})
const NOW = { isNew: false, nowMs: START_MS }
const names = (inFlight: InFlight | undefined): string[] | undefined =>
  inFlight?.reservations.map(({ name }) => name).toSorted()

/** Registers the tests of every store that can reserve credits. */
export function reserves(make: Make): void {
  test('a reservation is read as it was written, whatever its amount', async () => {
    const store = await made(make)
    expect(await store.inFlight('a', START_MS)).toMatchObject({ reservations: [] })
    const big = of('one', { amount: 2n ** 255n + 1n })
    expect((await store.reserve('a', big, NOW))?.reservations).toEqual([big])
    expect((await store.inFlight('a', START_MS)).reservations).toEqual([big])
    expect((await store.inFlight('another', START_MS)).reservations).toEqual([])
  })

  test('whoever reserves is told who did so before', async () => {
    const store = await made(make)
    expect(names(await store.reserve('a', of('one'), NOW))).toEqual(['one'])
    expect(names(await store.reserve('a', of('two'), NOW))).toEqual(['one', 'two'])
    expect(names(await store.reserve('b', of('three'), NOW))).toEqual(['three'])
  })

  test('of two that reserve at once, one sees the other', async () => {
    const store = await made(make)
    const all = Array.from({ length: 20 }, (_, i) => `call ${i}`)
    const told = await Promise.all(all.map((name) => store.reserve('a', of(name), NOW)))
    const sees = (i: number, j: number): boolean =>
      told[i]?.reservations.some(({ name }) => name === all[j]) === true
    const pairs = all.flatMap((_, i) => all.map((_, j) => [i, j] as const))
    expect(pairs.filter(([i, j]) => !sees(i, j) && !sees(j, i))).toEqual([])
    expect(names(await store.inFlight('a', START_MS))).toEqual(all.toSorted())
  })

  test('the same call may reserve again, and replaces what it reserved', async () => {
    const store = await made(make)
    await store.reserve('a', of('one'), NOW)
    const again = of('one', { amount: 7n, until: END + 5 })
    expect((await store.reserve('a', again, NOW))?.reservations).toEqual([again])
  })

  test('another call of the same name may not, unless the first one is over', async () => {
    const store = await made(make)
    const first = of('one')
    await store.reserve('a', first, NOW)
    const second = of('one', { amount: 7n, until: END + HOUR_MS })
    expect(await store.reserve('a', second, { isNew: true, nowMs: START_MS })).toBeUndefined()
    expect((await store.inFlight('a', START_MS)).reservations).toEqual([first])
    const late = await store.reserve('a', second, { isNew: true, nowMs: END })
    expect(late?.reservations).toEqual([second])
  })

  test('what is ended is gone, and the mark is another one then', async () => {
    const store = await made(make)
    const before = await store.inFlight('a', START_MS)
    const there = await store.reserve('a', of('one'), NOW)
    expect(there?.mark).toEqual(before.mark)
    await store.endReservation('a', 'one')
    const after = await store.inFlight('a', START_MS)
    expect(after.reservations).toEqual([])
    expect(after.mark).not.toEqual(before.mark)
    await store.reserve('a', of('two'), NOW)
    await store.endReservation('a', 'two')
    expect([before.mark, after.mark]).not.toContain((await store.inFlight('a', START_MS)).mark)
  })

  test('ending what is not there changes nothing', async () => {
    const store = await made(make)
    await store.endReservation('a', 'one')
    await store.reserve('a', of('one'), NOW)
    const before = await store.inFlight('a', START_MS)
    await store.endReservation('a', 'two')
    await store.endReservation('b', 'one')
    expect(await store.inFlight('a', START_MS)).toEqual(before)
  })

  test('a reservation counts until its time is over, and not from then on', async () => {
    const store = await made(make)
    await store.reserve('a', of('one'), NOW)
    await store.reserve('a', of('two', { until: END + 1 }), NOW)
    expect(names(await store.inFlight('a', END - 1))).toEqual(['one', 'two'])
    expect(names(await store.inFlight('a', END))).toEqual(['two'])
    const told = await store.reserve('a', of('three', { until: END + 2 }), {
      isNew: false,
      nowMs: END,
    })
    expect(names(told)).toEqual(['three', 'two'])
    // What is over is gone, also for a clock that is behind.
    expect(names(await store.inFlight('a', START_MS))).toEqual(['three', 'two'])
  })
}

/** Registers the test that fills a balance. It writes one item 200 times, which takes some engines long. */
export function reservesUpToItsBound(make: Make): void {
  test('a balance has at most so many, and room again as soon as some are over', async () => {
    const store = await made(make)
    for (let i = 0; i < MAX_RESERVATIONS; i++) {
      await store.reserve('a', of(`call ${i}`, { until: END + (i % 2) }), NOW)
    }
    expect(await store.reserve('a', of('more'), NOW)).toBeUndefined()
    expect(await store.reserve('a', of('call 0'), NOW)).toBeDefined()
    const late = { isNew: false, nowMs: END }
    const told = await store.reserve('a', of('more', { until: END + 1 }), late)
    expect(told?.reservations).toHaveLength(MAX_RESERVATIONS / 2 + 1)
  }, 60_000)
}

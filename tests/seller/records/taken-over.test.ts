import { expect, test } from '@jest/globals'
import { type PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, countOf, eventually, outcomeOf, singleUse } from '../../support/outcome.js'
import { allTextOf, challengeOf, contextWith, hello, sell, stack } from '../../support/seller.js'
import { newStore } from '../../support/tested-store.js'
import { failingStore } from './support/failing-store.js'

// A call that is frozen until its lease is over, and goes on after another call has taken its payment over.

const INVOCATION_MS = 30_000
/** A lease outlasts its invocation by ten seconds. */
const LEASE_MS = INVOCATION_MS + 10_000

interface Scene {
  flow: 'authorization' | 'overlap'
  /** How the work of the frozen call ends. */
  work: PaidHandler
  isStoreDown?: boolean
}

/** The first call freezes in its work, and a second one with the same payment is charged. */
async function frozen({ flow, work, isStoreDown = false }: Scene) {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const store = await newStore()
  let isFrozen = true
  let isDown = false
  let runs = 0
  const handler: PaidHandler = async (...given) => {
    if (++runs > 1) return hello(...given)
    await eventually(() => !isFrozen)
    isDown = isStoreDown
    return work(...given)
  }
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const call = (paymentStore = store) =>
    sell(local, handler, { now, waitForAnswerMs: 0, paymentStore, flow })(
      event,
      contextWith(INVOCATION_MS),
    )
  const first = call(failingStore(store, () => (isDown ? 'down' : undefined)))
  await eventually(() => runs === 1)
  clock.ms += LEASE_MS
  expect(outcomeOf(await call())).toBe('settled')
  isFrozen = false
  return { local, output: await first }
}

const throws: PaidHandler = () => {
  throw new Error('broken')
}
const fails: PaidHandler = () => ({ isError: true, content: [{ type: 'text', text: 'broken' }] })
const costsNothing: PaidHandler = () => ({ content: [], _meta: { creditsToCharge: 0 } })
const ENDS: [string, PaidHandler][] = [
  ['throws', throws],
  ['says isError', fails],
  ['costs nothing', costsNothing],
  ['is good', hello],
]

test.each(
  ENDS.flatMap(([name, work]) =>
    (['authorization', 'overlap'] as const).flatMap((flow) =>
      [false, true].map((isStoreDown) => ({ name, work, flow, isStoreDown })),
    ),
  ),
)(
  'flow $flow: a frozen call whose work $name never says that nothing was charged (store down: $isStoreDown)',
  async (scene) => {
    const { local, output } = await frozen(scene)
    expect(outcomeOf(output)).toMatch(/^(in work|come back)$/)
    expect(allTextOf(output)).not.toMatch(/not charged/)
    expect(challengeOf(output)).toBeUndefined()
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

interface Failing {
  why: string
  leftMs?: number
  fault?: Parameters<Local['faults']['set']>[0]
}

/** How a call fails that is charged nothing. */
const FAILING: Failing[] = [
  { why: 'has no time left', leftMs: 500 },
  { why: 'cannot verify', fault: { route: 'verify', kind: 'reset', times: 99 } },
  { why: 'is refused at verify', fault: { route: 'verify', kind: 'refuse', reason: 'no funds' } },
  { why: 'cannot settle', fault: { route: 'settle', kind: 'reset', times: 99 } },
  { why: 'is refused at settle', fault: { route: 'settle', kind: 'refuse', reason: 'no funds' } },
]
const AFTER_THE_WORK = (['authorization', 'overlap'] as const).flatMap((flow) =>
  FAILING.map((how) => ({ flow, how, why: how.why })),
)

test.each(AFTER_THE_WORK)(
  'flow $flow: a call that $why, after one whose settle no store could note, never says that nothing was charged',
  async ({ flow, how }) => {
    const clock = { ms: NOW_MS }
    const now = () => clock.ms
    const local = await stack({ now })
    const store = await newStore()
    const event = local.paidEvent(TOOL, {}, singleUse(local))
    const call = (paymentStore = store) =>
      sell(local, hello, { now, flow, waitForAnswerMs: 0, paymentStore })
    let isDown = false
    const failing = failingStore(store, ({ next }) => {
      isDown ||= next?.state === 'settling'
      return isDown ? 'down' : undefined
    })
    const stop = local.faults.set({ route: 'settle', kind: 'lost-answer', times: 99 })
    expect(outcomeOf(await call(failing)(event, contextWith(INVOCATION_MS)))).toBe('unknown')
    stop()
    expect(local.balance()).toBe(99n)
    clock.ms += LEASE_MS
    if (how.fault !== undefined) local.faults.set(how.fault)
    const output = await call()(event, contextWith(how.leftMs ?? INVOCATION_MS))
    expect(allTextOf(output)).not.toMatch(/not charged/)
    expect(challengeOf(output)).toBeUndefined()
    expect(local.balance()).toBe(99n)
  },
)

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Scenario, explore } from './support/explore.js'
import { holdTimers } from './support/held-timers.js'
import type { Broken } from './support/model-store.js'
import { type Modelled, callerNow, modelledCall } from './support/modelled-sales.js'

// Two containers, one payment, and every order of what they ask of the store and of the facilitator. In each order one
// of them may crash, or the reply of one write be lost, or the store fail once. The lease may be over at any time, so that
// a container which stands still goes on after another one has taken its payment over. Afterwards the buyer comes back
// three times.
//
// Without a hook, verify begins beside the claim. That makes many more orders of the same requests: they are played with
// the end of the lease alone.

let release: () => void
beforeAll(() => {
  release = holdTimers(callerNow)
})
afterAll(() => release())

const call = (more: Partial<Modelled> = {}) =>
  modelledCall({ flow: 'authorization', hasHook: true, ...more })
/** The same call in two containers. */
const twice = (more: Partial<Modelled> = {}): Scenario => ({
  calls: [call(more), call(more)],
  isOneCall: true,
  finally: ['settled'],
})

const ONE = twice()
const BESIDE: Scenario = { ...twice({ hasHook: false }), events: [] }
const SLOW: Scenario = { ...ONE, isSlow: true, events: ['crash'] }
const UPFRONT = twice({ flow: 'upfront' })
const FAILING: Scenario = { ...twice({ failsFirst: true }), runs: 2, atFirst: ['not charged'] }
const SLOW_AND_FAILING: Scenario = { ...FAILING, isSlow: true, events: ['reply lost'] }
const PHASES: Scenario = { ...twice({ door: 'interceptor' }), events: ['crash'] }
/** Two calls that differ, with one payment. */
const DIFFERENT: Scenario = {
  calls: [call(), call({ argument: 'B' })],
  // The abandoned claim of the other call is given up first.
  atFirst: ['in work'],
  finally: ['settled', 'conflict'],
}

test.each<[string, Scenario, number]>([
  ['a call', ONE, 3_000],
  ['a call that is verified while it is taken into work', BESIDE, 3_000],
  ['a call that is paid in advance', UPFRONT, 3_000],
  ['a call whose work takes a while', SLOW, 5_000],
  ['a call whose work fails at first', FAILING, 1_500],
  ['a call whose work takes a while, and fails at first', SLOW_AND_FAILING, 3_000],
  ['a call through a Gateway', PHASES, 4_000],
  ['two calls with one payment', DIFFERENT, 2_000],
])(
  'no order of two containers takes money twice, or gives anything away: %s',
  async (name, scenario, least) => {
    const { states, schedules, violations } = await explore(scenario)
    const figures = `${states} states, ${schedules} orders, ${violations.size} violations`
    process.stderr.write(`${name}: ${figures}\n`)
    expect([...violations]).toEqual([])
    expect(states).toBeGreaterThan(least)
    expect(schedules).toBeGreaterThan(least / 2)
  },
  120_000,
)

test.each<[Broken, Scenario]>([
  ['no fencing', ONE],
  ['no owner check', ONE],
  ['settled before claimed', UPFRONT],
  ['deleted too late', ONE],
  ['answered to another payload', DIFFERENT],
])(
  'the search finds a rule that is broken on purpose: %s',
  async (broken, scenario) => {
    const { violations } = await explore({ ...scenario, broken }, 'first')
    expect([...violations.keys()]).not.toEqual([])
    for (const [rule, order] of violations) process.stderr.write(`${broken}: ${rule}: ${order}\n`)
  },
  30_000,
)

import { INSTANCES_EACH } from '../selling/shops.js'
import { type CallPlan, type Step, CALM, planOf } from '../plan.js'
import { randomOf } from '../random.js'
import { SURELY_OVER_MS, NO_OUTAGE, drawOutage, drawSkews } from './outages.js'

/** Draws of outages are others than those of the call itself. */
const APART = 0x5bd1e995

/** The plan of one call whose containers share a table, and may be killed or stand still. */
export function sharedPlanOf(seed: number, id: number, containers: number): CallPlan {
  const plan = planOf(seed, id, containers * INSTANCES_EACH)
  const random = randomOf(seed ^ APART, id)
  const withOutage = (step: Step): Step => ({ ...step, outage: drawOutage(random) })
  return {
    ...plan,
    steps: plan.steps.slice(0, STEPS).map(withOutage),
    reuses: plan.reuses.map(({ call, step }) => ({ call, step: withOutage(step) })),
    // A table does not forget when a container ends.
    afterRestart: undefined,
    isShared: true,
    skews: drawSkews(random, containers),
  }
}

/** What is not settled after so many tries is left to the last one, on which nothing fails. */
const STEPS = 2

/** The buyer comes back when no call has the payment in work any more, and nothing fails. */
export const LAST: Step = { ...CALM, outage: { ...NO_OUTAGE, passesMs: SURELY_OVER_MS } }

import type { History } from './history.js'
import { judge, type Rule } from './judge.js'
import { Lane } from './lane.js'
import { calm, planOf } from './plan.js'
import type { Outcome } from './report.js'
import { INSTANCES_EACH, type Selling } from './selling/shops.js'
import { openWorld } from './world.js'

export interface RunOptions {
  seed: number
  calls: number
  /** Plays this one of the calls alone. */
  only?: number | undefined
  /** Calls at once. @default 50 */
  lanes?: number
  /** Processes of each seller. Those of more than one need a store that they share. @default 1 */
  containers?: number
  /** Nothing goes wrong. @default false */
  isCalm?: boolean
  /** More options of a seller. */
  selling?: Selling
}

/** Plays all calls of a seed, and judges each. */
export async function simulate(options: RunOptions): Promise<Outcome> {
  const { seed, calls, only, containers = 1, isCalm = false, selling = () => ({}) } = options
  const startedAt = performance.now()
  const tally = new Tally()
  const ids = only === undefined ? Array.from({ length: calls }, (_, id) => id) : [only]
  const lanes = Math.min(options.lanes ?? 50, ids.length)
  const playLane = async (_: unknown, first: number): Promise<void> => {
    const world = await openWorld(containers)
    try {
      const lane = new Lane(world, selling)
      // Always the same calls, however fast the others are.
      for (const id of ids.filter((_id, index) => index % lanes === first)) {
        const plan = planOf(seed, id, containers * INSTANCES_EACH)
        tally.add(await lane.play(isCalm ? calm(plan) : plan))
      }
    } finally {
      await world.close()
    }
  }
  await Promise.all(Array.from({ length: lanes }).map(playLane))
  return { seed, calls: ids.length, ms: performance.now() - startedAt, ...tally.counted() }
}

/** Counts what happened. */
class Tally {
  readonly #answers = new Map<string, number>()
  readonly #afflictions = new Map<string, number>()
  readonly #broken = new Map<Rule, History[]>()
  #visits = 0
  #signedAnew = 0

  add(history: History): void {
    const { visits, payments } = history
    this.#visits += visits.length
    this.#signedAnew += payments.length - 1
    for (const { said, hits } of visits) {
      for (const { answer } of said) count(this.#answers, answer.kind)
      for (const name of hits) count(this.#afflictions, name)
    }
    for (const rule of judge(history)) {
      const known = this.#broken.get(rule) ?? []
      this.#broken.set(rule, [...known, history])
    }
  }

  counted(): Omit<Outcome, 'seed' | 'calls' | 'ms'> {
    for (const histories of this.#broken.values()) histories.sort((a, b) => a.plan.id - b.plan.id)
    return {
      visits: this.#visits,
      signedAnew: this.#signedAnew,
      answers: this.#answers,
      afflictions: this.#afflictions,
      broken: this.#broken,
    }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

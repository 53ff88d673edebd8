import type { History } from './history.js'
import { judge, type Rule } from './judge.js'
import { Lane } from './lane.js'
import { type CallPlan, calm, planOf } from './plan.js'
import type { Outcome } from './report.js'
import { INSTANCES_EACH, type Selling } from './selling/shops.js'
import { type BrokenRule, SEEN_IN_RECORDS } from './sharing/broken-rules.js'
import { sharedPlanOf } from './sharing/shared-plan.js'
import { type Swept, sweep } from './sharing/sweep.js'
import { Stalls } from './stalls.js'
import { startEngine } from '../store/support/engine.js'
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
  /** The containers share a table, which fails, and they are killed and frozen. @default false */
  isShared?: boolean
  /** A rule of the store that is broken on purpose. */
  broken?: BrokenRule | undefined
  /** No call is played any more once one was answered wrongly. @default false */
  stopsAtFirst?: boolean
  /** The first of the calls. @default 0 */
  from?: number
  /** More options of a seller. */
  selling?: Selling
}

/** A call is played again so often at most. */
const MAX_REPEATS = 3

/** Plays all calls of a seed, and judges each. */
export async function simulate(options: RunOptions): Promise<Outcome> {
  const engine = options.isShared === true ? await startEngine() : undefined
  try {
    return await run(options, engine?.endpoint)
  } finally {
    await engine?.stop()
  }
}

async function run(options: RunOptions, endpoint: string | undefined): Promise<Outcome> {
  const { seed, calls, only, containers = 1, from = 0, broken, selling = () => ({}) } = options
  const startedAt = performance.now()
  const tally = new Tally()
  const ids = only === undefined ? Array.from({ length: calls }, (_, id) => from + id) : [only]
  const lanes = Math.min(options.lanes ?? 50, ids.length)
  const stalls = new Stalls()
  const playLane = async (_: unknown, first: number): Promise<void> => {
    const world = await openWorld({ containers, endpoint, broken })
    try {
      const lane = new Lane(world, selling)
      // Always the same calls, however fast the others are.
      const histories: History[] = []
      for (const id of ids.filter((_id, index) => index % lanes === first)) {
        if (options.stopsAtFirst === true && tally.isBroken) break
        const plan = planFor(options, id)
        const playings = await played(() => lane.play(plan), stalls)
        tally.add(playings)
        histories.push(...playings)
      }
      // Where another rule is broken on purpose, the buyers' answers show it.
      if (broken === undefined || broken === SEEN_IN_RECORDS)
        tally.addSwept(await sweep(world, histories))
    } finally {
      await world.close()
    }
  }
  await Promise.all(Array.from({ length: lanes }).map(playLane))
  stalls.stop()
  return { seed, containers, ms: performance.now() - startedAt, ...tally.counted() }
}

/** Plays a call, and plays it again if it was answered wrongly while this process stood still. The last one counts. */
async function played(play: () => Promise<History>, stalls: Stalls): Promise<History[]> {
  const playings: History[] = []
  for (;;) {
    const startedAt = performance.now()
    const history = await play()
    playings.push(history)
    const isWrong = judge(history).length > 0
    if (!isWrong || playings.length > MAX_REPEATS || !(await stalls.since(startedAt)))
      return playings
  }
}

function planFor({ seed, containers = 1, isShared, isCalm }: RunOptions, id: number): CallPlan {
  const plan =
    isShared === true
      ? sharedPlanOf(seed, id, containers)
      : planOf(seed, id, containers * INSTANCES_EACH)
  return isCalm === true ? calm(plan) : plan
}

/** Counts what happened. */
class Tally {
  readonly #answers = new Map<string, number>()
  readonly #afflictions = new Map<string, number>()
  readonly #broken = new Map<Rule, History[]>()
  readonly #outages = new Map<string, number>()
  readonly #halts = new Map<string, number>()
  readonly #endings = new Map<string, number>()
  #calls = 0
  #visits = 0
  #signedAnew = 0
  #repeated = 0

  get isBroken(): boolean {
    return this.#broken.size > 0
  }

  /** @param playings how the same call was played; the last one counts. */
  add(playings: readonly History[]): void {
    const history = playings.at(-1) as History
    const { visits, payments } = history
    this.#calls += 1
    this.#repeated += playings.length - 1
    this.#visits += visits.length
    this.#signedAnew += payments.length - 1
    for (const { said, hits, outages } of visits) {
      for (const { answer } of said) count(this.#answers, answer.kind)
      for (const name of hits) count(this.#afflictions, name)
      for (const { kind, at } of outages) {
        count(this.#outages, kind)
        if (/killed|frozen/.test(kind)) count(this.#halts, `${kind.split(' ')[0]} ${at}`)
      }
    }
    for (const rule of judge(history)) this.#break(rule, history)
  }

  addSwept({ broken, endings }: Swept): void {
    for (const ending of endings) count(this.#endings, ending)
    for (const [rule, history] of broken) this.#break(rule, history)
  }

  #break(rule: Rule, history: History): void {
    this.#broken.set(rule, [...(this.#broken.get(rule) ?? []), history])
  }

  counted(): Omit<Outcome, 'seed' | 'containers' | 'ms'> {
    for (const histories of this.#broken.values()) histories.sort((a, b) => a.plan.id - b.plan.id)
    return {
      calls: this.#calls,
      visits: this.#visits,
      signedAnew: this.#signedAnew,
      repeated: this.#repeated,
      answers: this.#answers,
      afflictions: this.#afflictions,
      outages: this.#outages,
      halts: this.#halts,
      endings: this.#endings,
      broken: this.#broken,
    }
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

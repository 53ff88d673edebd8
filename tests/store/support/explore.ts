import {
  type Call,
  Caller,
  LEASE_OVER_MS,
  type Pending,
  type Said,
  type Shared,
  newShared,
} from './world.js'
import type { Broken } from './model-store.js'

/**
 * What may happen during two calls. One of these events may happen, and the lease may end, too.
 *
 * - `reply lost`: the reply to a write is lost, and the store sends the write again.
 * - `store failed`: a write is carried out, and the caller is told that it was not.
 * - `store down`: a write is not carried out.
 */
export type Event = 'crash' | 'reply lost' | 'store failed' | 'store down'

/** Two calls at once, and everything that may happen meanwhile. */
export interface Scenario {
  calls: [Call, Call]
  broken?: Broken | undefined
  /** Whether both calls are the same one. Then each may get the answer of the other. */
  isOneCall?: boolean
  /** The events that may happen. All of them by default. */
  events?: readonly Event[]
  /** Whether the work may take so long that its record is written again meanwhile. */
  isSlow?: boolean
  /**
   * How often the work may be done if no event happens.
   *
   * @default 1, of one call
   */
  runs?: number
  /** Further answers that are allowed to the first call that comes when all is over. */
  atFirst?: readonly string[]
  /** The answers that are allowed to a call in the end, when all is over. */
  finally: readonly string[]
}

/** What was found. */
export interface Report {
  states: number
  schedules: bigint
  /** The problems, each with the first schedule that shows it. */
  violations: Map<string, string>
}

const EVENTS: readonly Event[] = ['crash', 'reply lost', 'store failed', 'store down']

type Choice = Move | { kind: 'lease over' } | { kind: 'catch up' }

/** A step of one of the calls, or an event. */
interface Move {
  kind: 'step' | Event
  by: number
  /** The number of the request among those that the call waits for. */
  at: number
  /** The name of the request, for people. */
  name: string
}

/**
 * Plays every order in which two calls can be carried out. At most one event, and the end of the lease, may
 * come anywhere in between. Each order is played from the start. A moment that was reached before in another
 * order is not played on again. Two moments are the same if the store, the ledger, the clock and everything
 * that both calls heard are the same.
 */
export async function explore(scenario: Scenario, until?: 'first'): Promise<Report> {
  const children = new Map<string, string[]>()
  const violations = new Map<string, string>()
  const todo: { path: Choice[]; parent: string | undefined }[] = [{ path: [], parent: undefined }]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { path } = next
    let { parent } = next
    const play = await Play.begin(scenario)
    for (const [at, choice] of path.entries()) {
      // A difference between two runs of the same order would make the search worthless.
      if (at === path.length - 1 && play.state() !== parent) throw new Error('not as it was before')
      await play.apply(choice)
    }
    for (;;) {
      const state = play.state()
      if (parent !== undefined) children.get(parent)?.push(state)
      if (children.has(state)) break
      children.set(state, [])
      const [first, ...others] = play.choices()
      if (first === undefined) {
        for (const wrong of await play.judged()) {
          if (!violations.has(wrong)) violations.set(wrong, path.map(written).join(', '))
        }
        if (until === 'first' && violations.size > 0) todo.length = 0
        break
      }
      for (const other of others) todo.push({ path: [...path, other], parent: state })
      path.push(first)
      parent = state
      await play.apply(first)
    }
    play.end()
  }
  return { states: children.size, schedules: pathsIn(children), violations }
}

function written(choice: Choice): string {
  if (!('by' in choice)) return choice.kind
  const what = choice.kind === 'step' ? choice.name : `${choice.kind} (${choice.name})`
  return `${'AB'[choice.by] ?? ''}: ${what}`
}

/** Counts the ways from the first state to a last one. */
function pathsIn(children: ReadonlyMap<string, readonly string[]>): bigint {
  const known = new Map<string, bigint>()
  // A state is found after the states that lead to it. So the count goes from the last ones back.
  const count = (state: string): bigint => {
    const found = known.get(state)
    if (found !== undefined) return found
    const next = children.get(state) ?? []
    const paths = next.length === 0 ? 1n : next.reduce((sum, one) => sum + count(one), 0n)
    known.set(state, paths)
    return paths
  }
  const [first = ''] = children.keys()
  return count(first)
}

/** One order, as far as it was played. */
class Play {
  readonly #scenario: Scenario
  readonly #shared: Shared
  readonly #callers: Caller[]
  #event: Event | undefined
  #isLeaseOver = false
  /** The call that may settle although the table does not say so. */
  #unrecorded: Caller | undefined

  private constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#shared = newShared(scenario.broken)
    this.#callers = [new Caller('A'), new Caller('B')]
  }

  static async begin(scenario: Scenario): Promise<Play> {
    const play = new Play(scenario)
    for (const [at, caller] of play.#callers.entries()) {
      await play.#start(caller, scenario.calls[at] as Call)
    }
    return play
  }

  #start(caller: Caller, call: Call): Promise<void> {
    return caller.begin(
      () => call(this.#shared, caller),
      () => this.#shared.charges,
    )
  }

  choices(): Choice[] {
    const moves = this.#callers.flatMap(({ pending }, by) =>
      pending
        .map(({ name, repeat }, at) => ({ by, at, name, isWrite: repeat !== undefined }))
        .filter(({ name }) => this.#scenario.isSlow === true || name !== 'a while'),
    )
    if (moves.length === 0) return this.#shared.store.late.size > 0 ? [{ kind: 'catch up' }] : []
    const choices: Choice[] = moves.map(({ by, at, name }) => ({ kind: 'step', by, at, name }))
    if (this.#mayLeaseEnd()) choices.push({ kind: 'lease over' })
    if (this.#scenario.broken === 'deleted too late' && this.#shared.store.late.size > 0) {
      choices.push({ kind: 'catch up' })
    }
    if (this.#event !== undefined) return choices
    const { events = EVENTS } = this.#scenario
    for (const { by, at, name, isWrite } of moves) {
      const may = events.filter((one) => (one === 'crash' ? at === 0 : isWrite))
      choices.push(...may.map((kind) => ({ kind, by, at, name })))
    }
    return choices
  }

  /**
   * Whether the lease may end now. If the table is down right before a settle, the settle is sent all the
   * same, within its lease.
   */
  #mayLeaseEnd(): boolean {
    const isSettling = this.#unrecorded !== undefined && this.#unrecorded.pending.length > 0
    return !this.#isLeaseOver && !isSettling
  }

  async apply(choice: Choice): Promise<void> {
    if (choice.kind === 'catch up') {
      this.#shared.store.catchUp()
      return
    }
    if (choice.kind === 'lease over') {
      this.#shared.ms += LEASE_OVER_MS
      this.#isLeaseOver = true
      return
    }
    await this.#move(choice)
  }

  async #move({ kind, by, at }: Move): Promise<void> {
    const caller = this.#callers[by] as Caller
    if (kind !== 'step') this.#event = kind
    if (kind === 'crash') caller.leave()
    else await this.#carryOut(caller, at, kind)
  }

  async #carryOut(caller: Caller, at: number, kind: Exclude<Move['kind'], 'crash'>): Promise<void> {
    const pending = caller.pending[at]
    if (pending === undefined) throw new Error('nothing to do')
    const { name, carryOut, repeat } = pending
    if (kind === 'store down' && name === SETTLING) this.#unrecorded = caller
    const reply = kind === 'store down' ? undefined : carryOut()
    if (kind === 'reply lost' && repeat !== undefined) {
      // The store sends it again, a while later.
      caller.pending[at] = { ...pending, name: `${name} again`, carryOut: repeat }
      return
    }
    caller.heard.push(`${name}: ${kind === 'step' ? textOf(reply) : kind} ${this.#shared.ms}`)
    await caller.hear(pending, ({ answer, fail }: Pending) => {
      if (kind === 'step') answer(reply)
      else fail(new Error('the store failed'))
    })
  }

  /**
   * Everything that the next steps depend on. If two containers have the same call, it does not matter which
   * is the first.
   */
  state(): string {
    const callers = this.#callers.map(({ heard, isGone, said, pending, charged }) => ({
      ...{ heard, isGone, said, charged },
      pending: pending.map(({ name }) => name),
    }))
    const text = this.#stateWith(callers)
    if (this.#scenario.isOneCall !== true) return text
    const mirrored = this.#stateWith(callers.reverse())
    return text < mirrored ? text : mirrored
  }

  /** Random names become numbers, in their order. */
  #stateWith(callers: readonly object[]): string {
    const { store, ...rest } = this.#shared
    const kept = [...store.kept.values(), ...store.late.values()]
    const text = textOf({ callers, event: this.#event, ...rest, kept })
    const names = new Map<string, string>()
    return text.replace(UUID, (uuid) => {
      const name = names.get(uuid) ?? `#${names.size}`
      names.set(uuid, name)
      return name
    })
  }

  /**
   * Finds the problems. Before that, the buyer comes back three times: at once, when the lease is over, and
   * once more.
   */
  async judged(): Promise<string[]> {
    const wrong = this.#callers.flatMap((caller) => this.#wrongOf(caller))
    const isQuiet = this.#event === undefined && !this.#isLeaseOver
    const { isOneCall = false, runs = 1 } = this.#scenario
    if (isQuiet && isOneCall && this.#shared.runs > runs) {
      wrong.push('run twice for no reason')
    }
    const soon = await this.#comeBack()
    wrong.push(...this.#wrongOf(soon))
    if (isQuiet && soon.said?.outcome === 'in work') wrong.push('in work, though nobody works')
    this.#shared.ms += LEASE_OVER_MS
    for (const when of ['later', 'again']) {
      const caller = await this.#comeBack()
      wrong.push(...this.#wrongOf(caller))
      const { outcome = 'nothing' } = caller.said ?? {}
      const { finally: last, atFirst = [] } = this.#scenario
      // If the table does not tell, nobody knows it afterwards. The buyer has what was paid for.
      const isUnrecorded = this.#unrecorded?.said?.content !== undefined
      const may = [...last, ...(when === 'later' ? atFirst : []), ...(isUnrecorded ? ['used'] : [])]
      if (!may.includes(outcome)) wrong.push(`told ${when}: ${outcome}`)
    }
    return wrong
  }

  async #comeBack(): Promise<Caller> {
    const caller = new Caller('C')
    await this.#start(caller, this.#scenario.calls[0])
    while (caller.pending.length > 0) await this.#carryOut(caller, 0, 'step')
    return caller
  }

  #wrongOf({ said, charged, name }: Caller): string[] {
    const { charges } = this.#shared
    if (said === undefined) return charges > 1 ? ['charged twice'] : []
    return rulesBrokenBy(said, { charges, charged, name: name === 'B' ? 'B' : 'A' }, this.#scenario)
  }

  end(): void {
    for (const caller of this.#callers) caller.leave()
  }
}

function rulesBrokenBy(
  { outcome, isChallenge, content, chargesThen }: Said & { chargesThen: number },
  { charges, charged, name }: { charges: number; charged: number; name: string },
  { isOneCall }: Scenario,
): string[] {
  const isToldFree = isChallenge || outcome === 'not charged' || outcome === 'refused'
  const rules: [string, boolean][] = [
    ['charged twice', charges > 1],
    ['given away', content !== undefined && chargesThen === 0],
    ['told "not charged" though charged', isToldFree && chargesThen > 0],
    ['told "this call charged nothing" though it did', outcome === 'come back' && charged > 0],
    [
      'given what another call was paid for',
      content !== undefined && isOneCall !== true && content !== name,
    ],
  ]
  return rules.flatMap(([rule, isBroken]) => (isBroken ? [rule] : []))
}

/** The write before a settle. */
const SETTLING = 'write settling'

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one))
}

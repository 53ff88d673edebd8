import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Outcome } from '../../support/outcome.js'
import { NOW_MS } from '../../support/clock.js'
import { type Ask, type Broken, ModelStore, type Operation } from './model-store.js'

/** What a call came to. */
export interface Said {
  outcome: Outcome
  /** Whether the buyer is asked to pay. */
  isChallenge: boolean
  /** Which call the content was made for, if there is any. */
  content: string | undefined
}

/** Something that a caller asked for, and has not been told. */
export interface Pending extends Operation {
  /** The timer that it stands for, if it is one. */
  id?: unknown
  answer: (reply: unknown) => void
  fail: (error: Error) => void
}

/**
 * One call of one container. It is told what it asked for when the schedule says so. It may ask for several things at
 * once: a shared store is asked for the payment while a facilitator verifies it.
 */
export class Caller {
  readonly name: string
  /** What it was told so far: nothing else tells it from another one that began alike. */
  readonly heard: string[] = []
  /** Charges that its own settle made. */
  charged = 0
  /** In the order in which it asked. */
  readonly pending: Pending[] = []
  said: (Said & { chargesThen: number }) | undefined
  isGone = false

  constructor(name: string) {
    this.name = name
  }

  readonly ask: Ask = <T>(operation: Operation) =>
    new Promise<T>((resolve, reject) => {
      if (this.isGone) reject(new Error('gone'))
      else {
        const answer = resolve as (reply: unknown) => void
        this.pending.push({ ...operation, answer, fail: reject })
      }
    })

  /** @param call what it does. */
  async begin(call: () => Promise<Said>, charges: () => number): Promise<void> {
    void call().then(
      (said) => this.#end({ ...said, chargesThen: charges() }),
      () => undefined,
    )
    await untilQuiet()
  }

  /** Tells it what became of something that it asked for, and lets it go on until it waits for something else. */
  async hear(pending: Pending, tell: (pending: Pending) => void): Promise<void> {
    this.pending.splice(this.pending.indexOf(pending), 1)
    tell(pending)
    await untilQuiet()
  }

  #end(said: Said & { chargesThen: number }): void {
    if (!this.isGone) this.said = said
  }

  /** It is never heard of again. */
  leave(): void {
    this.isGone = true
    for (const { fail } of this.pending.splice(0)) fail(new Error('gone'))
  }
}

/** All that a call does by itself is done in this turn: everything else is asked for, and every module is loaded. */
export function untilQuiet(): Promise<void> {
  return nextTurn()
}

/** What everybody shares. */
export interface Shared {
  store: ModelStore
  ms: number
  isUsed: boolean
  charges: number
  runs: number
}

export function newShared(broken: Broken | undefined): Shared {
  return { store: new ModelStore(broken), ms: NOW_MS, isUsed: false, charges: 0, runs: 0 }
}

/** Makes one call. */
export type Call = (shared: Shared, caller: Caller) => Promise<Said>

/** A lease lasts no longer. */
export const LEASE_OVER_MS = 911_000

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Outcome } from '../../support/outcome.js'
import { NOW_MS } from '../../support/clock.js'
import { type Ask, type Broken, ModelStore, type Operation } from './model-store.js'

/** The answer to a call. */
export interface Said {
  outcome: Outcome
  /** Whether the buyer is asked to pay. */
  isChallenge: boolean
  /** The call that the content was made for, if there is content. */
  content: string | undefined
}

/** A request of a caller that is not answered yet. */
export interface Pending extends Operation {
  /** The timer that it stands for, if it is one. */
  id?: unknown
  answer: (reply: unknown) => void
  fail: (error: Error) => void
}

/**
 * One call of one container. The schedule decides when a request of it is answered. It may have several
 * requests at once: while a facilitator verifies a payment, a shared store is asked for it.
 */
export class Caller {
  readonly name: string
  /** The answers that it got so far. They alone tell it from another call that began alike. */
  readonly heard: string[] = []
  /** How often its own settle charged. */
  charged = 0
  /** Its open requests, in order. */
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

  /**
   * Starts the call.
   *
   * @param call the code of the call
   */
  async begin(call: () => Promise<Said>, charges: () => number): Promise<void> {
    void call().then(
      (said) => this.#end({ ...said, chargesThen: charges() }),
      () => undefined,
    )
    await untilQuiet()
  }

  /** Answers a request, and lets the call go on until it waits again. */
  async hear(pending: Pending, tell: (pending: Pending) => void): Promise<void> {
    this.pending.splice(this.pending.indexOf(pending), 1)
    tell(pending)
    await untilQuiet()
  }

  #end(said: Said & { chargesThen: number }): void {
    if (!this.isGone) this.said = said
  }

  /** Ends the call without a word. */
  leave(): void {
    this.isGone = true
    for (const { fail } of this.pending.splice(0)) fail(new Error('gone'))
  }
}

/**
 * Waits until a call has done all that it can do by itself. Everything else is a request, and every module is
 * loaded.
 */
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

/** The code of one call. */
export type Call = (shared: Shared, caller: Caller) => Promise<Said>

/** No lease lasts longer. Unit: ms. */
export const LEASE_OVER_MS = 911_000

import { NOW_MS } from '../../support/clock.js'

/** The world's clock: that of the machine, or one that stands still unless time is let pass. */
export class Clock {
  #ms: number | undefined

  constructor(standsStill: boolean) {
    this.#ms = standsStill ? NOW_MS : undefined
  }

  /** Unit: ms since the epoch. */
  readonly now = (): number => this.#ms ?? Date.now()

  /** The clock of the machine does not heed it. */
  pass(ms: number): void {
    if (this.#ms !== undefined) this.#ms += ms
  }
}

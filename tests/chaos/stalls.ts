import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 100
/** The longest time without the processor that changes nothing about what a buyer gets. Unit: ms. */
const HARMLESS_MS = 1_000

/**
 * Notices when this process stood still, because the machine had too much to do. A Lambda has its processor for itself.
 * Here the time of an invocation runs out meanwhile, and a buyer gets an answer that no plan foresees.
 */
export class Stalls {
  #endedAt = -Infinity
  readonly #timer: NodeJS.Timeout

  constructor() {
    let lookedAt = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      if (now - lookedAt > LOOK_EVERY_MS + HARMLESS_MS) this.#endedAt = now
      lookedAt = now
    }, LOOK_EVERY_MS).unref()
  }

  /** Whether the process stood still at some time since. It takes a moment to be seen. */
  async since(startedAt: number): Promise<boolean> {
    await sleep(2 * LOOK_EVERY_MS)
    return this.#endedAt > startedAt
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

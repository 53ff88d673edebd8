import type { Halt } from './outages.js'

/** What a container that was killed answers. */
export const KILLED = Symbol('the container was killed')

/**
 * The life of one container. Everything that it asks of the world outside goes through it, so that it can be killed or
 * frozen at each of its requests. Of a container that was killed nothing gets out any more.
 */
export class Life {
  readonly killed: Promise<typeof KILLED>
  /** The request at which something happened to it. */
  haltedAt: string | undefined
  #isKilled = false
  #kill: () => void = () => undefined
  #halt: Halt | undefined
  #requests = 0
  readonly #underWay = new Set<Promise<unknown>>()
  #frozen: Promise<void> = new Promise(() => undefined)
  #noteFrozen: () => void = () => undefined
  #thawed: Promise<void> = Promise.resolve()
  #thaw: () => void = () => undefined

  constructor() {
    this.killed = new Promise((resolve) => (this.#kill = () => resolve(KILLED)))
  }

  get isKilled(): boolean {
    return this.#isKilled
  }

  /** A visit begins. */
  begin(halt: Halt | undefined): void {
    this.#halt = halt
    this.#requests = 0
    this.haltedAt = undefined
    this.#frozen = new Promise((resolve) => (this.#noteFrozen = resolve))
  }

  /** Ends when it is frozen. */
  get frozen(): Promise<void> {
    return this.#frozen
  }

  thaw(): void {
    this.#thaw()
  }

  /** Carries out a request to the world outside, unless it comes to an end before. */
  async reach<T>(step: string, carryOut: () => Promise<T>): Promise<T> {
    const nth = this.#requests++
    await this.#passes('before', step, nth)
    const request = carryOut()
    // Work may hang for ever, and moves no money.
    if (step !== 'work') this.#underWay.add(request)
    try {
      return await request
    } finally {
      this.#underWay.delete(request)
      await this.#passes('after', step, nth)
    }
  }

  /** Lambda ends it: nothing gets out any more. */
  end(): void {
    this.#isKilled = true
    this.#kill()
  }

  /** Ends when everything that it sent is carried out, whether it lives or not. */
  async landed(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  async #passes(when: 'before' | 'after', step: string, nth: number): Promise<void> {
    await this.#thawed
    const { kind, nth: at } = this.#halt ?? {}
    if (at === nth && kind === `killed ${when}`) {
      this.haltedAt = `${when} ${step}`
      this.end()
    }
    // Nobody waits for it.
    if (this.#isKilled) await new Promise(() => undefined)
    if (at === nth && when === 'before' && kind === 'frozen before') {
      this.haltedAt = `${when} ${step}`
      this.#thawed = new Promise((resolve) => (this.#thaw = resolve))
      this.#noteFrozen()
      await this.#thawed
    }
  }
}

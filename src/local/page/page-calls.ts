import { watchCalls } from '../lines/watch-calls.js'
import { pageCall } from './page-call.js'
import type { PageCall } from './messages.js'

/** The most calls that are kept. A page that is opened gets them. */
const MAX_CALLS = 1_000

/** The calls of one stack, for its page. Nothing is kept before the page was opened. */
export class PageCalls {
  readonly #calls: PageCall[] = []
  readonly #listeners = new Set<(call: PageCall) => void>()
  #nextId = 1
  #stop: (() => void) | undefined

  /** @param port that of the stack. Other stacks of the process have calls of their own. */
  watch(port: number): void {
    this.#stop ??= watchCalls((report, served) => {
      if (served.port !== port || report.outcome === 'served') return
      const call = pageCall(this.#nextId++, report, served)
      this.#calls.push(call)
      if (this.#calls.length > MAX_CALLS) this.#calls.shift()
      for (const listener of this.#listeners) listener(call)
    })
  }

  /** The calls behind this one. */
  after(id: number): PageCall[] {
    return this.#calls.filter((call) => call.id > id)
  }

  /** @returns a function that ends it. */
  listen(listener: (call: PageCall) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  stop(): void {
    this.#stop?.()
  }
}

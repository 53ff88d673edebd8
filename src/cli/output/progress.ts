import type { Sink } from './output.js'
import { shortened } from './table-text.js'

/** How often the line changes at most. Unit: ms. */
const PAUSE_MS = 100

/** A line on stderr that says how far long work has come. It is shown on a terminal only, and disappears at the end. */
export class Progress {
  readonly #stream: Sink
  readonly #isShown: boolean
  readonly #startedAt = Date.now()
  #isDrawn = false
  #count = 0
  #things = ''
  #next: NodeJS.Timeout | undefined

  /** @param isShown `false` if the results themselves go to the terminal. */
  constructor(isShown = true, stream: Sink = process.stderr) {
    this.#stream = stream
    this.#isShown = isShown && stream.isTTY === true
  }

  /** The number that was given last. */
  get count(): number {
    return this.#count
  }

  /** Shows soon how far it came, also if nothing more comes. @param count how many of `things` were read. */
  show(count: number, things: string): void {
    this.#count = count
    if (!this.#isShown) return
    this.#things = things
    this.#next ??= setTimeout(() => {
      this.#next = undefined
      const tookMs = Math.max(1, Date.now() - this.#startedAt)
      const rate = Math.round((this.#count * 1_000) / tookMs)
      this.#draw(`${grouped(this.#count)} ${this.#things}, ${grouped(rate)}/s`)
    }, PAUSE_MS).unref()
  }

  /** Says what is waited for. */
  say(text: string): void {
    if (this.#isShown) this.#draw(text)
  }

  end(): void {
    clearTimeout(this.#next)
    this.#next = undefined
    if (this.#isDrawn) wipeLine(this.#stream)
    this.#isDrawn = false
  }

  #draw(text: string): void {
    this.#isDrawn = true
    this.#stream.write(`\r\u001b[2K${shortened(text, (this.#stream.columns ?? 80) - 1)}`)
  }
}

/** Clears the line of a terminal in which the cursor is. */
export function wipeLine(stream: Sink): void {
  if (stream.isTTY === true) stream.write('\r\u001b[2K')
}

/** A number with spaces between its thousands. */
export function grouped(number: number | bigint): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ' ')
}

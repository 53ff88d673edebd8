import type { Sink } from './output.js'
import { shortened } from './table-text.js'

/** How often the line changes at most. Unit: ms. */
const PAUSE_MS = 100

/** A line on stderr that says how far long work has come. It is shown on a terminal only, and disappears at the end. */
export class Progress {
  readonly #stream: Sink
  readonly #isShown: boolean
  readonly #startedAt = Date.now()
  #shownAt = Date.now()
  #isDrawn = false
  #count = 0

  /** @param isShown `false` if the results themselves go to the terminal. */
  constructor(isShown = true, stream: Sink = process.stderr) {
    this.#stream = stream
    this.#isShown = isShown && stream.isTTY === true
  }

  /** The number that was given last. */
  get count(): number {
    return this.#count
  }

  /** @param count how many of `things` were read. */
  show(count: number, things: string): void {
    this.#count = count
    const now = Date.now()
    if (!this.#isShown || now - this.#shownAt < PAUSE_MS) return
    this.#shownAt = now
    const rate = Math.round((count * 1_000) / Math.max(1, now - this.#startedAt))
    this.#draw(`${grouped(count)} ${things}, ${grouped(rate)}/s`)
  }

  /** Says what is waited for. */
  say(text: string): void {
    if (this.#isShown) this.#draw(text)
  }

  end(): void {
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

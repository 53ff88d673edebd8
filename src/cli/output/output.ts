import type { Writable } from 'node:stream'

/** A stream that may be a terminal. */
export interface Sink extends Writable {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

/** How a text is painted. */
export type Style = keyof typeof STYLES

/** The narrowest terminal that is written for. Unit: columns. */
const MIN_COLUMNS = 40

/** Writes for a person, or for a program. Colours and the width are those of a terminal. */
export class Output {
  readonly #stream: Sink
  readonly #isColoured: boolean
  /** Whether the terminal shows more than ASCII. */
  readonly isUnicode: boolean

  constructor(stream: Sink = process.stdout, environment: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream
    const { NO_COLOR: none = '', FORCE_COLOR: force = '', TERM: terminal } = environment
    const isFit = this.isTerminal && none === '' && terminal !== 'dumb'
    // As Node does: what forces colours counts more than what forbids them.
    this.#isColoured = force === '' ? isFit : !['0', 'false'].includes(force)
    this.isUnicode = isUtf8(environment)
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** The width of the terminal. `undefined` if there is no terminal, so that nothing has to be shortened. */
  get columns(): number | undefined {
    if (!this.isTerminal) return undefined
    return Math.max(MIN_COLUMNS, this.#stream.columns ?? 80)
  }

  paint(style: Style | undefined, text: string): string {
    if (!this.#isColoured || style === undefined || text === '') return text
    return `\u001b[${STYLES[style]}m${text}\u001b[0m`
  }

  /** Waits until the reader has taken the text, so that nothing piles up in memory. It ends only if the text was taken. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write(text, (error) => {
        // The stream itself reports the error, and that ends the command.
        if (!error) resolve()
      })
    })
  }

  lines(lines: readonly string[]): Promise<void> {
    return this.write(lines.map((line) => `${line}\n`).join(''))
  }

  json(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }
}

/**
 * Whether the locale is one of UTF-8. macOS and Windows need not set it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 */
function isUtf8({ LC_ALL: all, LC_CTYPE: types, LANG: language }: NodeJS.ProcessEnv): boolean {
  const locale = [all, types, language].find((one) => one !== undefined && one !== '')
  if (locale === undefined) return process.platform === 'darwin' || process.platform === 'win32'
  return /utf-?8/i.test(locale)
}

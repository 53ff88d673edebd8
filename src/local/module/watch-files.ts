import { stampOf } from './file-stamp.js'

/** How often the files are looked at. Unit: ms. */
const INTERVAL_MS = 100
/**
 * How long a change waits for others. A file that is being written is seen half written first, and compilers write
 * several files. Unit: ms.
 */
const SETTLE_MS = INTERVAL_MS + 50

/**
 * Watches files by their names. So it sees a file that was replaced by another one, and files on the disk of another
 * machine.
 */
export class FileWatch {
  readonly #stamps = new Map<string, string>()
  readonly #onChange: () => void
  readonly #looking: NodeJS.Timeout
  #settling: NodeJS.Timeout | undefined

  constructor(onChange: () => void) {
    this.#onChange = onChange
    this.#looking = setInterval(() => this.#look(), INTERVAL_MS)
  }

  /** @param stamp what the file was when it was read */
  add(file: string, stamp: string): void {
    this.#stamps.set(file, stamp)
  }

  close(): void {
    clearInterval(this.#looking)
    clearTimeout(this.#settling)
  }

  #look(): void {
    for (const [file, before] of this.#stamps) {
      const now = stampOf(file)
      if (now === before) continue
      this.#stamps.set(file, now)
      clearTimeout(this.#settling)
      this.#settling = setTimeout(this.#onChange, SETTLE_MS)
    }
  }
}

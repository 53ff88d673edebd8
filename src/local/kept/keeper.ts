/** Writes a state again and again. Calls that come at once share one write. */
export class Keeper {
  readonly #write: (text: string) => Promise<void>
  readonly #textOf: () => string
  #written: string | undefined
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #hasWarned = false

  /** @param textOf gives the state as it is now. A state that was written already is not written again. */
  constructor(write: (text: string) => Promise<void>, textOf: () => string) {
    this.#write = write
    this.#textOf = textOf
  }

  /**
   * Resolves when everything that had changed before this call is written. A failure is warned of once, and the stack
   * goes on without the file.
   */
  save(): Promise<void> {
    // The write under way may have begun before the change. The one after that has it.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      this.#running = this.#saveNow()
      return this.#running
    })
    return this.#next
  }

  async #saveNow(): Promise<void> {
    const text = this.#textOf()
    if (text === this.#written) return
    try {
      await this.#write(text)
      this.#written = text
    } catch (error) {
      if (this.#hasWarned) return
      this.#hasWarned = true
      const why = error instanceof Error ? error.message : String(error)
      process.emitWarning(
        `the local stack cannot keep its state, and forgets it at the end: ${why}`,
        { type: 'AgentCoreX402Warning', code: 'AGENTCORE_X402_STATE_NOT_KEPT' },
      )
    }
  }
}

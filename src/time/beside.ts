/** Something that is done beside other work, if that takes a while. */
export interface Beside {
  /** The other work is over: what has not begun never begins, and what has is waited for. */
  over: () => Promise<void>
}

/** @param task what fails of it is nobody's concern. */
export function beside(afterMs: number, task: () => Promise<unknown>): Beside {
  let running: Promise<unknown> | undefined
  const timer = setTimeout(() => {
    running = task().catch(() => undefined)
  }, afterMs)
  timer.unref()
  return {
    async over() {
      clearTimeout(timer)
      await running
    },
  }
}

/** Something that is done beside other work, if that takes a while. */
export interface Beside {
  /**
   * The other work is over: what has not begun never begins, and what has is waited for.
   *
   * @returns whether it has failed.
   */
  over: () => Promise<boolean>
}

export function beside(afterMs: number, task: () => Promise<unknown>): Beside {
  let failing: Promise<boolean> | undefined
  const timer = setTimeout(() => {
    failing = task().then(
      () => false,
      () => true,
    )
  }, afterMs)
  timer.unref()
  return {
    async over() {
      clearTimeout(timer)
      return (await failing) === true
    },
  }
}

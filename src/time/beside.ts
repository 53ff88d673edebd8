/** Work that runs beside other work, if that takes a while. */
export interface Beside {
  /**
   * To be called when the other work is over. Work that has not begun never begins. Work that has begun is awaited.
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

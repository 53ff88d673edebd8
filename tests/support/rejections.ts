/** The rejections that nobody handled while `work` ran, and until its callbacks were done. */
export async function unhandledRejections(work: () => Promise<unknown>): Promise<unknown[]> {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  try {
    await work()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
  } finally {
    process.off('unhandledRejection', onRejection)
  }
  return rejections
}

/** Rejections that nobody handled while `work` ran and until it had no callbacks left. */
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

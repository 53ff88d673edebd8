/** A longer challenge is not read. Unit: bytes. */
export const MAX_BODY_BYTES = 65_536

/** A challenge that takes longer to arrive is not read. Unit: ms. */
const MAX_WAIT_MS = 10_000

/** The text of a copy's body. `undefined` if it is longer than a challenge may be, or breaks off. */
export async function readText({ body }: Response): Promise<string | undefined> {
  const reader = body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  // It is not awaited: it ends when the other copy does, and nobody reads that yet.
  const stop = () => void reader?.cancel().catch(() => undefined)
  const late = AbortSignal.timeout(MAX_WAIT_MS)
  late.addEventListener('abort', stop)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
      size += read.value.length
      chunks.push(read.value)
      if (size > MAX_BODY_BYTES) {
        stop()
        return undefined
      }
    }
    return late.aborted ? undefined : Buffer.concat(chunks).toString()
  } catch {
    return undefined
  } finally {
    late.removeEventListener('abort', stop)
  }
}

/** Frees the connection of a body that nobody reads. A body that broke off has none. */
export async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => undefined)
}

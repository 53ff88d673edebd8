/** A longer answer is cut off. Unit: bytes. */
const MAX_BYTES = 10 * 1024 * 1024

/** The body of an answer, as far as it came. */
export interface ReadAnswer {
  readonly bytes: Buffer
  /** Why it is not whole. */
  readonly problem: string | undefined
}

/** Reads the body of an answer. What came before it broke off is kept, since it may be paid for. */
export async function readAnswer({ body }: Response): Promise<ReadAnswer> {
  const chunks: Uint8Array[] = []
  let size = 0
  const read = (problem?: string): ReadAnswer => ({
    bytes: Buffer.concat(chunks).subarray(0, MAX_BYTES),
    problem,
  })
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_BYTES)
        return read(`the answer has more than ${MAX_BYTES} bytes and is cut off`)
    }
    return read()
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return read(isLate ? 'the answer did not end in time' : 'the answer broke off')
  }
}

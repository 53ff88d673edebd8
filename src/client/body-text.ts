/** Longer challenges are not read. Unit: bytes. */
const MAX_BYTES = 65_536

/** The text of a body, `undefined` if it is longer than a challenge may be or breaks off. */
export async function readText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > MAX_BYTES) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}

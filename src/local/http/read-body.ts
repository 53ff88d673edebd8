/**
 * Reads the body of a request to its end, even if it is too large. A connection that is closed before is
 * reset, and the answer may get lost with it.
 *
 * @returns `undefined` if there is more than `maxBytes`
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export async function readBody(
  request: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks)
}

/**
 * The body of a request, read to its end even if it is too large. A connection that is closed with something
 * left unread is reset, and may take the answer with it.
 *
 * @returns undefined if there is more than `maxBytes`
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

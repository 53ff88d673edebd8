/**
 * The same answer, whose body is looked at on its way to whoever reads it: read once, at their pace, and not a
 * byte held back.
 *
 * @param look gets the text piece by piece, and an empty piece at the end
 * @param broke is called where the body breaks off; not where its reader has enough
 */
export function watched(
  response: Response,
  look: ((piece: string) => void) | undefined,
  broke?: () => void,
): Response {
  const { body, status, statusText, headers, url, redirected, type } = response
  if (!(body instanceof ReadableStream)) return response
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader()
  const decoder = new TextDecoder()
  const copy = new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        broke?.()
        throw error
      })
      if (done) {
        look?.(decoder.decode())
        look?.('')
        controller.close()
        controller.byobRequest?.respond(0)
      } else if (value.length > 0) {
        look?.(decoder.decode(value, { stream: true }))
        controller.enqueue(value)
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
  const same = new Response(copy, { status, statusText, headers })
  const facts = { url, redirected, type }
  for (const [name, value] of Object.entries(facts)) Object.defineProperty(same, name, { value })
  return same
}

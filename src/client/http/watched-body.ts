/**
 * The same answer, whose body is also looked at while its reader reads it. It is read once, at the reader's
 * pace, and no byte is held back.
 *
 * @param look gets the text piece by piece, and an empty piece at the end
 * @param broke is called if the body breaks off, but not if its reader stops
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

import { sseReader, type SseEvent } from '../../../wire/sse.js'

/** Reads the events of a `text/event-stream` as they come. */
export async function* readEvents(
  stream: AsyncIterable<Buffer | string>,
): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder()
  const read = sseReader()
  for await (const chunk of stream) {
    yield* read(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
  }
}

export function formatEvent(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

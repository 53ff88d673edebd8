/** One event of a `text/event-stream`. */
export interface SseEvent {
  data: string
  /** Where a broken stream can be taken up again. */
  id?: string
  /** How long to wait before that. Unit: ms. */
  retryMs?: number
}

/**
 * Reads events as they come; those with an id and without data as well.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readEvents(
  stream: AsyncIterable<Buffer | string>,
): AsyncGenerator<SseEvent> {
  let event: SseEvent = { data: '' }
  let data: string[] = []
  for await (const line of readLines(stream)) {
    if (line === '') {
      if (data.length > 0 || event.id !== undefined || event.retryMs !== undefined) {
        yield { ...event, data: data.join('\n') }
      }
      event = { data: '' }
      data = []
      continue
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'data') data.push(value)
    else if (field === 'id') event.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) event.retryMs = Number(value)
  }
}

export function formatEvent(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

async function* readLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    // A \r at the very end may be the first half of \r\n.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    yield* lines
  }
}

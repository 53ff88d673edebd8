import { isRecord, parseJson } from './json.js'

/** One event of a `text/event-stream`. */
export interface SseEvent {
  data: string
  /** Where a broken stream can be taken up again. */
  id?: string
  /** How long to wait before that. Unit: ms. */
  retryMs?: number
}

/**
 * Reads a stream piece by piece. Each call gives the events that ended in its piece; those with an id and
 * without data as well.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function sseReader(): (piece: string) => SseEvent[] {
  let rest = ''
  let event: SseEvent = { data: '' }
  let data: string[] = []
  const take = (line: string): SseEvent[] => {
    if (line !== '') {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (field === 'data') data.push(value)
      else if (field === 'id') event.id = value
      else if (field === 'retry' && /^\d+$/.test(value)) event.retryMs = Number(value)
      return []
    }
    const isEmpty = data.length === 0 && event.id === undefined && event.retryMs === undefined
    const ended = isEmpty ? [] : [{ ...event, data: data.join('\n') }]
    event = { data: '' }
    data = []
    return ended
  }
  let isAfterReturn = false
  return (piece) => {
    // A \r at the very end of a piece may be the first half of \r\n.
    const more = isAfterReturn ? piece.replace(/^\n/, '') : piece
    if (piece !== '') isAfterReturn = piece.endsWith('\r')
    const lines = (rest + more).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    return lines.flatMap(take)
  }
}

/** The JSON-RPC answer in a text: JSON, or an event stream that was buffered, in which it comes last. */
export function messageIn(text: string): Record<string, unknown> | undefined {
  return recordIn(text) ?? bufferedEvents(text).map(messageOf).findLast(isAnswer)
}

/** The last one counts even where the stream was cut off before its empty line. */
function bufferedEvents(text: string): SseEvent[] {
  return sseReader()(`${text}\n\n`)
}

function messageOf({ data }: SseEvent): Record<string, unknown> | undefined {
  return recordIn(data)
}

function isAnswer(message: Record<string, unknown> | undefined): boolean {
  return message !== undefined && ('result' in message || 'error' in message)
}

function recordIn(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text)
  return isRecord(value) ? value : undefined
}

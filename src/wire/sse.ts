import { isRecord, parseJson } from './json.js'

/** One event of a `text/event-stream`. */
export interface SseEvent {
  data: string
  /** The id from which a broken stream can be resumed. */
  id?: string
  /** How long to wait before resuming. Unit: ms. */
  retryMs?: number
}

/**
 * Reads a stream piece by piece. Each call returns the events that ended in its piece, also those with an id
 * and without data.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function sseReader(): (piece: string) => SseEvent[] {
  // Pieces of a line that has not ended. They are joined at its end, since a long line may come in many
  // pieces.
  let rest: string[] = []
  let event: SseEvent = { data: '' }
  let data: string[] = []
  const take = (line: string): SseEvent | undefined => {
    if (line !== '') {
      const { field, value } = fieldOf(line)
      if (field === 'data') data.push(value)
      else if (field === 'id') event.id = value
      else if (field === 'retry' && /^\d+$/.test(value)) event.retryMs = Number(value)
      return undefined
    }
    if (data.length === 0 && event.id === undefined && event.retryMs === undefined) return undefined
    const ended = { ...event, data: data.join('\n') }
    event = { data: '' }
    data = []
    return ended
  }
  let isAfterReturn = false
  return (piece) => {
    // A \r at the very end of a piece may be the first half of \r\n.
    const more = isAfterReturn ? piece.replace(/^\n/, '') : piece
    if (piece !== '') isAfterReturn = piece.endsWith('\r')
    const [first = '', ...lines] = more.split(/\r\n|\n|\r/)
    rest.push(first)
    const last = lines.pop()
    if (last === undefined) return []
    const ended = [take(rest.join('')), ...lines.map(take)]
    rest = [last]
    return ended.filter((one) => one !== undefined)
  }
}

/** An event stream without one of its messages. The message goes between the two parts as `data: …`. */
export interface StreamAround {
  readonly before: string
  readonly after: string
}

/** A message of a stream, its text, and the stream around it. */
export interface FoundInStream {
  readonly message: Record<string, unknown>
  readonly text: string
  readonly stream: StreamAround
}

/**
 * Finds the first wanted message of a buffered stream, and the stream around it as it came. Only events
 * without a name, or named `message`, carry messages, as for clients. The last event counts even if the
 * stream was cut off before its empty line.
 */
export function answerInStream(
  text: string,
  isWanted: (message: Record<string, unknown>) => boolean,
): FoundInStream | undefined {
  for (const { end, lines } of linesOfEvents(text)) {
    const data = lines.filter(({ field }) => field === 'data')
    const [first] = data
    if (first === undefined || !carriesMessage(lines)) continue
    const json = data.map(({ value }) => value).join('\n')
    const message = recordIn(json)
    if (message === undefined || !isWanted(message)) continue
    const later = lines.filter(({ at, field }) => field !== 'data' && at > first.at)
    const rest = text.slice(end) || '\n'
    const after = `\n${later.map(({ line }) => `${line}\n`).join('')}${rest}`
    return { message, text: json, stream: { before: text.slice(0, first.at), after } }
  }
  return undefined
}

interface SseLine {
  readonly line: string
  /** The index at which it begins. */
  readonly at: number
  readonly field: string
  readonly value: string
}

/** The lines of each event, and the index of the empty line after it. */
function* linesOfEvents(text: string): Generator<{ lines: SseLine[]; end: number }> {
  let lines: SseLine[] = []
  for (const match of text.matchAll(/([^\r\n]*)(?:\r\n|\n|\r|$)/g)) {
    const [, line = ''] = match
    if (line !== '') lines.push({ line, at: match.index, ...fieldOf(line) })
    else if (lines.length > 0) {
      yield { lines, end: match.index }
      lines = []
    }
  }
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
function fieldOf(line: string): { field: string; value: string } {
  const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
  return { field, value }
}

function carriesMessage(lines: readonly SseLine[]): boolean {
  const name = lines.findLast(({ field }) => field === 'event')?.value ?? ''
  return name === '' || name === 'message'
}

/** The JSON-RPC answer in a text: JSON, or an event stream that was buffered, in which it comes last. */
export function messageIn(text: string): Record<string, unknown> | undefined {
  return recordIn(text) ?? bufferedEvents(text).map(messageOf).findLast(isAnswer)
}

/**
 * The events of a buffered stream. The last one counts even if the stream was cut off before its empty line.
 */
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
  // A stream can have many events, and each error of a parser is costly.
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined
  return isRecord(value) ? value : undefined
}

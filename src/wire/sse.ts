import { isRecord, parseJson } from './json.js'

/**
 * The JSON-RPC answer in a text: JSON, or an event stream that was buffered, in which it comes last.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function messageIn(text: string): Record<string, unknown> | undefined {
  return (
    recordIn(text) ??
    text
      .split(/\r?\n\r?\n/)
      .map(messageOf)
      .findLast(isAnswer)
  )
}

function messageOf(event: string): Record<string, unknown> | undefined {
  const data = event.split(/\r?\n/).filter((line) => line.startsWith('data:'))
  return data.length === 0 ? undefined : recordIn(data.map((line) => line.slice(5)).join('\n'))
}

function isAnswer(message: Record<string, unknown> | undefined): boolean {
  return message !== undefined && ('result' in message || 'error' in message)
}

function recordIn(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text)
  return isRecord(value) ? value : undefined
}

import { sseReader } from '../../src/wire/sse.js'

/** An event stream of these messages, as the official MCP SDK's server writes it. */
export function streamOf(...messages: unknown[]): string {
  return messages.map((it) => `event: message\ndata: ${JSON.stringify(it)}\n\n`).join('')
}

/** The messages of a body, which is JSON or an event stream. */
export function messagesIn(text: string): unknown[] {
  if (text.startsWith('{')) return [JSON.parse(text)]
  const events = sseReader()(text).filter(({ data }) => data !== '')
  return events.map(({ data }) => JSON.parse(data) as unknown)
}

import type { ServerResponse } from 'node:http'

/** Proxies and browsers close connections that say nothing. Unit: ms. */
const BEAT_MS = 15_000
/** What may wait for a page that does not read. The page connects again later. Unit: bytes. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024

/** An answer that never ends: server-sent events. @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  readonly #response: ServerResponse

  /** @param onClose is called when the page is gone. */
  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    const beat = setInterval(() => response.write(': still here\n\n'), BEAT_MS)
    beat.unref()
    response.once('close', () => {
      clearInterval(beat)
      onClose()
    })
  }

  send(event: string, data: unknown): void {
    if (this.#response.writableLength > MAX_WAITING_BYTES) return void this.#response.destroy()
    this.#response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  end(): void {
    this.#response.end()
  }
}

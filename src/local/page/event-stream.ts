import type { ServerResponse } from 'node:http'

/** Proxies and browsers close connections that say nothing. Unit: ms. */
const BEAT_MS = 15_000

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
    this.#response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  end(): void {
    this.#response.end()
  }
}

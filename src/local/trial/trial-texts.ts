import type { IncomingMessage, ServerResponse } from 'node:http'
import { comesFromHere } from '../http/loopback.js'

const PREFIX = '/try/'

/**
 * What the printed lines fetch from the stack: payments, which are new each time, and bodies that are too long to print. So
 * a line is short, and works alone.
 */
export class TrialTexts {
  readonly #makers = new Map<string, () => string | Promise<string>>()

  /** Serves a text at `/try/<name>`. It is made anew for every request. */
  set(name: string, make: () => string | Promise<string>): void {
    this.#makers.set(name, make)
  }

  /** @returns false for requests of other paths. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (!pathname.startsWith(PREFIX)) return false
    const make = this.#makers.get(pathname.slice(PREFIX.length))
    if (!comesFromHere(request)) answer(response, 403, 'Host and Origin must be of this machine\n')
    else if (make === undefined) answer(response, 404, 'no printed line fetches this\n')
    else answer(response, 200, await make())
    return true
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { Running } from '../../store/support/running.js'

/** What becomes of a request: it goes on to the engine, waits for ever, or is refused. */
export type Fate = 'pass' | 'hold' | 'refuse'

/** A way to the engine that counts what is asked of it. */
export interface WatchedEngine {
  endpoint: string
  /** The requests of this test so far, by operation. */
  asked: Record<string, number>
  /** Says what becomes of the request of this number of an operation, from 1. */
  fate: (operation: string, number: number) => Fate
}

/** Stands before the engine during the tests of this `describe`. */
export function watchedEngine(db: Running): WatchedEngine {
  const watched: WatchedEngine = { endpoint: '', asked: {}, fate: () => 'pass' }
  const server = createServer((request, response) => void answer(db, watched, request, response))
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    watched.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => void Object.assign(watched, { asked: {}, fate: () => 'pass' }))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return watched
}

async function answer(
  { engine }: Running,
  watched: WatchedEngine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { 'x-amz-target': target = '', 'content-type': type = '' } = request.headers
  const operation = String(target).split('.')[1] ?? ''
  const number = (watched.asked[operation] ?? 0) + 1
  watched.asked[operation] = number
  const fate = watched.fate(operation, number)
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (fate === 'hold') return
  if (fate === 'refuse') {
    response.writeHead(400, { 'content-type': type })
    response.end('{"__type":"com.amazon.coral.service#AccessDeniedException"}')
    return
  }
  const headers = { 'content-type': type, 'x-amz-target': String(target), ...signed(request) }
  const found = await fetch(engine.endpoint, {
    method: 'POST',
    headers,
    body: Buffer.concat(chunks),
  })
  response.writeHead(found.status, { 'content-type': found.headers.get('content-type') ?? type })
  response.end(Buffer.from(await found.arrayBuffer()))
}

function signed({ headers }: IncomingMessage): Record<string, string> {
  const { authorization, 'x-amz-date': date } = headers
  return { ...(authorization && { authorization }), ...(date && { 'x-amz-date': String(date) }) }
}

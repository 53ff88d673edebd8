import { setTimeout as sleep } from 'node:timers/promises'
import { isRecord } from '../../../wire/json.js'
import { isResponse, type RpcMessage } from '../protocol/json-rpc.js'
import { send, type OutboundReply, type OutboundRequest } from './outbound.js'
import { readEvents } from '../protocol/sse.js'

/**
 * How long to wait before a stream that the server closed is asked for again. The server may set another
 * time. Unit: ms.
 */
const DEFAULT_RETRY_MS = 1000
/** How often a stream is asked for again without an event in between. */
const MAX_RESUMPTIONS = 5

interface Resumable {
  lastId?: string
  retryMs: number
  answered: boolean
  failures: number
}

/**
 * Reads the messages that a server streams for one request, up to the answer. If the stream ends before, and
 * its events had ids, it is asked for again.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function* readMessages(
  url: string,
  request: RpcMessage,
  first: OutboundReply,
  again: Pick<OutboundRequest, 'headers' | 'signal'>,
): AsyncGenerator<RpcMessage> {
  const state: Resumable = { retryMs: DEFAULT_RETRY_MS, answered: false, failures: 0 }
  yield* readOnce(first, request, state)
  while (!state.answered && state.lastId !== undefined && state.failures < MAX_RESUMPTIONS) {
    state.failures += 1
    await sleep(state.retryMs, undefined, { signal: again.signal })
    const headers = { ...again.headers, accept: 'text/event-stream', 'last-event-id': state.lastId }
    const reply = await send(url, { method: 'GET', headers, signal: again.signal })
    if (reply.status !== 200) {
      reply.body.resume()
      return
    }
    yield* readOnce(reply, request, state)
  }
}

async function* readOnce(
  { body }: OutboundReply,
  request: RpcMessage,
  state: Resumable,
): AsyncGenerator<RpcMessage> {
  try {
    for await (const event of readEvents(body)) {
      state.failures = 0
      if (event.id !== undefined) state.lastId = event.id
      if (event.retryMs !== undefined) state.retryMs = event.retryMs
      const message = parse(event.data)
      if (message === undefined) continue
      state.answered = isResponse(message) && message.id === request['id']
      yield message
      if (state.answered) return
    }
  } catch (error) {
    // A broken stream is no failure if it can be asked for again. Without an event id it cannot.
    if (state.lastId === undefined) throw error
  } finally {
    body.destroy()
  }
}

function parse(data: string): RpcMessage | undefined {
  if (data === '') return undefined
  try {
    const message: unknown = JSON.parse(data)
    return isRecord(message) ? message : undefined
  } catch {
    return undefined
  }
}

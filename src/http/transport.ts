import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import axios, { AxiosHeaders } from 'axios'
import { isLoopback } from '../wire/loopback.js'

/** One HTTP request, everything spelled out. */
export interface Outgoing {
  url: string
  method: string
  headers: Record<string, string>
  body: string | undefined
  /** False for settle: it goes only over a connection proved fresh, and never twice. */
  repeatable: boolean
  /** Limit of the whole request. Unit: ms. */
  timeoutMs: number
}

/** `nothing sent`: no connection came about, so the server cannot have seen the request. */
export type TransportAnswer =
  | { status: number; text: string }
  | { failure: 'nothing sent' | 'timeout' | 'broken' }

export interface Transport {
  send(request: Outgoing): Promise<TransportAnswer>
}

/**
 * A frozen Lambda cannot see its peer close a connection; servers commonly do so after 5 s. Wall-clock
 * time, since the monotonic clock may stand still while frozen. Unit: ms.
 */
const MAX_IDLE_MS = 4_000
/**
 * A settle that breaks has an unknown outcome. So it reuses a connection only if an answer came over that
 * connection this recently. After a slower handler it opens a new one. Unit: ms.
 */
const MAX_SETTLE_IDLE_MS = 250
/** Unit: ms. */
const CONNECT_TIMEOUT_MS = 5_000
/** No answer of the API is near this size. Unit: bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Kept-alive connections to one backend, never reused once they may have died unseen. */
export function createTransport(backend: URL, now: () => number): Transport {
  const protocol = backend.protocol === 'https:' ? https : http
  const agent = new protocol.Agent({ keepAlive: true })
  const answeredAt = noteAnswers(agent, now)
  const shared = {
    httpAgent: agent,
    httpsAgent: agent,
    maxRedirects: 0, // the API key must not follow a redirect
    maxContentLength: MAX_ANSWER_BYTES,
    decompress: false, // answers are a few hundred bytes: not worth compressing
    responseType: 'text',
    // A proxy from the environment must not see, or be asked for, what stays on this machine.
    ...(isLoopback(backend.hostname) && { proxy: false as const }),
  } as const
  // The adapter itself: merging configurations and running interceptors for every request would cost
  // a third of its time, and there are none.
  const sendHttp = axios.getAdapter('http')

  async function sendOnce(request: Outgoing, watch: Watch): Promise<TransportAnswer> {
    const { url, method } = request
    const headers = new AxiosHeaders({ ...request.headers, 'Accept-Encoding': 'identity' })
    const transport = watchedTransport(protocol, request, watch)
    try {
      const answer = await sendHttp({ ...shared, url, method, headers, transport })
      return { status: answer.status, text: String(answer.data) }
    } catch {
      if (!watch.sent) return { failure: 'nothing sent' }
      return { failure: watch.timedOut ? 'timeout' : 'broken' }
    }
  }

  async function send(request: Outgoing): Promise<TransportAnswer> {
    dropIdle(agent, now() - (request.repeatable ? MAX_IDLE_MS : MAX_SETTLE_IDLE_MS), answeredAt)
    const watch = newWatch()
    const answer = await sendOnce(request, watch)
    const staleConnection = 'failure' in answer && answer.failure === 'broken' && watch.reused
    if (!staleConnection || !request.repeatable) return answer
    dropIdle(agent, Number.POSITIVE_INFINITY, answeredAt) // where one died, the others may have
    return sendOnce(request, newWatch())
  }
  return { send }
}

/** What is known of one request on the wire. */
interface Watch {
  /** It went over a connection that had been used before. */
  reused: boolean
  /** A connection stood, so bytes may have reached the server. */
  sent: boolean
  timedOut: boolean
}

function newWatch(): Watch {
  return { reused: false, sent: false, timedOut: false }
}

/** Node's own `request`, with a time limit and an eye on the connection. */
function watchedTransport(
  protocol: typeof http | typeof https,
  { body, timeoutMs }: Outgoing,
  watch: Watch,
) {
  return {
    request(options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
      const outgoing = protocol.request(options, onAnswer)
      // The adapter would write a Buffer apart from the head; text leaves with it, in one write.
      const end = outgoing.end.bind(outgoing)
      outgoing.end = (() => end(body)) as typeof outgoing.end
      const limit = setTimeout(() => {
        watch.timedOut = true
        outgoing.destroy()
      }, timeoutMs)
      outgoing.once('close', () => clearTimeout(limit))
      outgoing.once('socket', (socket: Socket) => {
        watch.reused = outgoing.reusedSocket
        watch.sent = watch.reused
        if (!watch.reused) watchConnecting(outgoing, socket, protocol === https, watch)
      })
      return outgoing
    },
  }
}

function watchConnecting(
  outgoing: ClientRequest,
  socket: Socket,
  secure: boolean,
  watch: Watch,
): void {
  const limit = setTimeout(() => outgoing.destroy(), CONNECT_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(limit))
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    clearTimeout(limit)
    watch.sent = true
  })
}

/** `keepSocketAlive` is Node's documented hook for a socket whose answer is complete. */
function noteAnswers(agent: http.Agent, now: () => number): WeakMap<object, number> {
  const answeredAt = new WeakMap<object, number>()
  const hooks = agent as unknown as { keepSocketAlive(socket: Socket): boolean }
  const keepSocketAlive = hooks.keepSocketAlive.bind(agent)
  hooks.keepSocketAlive = (socket) => {
    answeredAt.set(socket, now())
    return keepSocketAlive(socket)
  }
  return answeredAt
}

function dropIdle(agent: http.Agent, since: number, answeredAt: WeakMap<object, number>): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) {
      if ((answeredAt.get(socket) ?? 0) < since) socket.destroy()
    }
  }
}

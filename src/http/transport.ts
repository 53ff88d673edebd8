import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import axios, { AxiosHeaders } from 'axios'
import { isLoopback } from '../wire/loopback.js'

/** One HTTP request with all its settings. */
export interface Outgoing {
  url: string
  method: string
  headers: Record<string, string>
  body: string | undefined
  /** False for settle: it uses only a connection that answered a moment ago, and is never sent twice. */
  repeatable: boolean
  /** Limit of the whole request. Unit: ms. */
  timeoutMs: number
}

/** `nothing sent`: no connection came about, so the server cannot have seen the request. */
export type TransportAnswer =
  | {
      status: number
      text: string
      /** The clock of the server, as its header `Date` says it. */
      date: string | undefined
    }
  | {
      failure: 'nothing sent' | 'timeout' | 'broken'
      /** Node's code of the failure, e.g. `ENOTFOUND`, or `connect_timeout`. */
      detail?: string | undefined
    }

export interface Transport {
  send(request: Outgoing): Promise<TransportAnswer>
}

/**
 * The longest that a connection may be idle. A frozen Lambda cannot see that a server closes it, often after 5 s. It
 * is measured by the wall clock, because the monotonic clock may stop while a Lambda is frozen. Unit: ms.
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

/** Keeps connections to one backend alive. A connection that may be dead is not reused. */
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
  // We call the adapter itself. Merging configurations and running interceptors would take a third of the time of
  // every request.
  const sendHttp = axios.getAdapter('http')

  async function sendOnce(request: Outgoing, watch: Watch): Promise<TransportAnswer> {
    const { url, method } = request
    const headers = new AxiosHeaders({ ...request.headers, 'Accept-Encoding': 'identity' })
    const transport = watchedTransport(protocol, request, watch)
    try {
      const answer = await sendHttp({ ...shared, url, method, headers, transport })
      const { date } = answer.headers as Record<string, unknown>
      const said = typeof date === 'string' ? date : undefined
      return { status: answer.status, text: String(answer.data), date: said }
    } catch (error) {
      const detail = watch.tooSlow ? 'connect_timeout' : codeOf(error)
      if (!watch.sent) return { failure: 'nothing sent', detail }
      return watch.timedOut ? { failure: 'timeout' } : { failure: 'broken', detail }
    }
  }

  async function send(request: Outgoing): Promise<TransportAnswer> {
    dropIdle(agent, now() - (request.repeatable ? MAX_IDLE_MS : MAX_SETTLE_IDLE_MS), answeredAt)
    const watch = newWatch()
    const answer = await sendOnce(request, watch)
    const staleConnection = 'failure' in answer && answer.failure === 'broken' && watch.reused
    if (!staleConnection || !request.repeatable) return answer
    dropIdle(agent, Number.POSITIVE_INFINITY, answeredAt) // if one connection died, the others may be dead too
    return sendOnce(request, newWatch())
  }
  return { send }
}

/** What is known of one request on the wire. */
interface Watch {
  /** The connection had been used before. */
  reused: boolean
  /** There was a connection, so bytes may have reached the server. */
  sent: boolean
  timedOut: boolean
  /** No connection came about in time. */
  tooSlow: boolean
}

function newWatch(): Watch {
  return { reused: false, sent: false, timedOut: false, tooSlow: false }
}

/** Node's code of an error. A longer text could be anything. */
function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{1,60}$/.test(code) ? code : undefined
}

/** Node's own `request`, with a time limit. It notes what became of the connection. */
function watchedTransport(
  protocol: typeof http | typeof https,
  { body, timeoutMs }: Outgoing,
  watch: Watch,
) {
  return {
    request(options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
      const outgoing = protocol.request(options, onAnswer)
      // The adapter would write a Buffer in a second write. A text leaves together with the head.
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
  const limit = setTimeout(() => {
    watch.tooSlow = true
    outgoing.destroy()
  }, CONNECT_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(limit))
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    clearTimeout(limit)
    watch.sent = true
  })
}

/**
 * Notes when each socket got its last answer. Node documents `keepSocketAlive` as the hook for a socket whose answer
 * is complete.
 */
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

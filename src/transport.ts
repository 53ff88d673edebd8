import type { ClientRequest, RequestOptions, IncomingMessage } from 'node:http'
import http from 'node:http'
import type { Socket } from 'node:net'
import https from 'node:https'
import axios, { type AxiosInstance } from 'axios'

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
 * A settle that breaks has an unknown outcome, so it reuses a connection only if an answer came over it
 * this recently; after a slower handler it opens a new one. Unit: ms.
 */
const MAX_SETTLE_IDLE_MS = 250
/** Unit: ms. */
const CONNECT_TIMEOUT_MS = 5_000
/** No answer of the API is near this size. Unit: bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Kept-alive connections that are never reused once they may have died unseen. */
export function createTransport(now: () => number): Transport {
  const answeredAt = new WeakMap<object, number>()
  const agents = [
    new http.Agent({ keepAlive: true }),
    new https.Agent({ keepAlive: true }),
  ] as const
  for (const agent of agents) noteAnswers(agent, answeredAt, now)
  const [httpAgent, httpsAgent] = agents
  const client = axios.create({
    httpAgent,
    httpsAgent,
    maxRedirects: 0, // the API key must not follow a redirect
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'text',
    transformRequest: (data: unknown) => data,
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  })

  async function send(request: Outgoing): Promise<TransportAnswer> {
    const maxIdleMs = request.repeatable ? MAX_IDLE_MS : MAX_SETTLE_IDLE_MS
    for (const agent of agents) dropIdle(agent, now() - maxIdleMs, answeredAt)
    const watch: Watch = { reused: false, sent: false }
    const answer = await sendOnce(client, request, watch)
    const staleConnection = 'failure' in answer && answer.failure === 'broken' && watch.reused
    if (!staleConnection || !request.repeatable) return answer
    return sendOnce(client, request, { reused: false, sent: false })
  }
  return { send }
}

/** What is known of one request on the wire. */
interface Watch {
  /** It went over a connection that had been used before. */
  reused: boolean
  /** A connection stood, so bytes may have reached the server. */
  sent: boolean
}

async function sendOnce(
  client: AxiosInstance,
  request: Outgoing,
  watch: Watch,
): Promise<TransportAnswer> {
  const { url, method, headers, body, timeoutMs } = request
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await client.request<string>({
      url,
      method,
      headers,
      data: body,
      signal,
      transport: watchedTransport(url, watch),
      ...(isLoopback(url) && { proxy: false }),
    })
    return { status: response.status, text: response.data }
  } catch {
    if (!watch.sent) return { failure: 'nothing sent' }
    return { failure: signal.aborted ? 'timeout' : 'broken' }
  }
}

/** Node's own `request`, with an eye on the connection. */
function watchedTransport(url: string, watch: Watch) {
  const { request } = url.startsWith('https:') ? https : http
  const connected = url.startsWith('https:') ? 'secureConnect' : 'connect'
  return {
    request(
      options: RequestOptions,
      onResponse: (response: IncomingMessage) => void,
    ): ClientRequest {
      const outgoing = request(options, onResponse)
      outgoing.once('socket', (socket: Socket) => {
        watch.reused = outgoing.reusedSocket
        watch.sent = watch.reused
        if (watch.reused) return
        const timer = setTimeout(() => outgoing.destroy(), CONNECT_TIMEOUT_MS)
        socket.once('close', () => clearTimeout(timer))
        socket.once(connected, () => {
          clearTimeout(timer)
          watch.sent = true
        })
      })
      return outgoing
    },
  }
}

/** `keepSocketAlive` is Node's documented hook for a socket whose answer is complete. */
function noteAnswers(
  agent: http.Agent,
  answeredAt: WeakMap<object, number>,
  now: () => number,
): void {
  const hooks = agent as unknown as { keepSocketAlive(socket: Socket): boolean }
  const keepSocketAlive = hooks.keepSocketAlive.bind(agent)
  hooks.keepSocketAlive = (socket) => {
    answeredAt.set(socket, now())
    return keepSocketAlive(socket)
  }
}

function dropIdle(agent: http.Agent, since: number, answeredAt: WeakMap<object, number>): void {
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
    if ((answeredAt.get(socket) ?? 0) < since) socket.destroy()
  }
}

/** A proxy from the environment must not see, or be asked for, what stays on this machine. */
function isLoopback(url: string): boolean {
  return /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(url)
}

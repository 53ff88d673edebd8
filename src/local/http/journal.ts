import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingHttpHeaders, ServerResponse } from 'node:http'
import { isLoopback } from '../../wire/loopback.js'

/** Where a call comes in. The calls of sellers that run elsewhere come to the facilitator. */
export type Door = 'gateway' | 'http' | 'facilitator'

/** The part of the stack that failed. */
export type Part = 'REQUEST' | 'RESPONSE' | 'TARGET' | 'HANDLER'

/** What one part of the stack knows of a call. It may hold payments: never print it. */
export type Note =
  | { readonly kind: 'called'; readonly method: string; readonly tool?: string | undefined }
  /** A part failed. The caller is not told why. `output` is what a function gave. */
  | {
      readonly kind: 'failed'
      readonly part: Part
      readonly error: unknown
      readonly output?: unknown
    }
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Readonly<Record<string, unknown>>
      readonly body: unknown
    }
  /** A facilitator was asked, and answered. */
  | {
      readonly kind: 'asked'
      readonly route: string
      readonly sent: unknown
      readonly status: number
      readonly body: unknown
    }
  /** A line of the package's log, and an event of its payments. */
  | { readonly kind: 'logged'; readonly line: unknown }
  | { readonly kind: 'happened'; readonly event: unknown }

/** A note, with its times. Unit: ms since the epoch, in fractions. */
export type TimedNote = Note & {
  /** When the request came of which this is noted: the call's, or a facilitator's. */
  readonly since: number
  readonly at: number
}

/** A call that was served. */
export interface Served {
  readonly door: Door
  /** The port of the stack that served it. */
  readonly port: number
  /** Unit: ms since the epoch. */
  readonly at: number
  /** How long it took. Unit: ms. */
  readonly ms: number
  readonly notes: readonly TimedNote[]
}

/** Every call that a local stack of this process served. Nothing is noted while nobody listens. */
export const SERVED = channel('agentcore-x402:served')

/** A call that is being served. */
interface Serving {
  readonly notes: TimedNote[]
  /** Whether its answer has gone out. What its handler still does then belongs to no call. */
  isOver: boolean
}

/** One request of a call: its own, or one that a facilitator gets. */
interface Journal {
  readonly call: Serving
  readonly since: number
}

const journals = new AsyncLocalStorage<Journal>()

/** Notes something about the call that is being served. */
export function note(one: Note): void {
  const journal = journals.getStore()
  journal?.call.notes.push({ ...one, since: journal.since, at: nowMs() })
}

/**
 * Notes that requests with this id belong to the call that is being served.
 *
 * @returns whether a call is being served.
 */
export function claimRequest(id: string): boolean {
  const call = journals.getStore()?.call
  if (call === undefined || call.isOver) return false
  callers.set(id, call)
  for (const answered of unclaimed) {
    if (answered.id !== id) continue
    unclaimed.delete(answered)
    call.notes.push(...answered.served.notes)
  }
  return true
}

/** Names the call that a request of this process belongs to. */
const CALL_HEADER = 'x-agentcore-x402-call'

/** The calls that asked a facilitator, by the id that their requests carry. Those that are over are not in it. */
const callers = new Map<string, Serving>()

/** Requests that were answered, and may belong to a call of a seller in another process. */
const unclaimed = new Set<{ readonly id: string; readonly served: Served }>()
/** How long such a seller may take to claim a request that was answered. Unit: ms. */
const CLAIM_MS = 50

/** Serves a request, and publishes what was noted meanwhile. */
export async function serveNoted(
  door: Door,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
  serve: () => Promise<void>,
): Promise<void> {
  if (!SERVED.hasSubscribers) return serve()
  const id = String(headers[CALL_HEADER] ?? headers['x-correlation-id'])
  const caller = callers.get(id)
  // A seller of this process asks the facilitator. That belongs to the call that it sells.
  const since = nowMs()
  if (caller !== undefined) return journals.run({ call: caller, since }, serve)
  const call: Serving = { notes: [], isOver: false }
  const port = response.socket?.localPort ?? 0
  response.once('close', () => {
    const ms = Math.round(nowMs() - since)
    call.isOver = true
    const served: Served = { door, port, at: Math.round(since), ms, notes: call.notes }
    if (door === 'facilitator') return publishUnlessClaimed(id, served)
    SERVED.publish(served)
    for (const [own, of] of callers) if (of === call) callers.delete(own)
  })
  return journals.run({ call, since }, serve)
}

/** The time in fractions of a millisecond, which {@link Date.now} does not have. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

function publishUnlessClaimed(id: string, served: Served): void {
  const caller = callers.get(id)
  if (caller !== undefined) return void caller.notes.push(...served.notes)
  const answered = { id, served }
  unclaimed.add(answered)
  setTimeout(() => {
    if (unclaimed.delete(answered)) SERVED.publish(served)
  }, CLAIM_MS)
}

/**
 * Notes from now on which requests of this process belong to which call.
 *
 * @param claim hears the id of each request, and tells whether a call is being served
 * @returns a function that ends it
 * @see https://nodejs.org/api/diagnostics_channel.html#built-in-channels
 */
export function followRequests(claim: (id: string) => boolean = claimRequest): () => void {
  const onRequest = (message: unknown): void => {
    const { request } = message as { request: ClientRequest }
    const id = request.getHeader('x-correlation-id')
    if (typeof id === 'string') claim(id)
  }
  const onFetch = (message: unknown): void => {
    const { request } = message as { request: FetchRequest }
    if (!isLoopback(new URL(request.origin).hostname)) return
    const id = randomUUID()
    if (claim(id)) request.addHeader(CALL_HEADER, id)
  }
  subscribe('http.client.request.start', onRequest)
  subscribe('undici:request:create', onFetch)
  return () => {
    unsubscribe('http.client.request.start', onRequest)
    unsubscribe('undici:request:create', onFetch)
  }
}

interface FetchRequest {
  readonly origin: string | URL
  addHeader(name: string, value: string): void
}

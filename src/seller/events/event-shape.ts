import type { Answer, Original } from '../answer/answer.js'
import { isEventStream } from '../answer/event-stream.js'
import type { StreamAround } from '../../wire/sse.js'
import type { Delivered, Headers, CallTransport } from './call.js'

/** Takes payments out of the parts of an event. */
export interface Strip {
  headers(headers: Headers): Headers
  /** The text of a body without payments. It is unchanged if it is known to hold no payment. */
  text(original: string | undefined): string
  /** The JSON-RPC message without payment. */
  readonly message: unknown
}

/** An event taken apart, whatever its shape. */
export interface OpenedEvent {
  readonly transport: CallTransport
  readonly phase: 'request' | 'response'
  readonly headers: Headers | undefined
  /** The JSON-RPC message; `undefined` if there is none, or none that can be read. */
  readonly message: unknown
  /** The client's own text of the message, if the event has it. */
  readonly rawText?: string | undefined
  /** Only for `http` calls. */
  readonly line?: { readonly method: string; readonly path: string } | undefined
  /** What the target answered, in the response phase. */
  readonly delivered?: Delivered | undefined
  /** The same event without payments. */
  strip(strip: Strip): unknown
}

/** An answer before it takes the shape of its event. */
export interface Reply {
  readonly statusCode: number
  /** The status that is sent instead if {@link CallTransport.realStatus} is true. */
  readonly refusedWith?: number
  readonly headers: Readonly<Record<string, string>>
  /** `undefined`: an answer without body. */
  readonly outcome: Answer['outcome'] | undefined
  /** The event stream that the outcome goes out in, if the shape can carry one. */
  readonly stream?: StreamAround | undefined
  /** The response that the outcome was read from. */
  readonly original?: Original | undefined
  /** The body for callers of plain HTTP, as JSON. */
  readonly plain?: unknown
  /** Members beside a JSON-RPC answer, for callers who look at the HTTP status: the challenge of x402 v1. */
  readonly beside?: Readonly<Record<string, unknown>>
  /**
   * An answer that was paid for is for its buyer alone (`private`). A challenge holds for now only
   * (`no-store`).
   */
  readonly caching?: 'private' | 'no-store'
}

/** The status of a reply over this transport. */
export function statusOf(
  { realStatus }: CallTransport,
  { statusCode, refusedWith }: Reply,
): number {
  return realStatus ? (refusedWith ?? statusCode) : statusCode
}

/** Adds the content type of JSON unless the headers say one that may be of JSON. */
export function withJsonType(headers: Readonly<Record<string, string>>): Record<string, string> {
  const name = Object.keys(headers).find((it) => it.toLowerCase() === 'content-type')
  if (name === undefined) return { 'Content-Type': 'application/json', ...headers }
  if (!isEventStream(headers[name])) return { ...headers }
  const others = Object.entries(headers).filter(([it]) => it !== name)
  return { 'Content-Type': 'application/json', ...Object.fromEntries(others) }
}

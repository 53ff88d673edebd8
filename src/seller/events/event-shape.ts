import type { Answer, Original } from '../answer/answer.js'
import { isEventStream } from '../answer/event-stream.js'
import type { StreamAround } from '../../wire/sse.js'
import type { Delivered, Headers, CallTransport } from './call.js'

/** Takes payments out of the parts of an event. */
export interface Strip {
  headers(headers: Headers): Headers
  /** The text of a body: as it was, or written anew where it is unknown or a payment could be in it. */
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
  /** The client's own text of the message, where the event has it. */
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
  /** Sent instead where {@link CallTransport.realStatus}. */
  readonly refusedWith?: number
  readonly headers: Readonly<Record<string, string>>
  /** `undefined`: an answer without body. */
  readonly outcome: Answer['outcome'] | undefined
  /** The event stream the outcome goes out in, where the shape can carry one. */
  readonly stream?: StreamAround | undefined
  /** The response that the outcome was read from. */
  readonly original?: Original | undefined
  /** The body for callers of plain HTTP, as JSON. */
  readonly plain?: unknown
  /** What callers who look at the HTTP status find beside a JSON-RPC answer: x402 v1's challenge. */
  readonly beside?: Readonly<Record<string, unknown>>
  /** What was paid is for its buyer alone, and what is asked for is for now. */
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

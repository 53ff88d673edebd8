import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { StreamAround } from '../../wire/sse.js'

/** The HTTP response that an answer was read from. What is not changed goes out as it came. */
export interface Original {
  /** For which kind of event it was written. */
  readonly shape: 'http-event' | 'gateway-http' | 'gateway'
  /** Its members beside status and body, e.g. `headers`, `multiValueHeaders`, `cookies`, `statusDescription`. */
  readonly head: Readonly<Record<string, unknown>>
  /** Its headers as {@link Answer.headers} had them first. */
  readonly headers: Readonly<Record<string, string>>
  /** A body that was read as a message of MCP. */
  readonly message?: OriginalMessage | undefined
}

/** The body of a response of MCP. */
export interface OriginalMessage {
  /** As it came. */
  readonly body: string
  readonly base64: boolean
  /** The text of the message in it: JSON. `undefined` if there is none that can be read. */
  readonly text: string | undefined
}

/** A handler's answer, whichever of the four formats it came in. */
export interface Answer extends Charges {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** An MCP result, a JSON-RPC error, or the body of a plain HTTP answer. */
  readonly outcome:
    | { result: McpResult }
    | { error: NonNullable<McpResponse['error']> }
    | { raw: { body: string; base64: boolean } }
  /** The event stream the outcome came in, if it goes out in it again. */
  readonly stream?: StreamAround | undefined
  readonly original?: Original | undefined
  /** `isError`, a JSON-RPC error or a non-2xx output: not charged by default. */
  readonly failed: boolean
  /** MCP 2026-07-28: asks the client for something first. Nothing is sold yet. */
  readonly unfinished: boolean
}

/** What a handler wants charged, unchecked; `undefined` where it does not say. */
export interface Charges {
  /** The answer's own price in credits of a plan. */
  readonly creditsToCharge: unknown
  /** The answer's own price in money. */
  readonly amountToCharge: unknown
}

/** Where `creditsToCharge` may be read from a handler's answer. */
export type CreditsSource = 'meta' | 'header' | 'body' | 'content'

import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { StreamAround } from '../../wire/sse.js'

/** The HTTP response that an answer was read from. Its unchanged parts go out as they came. */
export interface Original {
  /** The kind of event that it was written for. */
  readonly shape: 'http-event' | 'gateway-http' | 'gateway'
  /** Its members beside status and body, e.g. `headers`, `multiValueHeaders`, `cookies`, `statusDescription`. */
  readonly head: Readonly<Record<string, unknown>>
  /** Its headers, as {@link Answer.headers} had them at first. */
  readonly headers: Readonly<Record<string, string>>
  /** The body, if it was read as a message of MCP. */
  readonly message?: OriginalMessage | undefined
}

/** The body of a response of MCP. */
export interface OriginalMessage {
  /** The body as it came. */
  readonly body: string
  readonly base64: boolean
  /** The JSON text of the message in the body. `undefined` if there is none that can be read. */
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
  /** The event stream that the outcome came in, if it goes out in one again. */
  readonly stream?: StreamAround | undefined
  readonly original?: Original | undefined
  /**
   * The answer has `isError`, is a JSON-RPC error, or is an output with a status other than 2xx. It is not
   * charged by default.
   */
  readonly failed: boolean
  /** The answer asks the client for something first (MCP 2026-07-28). Nothing is sold yet. */
  readonly unfinished: boolean
}

/** What a handler wants to charge, unchecked. `undefined` if it does not say. */
export interface Charges {
  /** The answer's own price in credits of a plan. */
  readonly creditsToCharge: unknown
  /** The answer's own price in money. */
  readonly amountToCharge: unknown
}

/** Where `creditsToCharge` may be read from a handler's answer. */
export type CreditsSource = 'meta' | 'header' | 'body' | 'content'

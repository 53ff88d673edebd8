import type { Context } from 'aws-lambda'
import type { CorsHeaders } from './cors-rules.js'
import type { FoundPayment } from './payment-carriers.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { JsonRpcId } from '../../wire/mcp.js'

/** One call as the later stages and the hooks see it. It never holds a payment. */
export interface SoldCall {
  /** The JSON-RPC id with its own type; `undefined` for a notification. */
  readonly id: JsonRpcId | undefined
  /** The JSON-RPC method; for a plain HTTP call its HTTP method. */
  readonly method: string
  /** Full name of the tool (`Target___tool`) in a `tools/call`. `POST /path` in a plain HTTP call. */
  readonly tool: string | undefined
  /** What is called, for people: the tool, or else the method. */
  readonly label: string
  /** The event with every payment stripped, in the shape it came in. */
  readonly event: GatewayEvent
  /** How the call came in. */
  readonly transport: CallTransport
}

/** What an event was read as. */
export type ParsedEvent = { transport: CallTransport; delivered: Delivered | undefined } & (
  | {
      kind: 'call'
      call: SoldCall
      payment: FoundPayment
      /** Whether its result is to be fetched later, by a request of its own. */
      isTask: boolean
      /** Whether its parameters are those of a tool, a prompt or a resource. */
      hasInput: boolean
      /** Values of the header the two phases share, whoever wrote them. */
      seals: readonly string[]
      /** The context without payments. Some shapes have payments there. */
      context: Context | undefined
    }
  /** A browser asks whether a page of another origin may send a request. */
  | { kind: 'preflight'; call: SoldCall; context: Context | undefined }
  /** A client's answer to a request of the server, e.g. to an elicitation. */
  | { kind: 'client-answer'; event: GatewayEvent }
  /** The response phase of an HTTP target, which is not told of its request. */
  | { kind: 'requestless'; event: GatewayEvent }
  | {
      kind: 'invalid'
      id: JsonRpcId | undefined
      code: number
      message: string
      httpStatus: number
      /** What was thrown while the event was read. */
      cause?: unknown
    }
)

/** Who called the Lambda, and so what its answer has to look like. */
export type EventShape = 'gateway' | 'gateway-http' | 'lambda-target' | 'http-event'

/** How a call came in. Plain data, carried with the call to its answer. */
export interface CallTransport {
  /** The kind of event that the call came in. It decides the form of the answer. */
  readonly shape: EventShape
  /** `http`: method and path are what is called. The body is not read. */
  readonly protocol: 'mcp' | 'http'
  /**
   * Whether refusals carry HTTP statuses of their own (402, 503). MCP clients take any status but 2xx for a
   * broken transport, and never see what to pay. So they get 200.
   */
  readonly realStatus: boolean
  /** Whether results have to name their type, as in MCP from 2026-07-28 on. */
  readonly namesResultType?: boolean
  /** Whether the client of this request declares the MCP extension `org.x402/payment`. */
  readonly takesPaymentRequired?: boolean
  /**
   * Whether refusals are JSON-RPC errors. Only a result of `tools/call` can be a refusal: clients take such a result for
   * a broken answer of any other method.
   */
  readonly refusesByError?: boolean
  /**
   * Whether answers may or must have lists of header values. Behind REST APIs they may. Load balancers can be
   * set to read lists only: behind these they must.
   */
  readonly multiValueHeaders?: 'may' | 'must'
  /** The JSON text of the call's id, if it is a number or text that can be written in more than one way. */
  readonly idText?: string | undefined
  /**
   * The CORS headers of the answer, if a page of another origin asks and the seller has the option `cors`.
   */
  readonly cors?: CorsHeaders
}

export type Headers = Record<string, unknown>

/** What a target answered, as the RESPONSE phase is shown it. */
export interface Delivered {
  readonly statusCode: number | undefined
  readonly headers: Headers | undefined
  /** The body, parsed or as text, as the shape has it. */
  readonly body: unknown
  /** The bytes of the body, if the shape has them. */
  readonly base64?: string
  /** Whether only the body can still be changed, since the head of the stream was already sent. */
  readonly bodyOnly: boolean
}

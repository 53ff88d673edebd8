import type { Lambda } from '../../lambda/lambda.js'
import type { Assumptions } from './assumptions.js'

/** A gateway of AgentCore, as far as its callers and its functions can tell. */
export interface GatewayOptions {
  /** What the gateway fronts. All MCP (`lambda`, `mcp`) or all HTTP (`http`), as on live gateways. */
  targets: readonly GatewayTarget[]
  /** Invoked before a target is. Default: none. */
  requestInterceptor?: GatewayInterceptor
  /** Invoked before the caller is answered. The same function may be given in both places. Default: none. */
  responseInterceptor?: GatewayInterceptor
  /** Of `startGateway`. @default 0: the system chooses */
  port?: number
  /**
   * Versions of MCP the gateway speaks, as `supportedVersions`.
   * @default all of 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28
   */
  protocolVersions?: readonly string[]
  /** Offers the built-in tool `x_amz_bedrock_agentcore_search`. It searches by words. @default true */
  search?: boolean
  /**
   * Sends what an MCP server streams as it comes, to clients that accept `text/event-stream`;
   * `streamingConfiguration.enableResponseStreaming`. @default false
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-mcp-streaming.html
   */
  streaming?: boolean
  /**
   * Keeps a session per client (`Mcp-Session-Id`) and one with each MCP server it uses;
   * `sessionConfiguration`. Elicitation and sampling before version 2026-07-28 need it, and `streaming`.
   * `timeoutSeconds` (900 to 28800, default 3600) counts from `initialize`. @default false
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-sessions.html
   */
  sessions?: boolean | { timeoutSeconds?: number }
  /** `'DEBUG'` tells callers why something failed. Default: a fixed sentence. */
  exceptionLevel?: 'DEBUG'
  /** Time an interceptor has, as its Lambda's own timeout. Unit: ms. @default 30_000 */
  interceptorTimeoutMs?: number
  /** Time a target has. Unit: ms. @default 900_000, the limit of a live gateway */
  targetTimeoutMs?: number
  /** What AWS leaves open. Default: see each member. */
  assume?: Partial<Assumptions>
  /** Clock of sessions. Unit: ms since the epoch. @default Date.now */
  now?: () => number
}

export interface GatewayInterceptor {
  lambda: Lambda
  /** Whether its events have the request's headers. @default false */
  passRequestHeaders?: boolean
  /** Of HTTP targets' RESPONSE events: leaves the body out, as `null`. Default: nothing is left out. */
  payloadFilter?: { exclude: readonly { field: 'RESPONSE_BODY' }[] }
}

export type GatewayTarget = LambdaTarget | McpTarget | HttpTarget

interface TargetCommon {
  /** `([0-9a-zA-Z][-]?){1,100}`: tools are called `<name>___<tool>`, HTTP paths start with `/<name>/`. */
  name: string
  /**
   * Request headers the target may get: at most 10, none of those a gateway never propagates.
   * Default: none.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-headers.html
   */
  allowedRequestHeaders?: readonly string[]
}

/** A function that gets the arguments of a tool call as its event. */
export interface LambdaTarget extends TargetCommon {
  lambda: Lambda
  tools: readonly ToolDefinition[]
}

/** An MCP server with a streamable HTTP endpoint. */
export interface McpTarget extends TargetCommon {
  /** Its endpoint, http or https. */
  mcp: string
  /** Response headers of the server that reach the client: at most 10. Default: none. */
  allowedResponseHeaders?: readonly string[]
}

/** Any HTTP server: `/<name>/<rest>` goes to `<http>/<rest>`. */
export interface HttpTarget extends TargetCommon {
  /** Its base URL, http or https. */
  http: string
}

/**
 * A tool of a Lambda target. Its schemas may hold what AgentCore's `SchemaDefinition` may.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_SchemaDefinition.html
 */
export interface ToolDefinition {
  name: string
  description: string
  inputSchema: ToolSchema
  outputSchema?: ToolSchema
}

export interface ToolSchema {
  type: 'string' | 'number' | 'object' | 'array' | 'boolean' | 'integer'
  properties?: Readonly<Record<string, ToolSchema>>
  required?: readonly string[]
  items?: ToolSchema
  description?: string
}

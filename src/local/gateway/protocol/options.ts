import type { Lambda } from '../../lambda/lambda.js'
import type { Assumptions } from './assumptions.js'

/** The options of a local AgentCore Gateway. */
export interface GatewayOptions {
  /**
   * What the gateway fronts. All are MCP (`lambda`, `mcp`) or all are HTTP (`http`), as on live gateways.
   */
  targets: readonly GatewayTarget[]
  /**
   * Called before a target is.
   *
   * @default none
   */
  requestInterceptor?: GatewayInterceptor
  /**
   * Called before the caller is answered. The same function may be given in both places.
   *
   * @default none
   */
  responseInterceptor?: GatewayInterceptor
  /**
   * The port that `startGateway` listens on. Unit: a TCP port, 0 to 65 535.
   *
   * @default 0: the system chooses
   */
  port?: number
  /**
   * The versions of MCP that the gateway speaks, as `supportedVersions` of AWS.
   *
   * @default all of 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28
   */
  protocolVersions?: readonly string[]
  /**
   * Whether there is the built-in tool `x_amz_bedrock_agentcore_search`. It searches by words.
   *
   * @default true
   */
  search?: boolean
  /**
   * Whether clients that accept `text/event-stream` get what an MCP server streams as it comes. It is
   * `streamingConfiguration.enableResponseStreaming` of AWS.
   *
   * @default false
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-mcp-streaming.html
   */
  streaming?: boolean
  /**
   * Whether to keep a session for each client (`Mcp-Session-Id`), and one with each MCP server it uses. It is
   * `sessionConfiguration` of AWS. Elicitation and sampling before version 2026-07-28 need it, and `streaming`.
   * `timeoutSeconds` (900 to 28800 s, by default 3600) counts from `initialize`.
   *
   * @default false
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-sessions.html
   */
  sessions?: boolean | { timeoutSeconds?: number }
  /**
   * `'DEBUG'` tells callers why something failed.
   *
   * @default none: callers get a fixed sentence
   */
  exceptionLevel?: 'DEBUG'
  /**
   * How long an interceptor may take, as the timeout of its Lambda. Unit: ms, 1 to 900 000.
   *
   * @default 30_000
   */
  interceptorTimeoutMs?: number
  /**
   * How long a target may take. Unit: ms, 1 to 900 000.
   *
   * @default 900_000, the limit of a live gateway
   */
  targetTimeoutMs?: number
  /**
   * Positions on what AWS leaves open.
   *
   * @default none: each has its own default
   */
  assume?: Partial<Assumptions>
  /**
   * The clock of sessions, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: () => number
}

/** An interceptor of the local Gateway. */
export interface GatewayInterceptor {
  /** The function: a handler, or what `startLambda` gives. */
  lambda: Lambda
  /**
   * Whether its events have the headers of the request.
   *
   * @default false
   */
  passRequestHeaders?: boolean
  /**
   * Leaves the body out of RESPONSE events of HTTP targets, as `null`.
   *
   * @default none
   */
  payloadFilter?: { exclude: readonly { field: 'RESPONSE_BODY' }[] }
}

/** The lowest priority. It is AWS's default. */
export const DEFAULT_RESOURCE_PRIORITY = 1000

/** A target of the local Gateway: a function, an MCP server or an HTTP server. */
export type GatewayTarget = LambdaTarget | McpTarget | HttpTarget

interface TargetCommon {
  /**
   * The name, as `([0-9a-zA-Z][-]?){1,100}`. Tools are called `<name>___<tool>`, HTTP paths start with `/<name>/`.
   */
  name: string
  /**
   * The request headers that the target may get: at most 10, and none of those that a gateway never propagates.
   *
   * @default none
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-headers.html
   */
  allowedRequestHeaders?: readonly string[]
}

/** A function that gets the arguments of a tool call as its event. */
export interface LambdaTarget extends TargetCommon {
  /** The function. It gets the arguments of a tool call as its event. */
  lambda: Lambda
  /** The tools that it has. */
  tools: readonly ToolDefinition[]
}

/** An MCP server with a streamable HTTP endpoint. */
export interface McpTarget extends TargetCommon {
  /** The endpoint of an MCP server, http or https. */
  mcp: string
  /**
   * Which server answers for a resource if several have its URI: the one with the lowest number. Unit: a rank, a whole
   * number from 0 to 1000.
   *
   * @default 1000
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bedrockagentcore-gatewaytarget-mcpservertargetconfiguration.html
   */
  resourcePriority?: number
  /**
   * The response headers of the server that reach the client: at most 10.
   *
   * @default none
   */
  allowedResponseHeaders?: readonly string[]
}

/** Any HTTP server: `/<name>/<rest>` goes to `<http>/<rest>`. */
export interface HttpTarget extends TargetCommon {
  /** The base URL of an HTTP server, http or https. */
  http: string
}

/**
 * A tool of a Lambda target. Its schemas may hold what AgentCore's `SchemaDefinition` may.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_SchemaDefinition.html
 */
export interface ToolDefinition {
  /** The tool's name. Clients see `<target>___<name>`. */
  name: string
  /** What the tool does, for models. */
  description: string
  /** The schema of the tool's arguments. In MCP its type is `object`. */
  inputSchema: ToolSchema
  /**
   * The schema of the tool's `structuredContent`.
   *
   * @default none
   */
  outputSchema?: ToolSchema
}

/**
 * A schema of AgentCore. It has fewer members than JSON Schema.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_SchemaDefinition.html
 */
export interface ToolSchema {
  /** The type of the value. */
  type: 'string' | 'number' | 'object' | 'array' | 'boolean' | 'integer'
  /** The schemas of the members of an `object`. */
  properties?: Readonly<Record<string, ToolSchema>>
  /** The members of an `object` that have to be there. */
  required?: readonly string[]
  /** The schema of the items of an `array`. */
  items?: ToolSchema
  /** What the value is, for models. */
  description?: string
}

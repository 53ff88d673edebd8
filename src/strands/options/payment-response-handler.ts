import type { Tool, ToolResultBlock } from '@strands-agents/sdk'

/**
 * Reads the 402 in a tool's result, and puts its payment into the tool's input. A handler of your own goes
 * into `customHandlers`, under the name of its tool.
 *
 * A handler never changes what it is given. It never throws, and returns `undefined` if it cannot read
 * something.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export interface PaymentResponseHandler {
  /** The HTTP status that the tool got. 402 asks for a payment. */
  extractStatusCode(result: ToolResultBlock): number | undefined
  /** The headers of that answer. x402 v2 and MPP ask for a payment there. */
  extractHeaders(result: ToolResultBlock): Record<string, string> | undefined
  /** The body of that answer. x402 v1 and MCP ask for a payment there. */
  extractBody(result: ToolResultBlock): Record<string, unknown> | undefined
  /** Whether this input of this tool has a place for a payment. It is called before anything is paid. */
  validateToolInput(input: unknown, tool: Tool | undefined): boolean
  /** A NEW input with the header; `undefined` if there is no place for it. */
  applyPaymentHeader(
    input: unknown,
    header: Readonly<Record<string, string>>,
  ): Record<string, unknown> | undefined
}

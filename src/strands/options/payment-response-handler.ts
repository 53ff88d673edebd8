import type { Tool, ToolResultBlock } from '@strands-agents/sdk'

/**
 * How the 402 in a tool's result is read, and how its payment gets into the tool's input. One of your own
 * goes into `customHandlers`, under the name of its tool.
 *
 * Nothing given is ever changed. What an extractor cannot read is `undefined`; none of them throws.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export interface PaymentResponseHandler {
  /** HTTP status the tool met; 402 asks for a payment. */
  extractStatusCode(result: ToolResultBlock): number | undefined
  /** Headers of that answer, where x402 v2 and MPP ask for a payment. */
  extractHeaders(result: ToolResultBlock): Record<string, string> | undefined
  /** Its body, where x402 v1 and MCP ask for one. */
  extractBody(result: ToolResultBlock): Record<string, unknown> | undefined
  /** Whether a payment could be put into this input of this tool: asked before anything is paid. */
  validateToolInput(input: unknown, tool: Tool | undefined): boolean
  /** A NEW input that carries the header; `undefined` if there is no place for it. */
  applyPaymentHeader(
    input: unknown,
    header: Readonly<Record<string, string>>,
  ): Record<string, unknown> | undefined
}

import type { Tool } from '@strands-agents/sdk'
import { hasPlace } from './schema-place.js'

/** MCP tools whose payment travels beside their arguments, for as long as they are referenced. */
const metaPaid = new WeakSet<Tool>()

/** Notes the place that a tool's last challenge asked for. */
export function rememberPlace(tool: Tool, isInMeta: boolean): void {
  if (isInMeta) metaPaid.add(tool)
  else metaPaid.delete(tool)
}

/**
 * Whether a payment in this tool's input reaches its seller, whatever the schema of the tool's arguments
 * says.
 */
export function isPaidInMeta(tool: Tool): boolean {
  return metaPaid.has(tool)
}

/**
 * Whether a payment at this path of a tool's input reaches its seller. Before the payment it is not known
 * which header it will be in.
 */
export function takesPayment(tool: Tool | undefined, path: readonly string[]): boolean {
  if (tool !== undefined && isPaidInMeta(tool)) return true
  const schema = tool?.toolSpec.inputSchema
  return PAYMENT_HEADERS.every((name) => hasPlace(schema, [...path, name]))
}

const PAYMENT_HEADERS = ['PAYMENT-SIGNATURE', 'X-PAYMENT', 'Authorization']

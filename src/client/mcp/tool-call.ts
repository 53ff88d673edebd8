import { isRecord } from '../../wire/json.js'
import { PAYMENT_META_KEY, PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'

/** The parameters of a tool call. */
export type ToolCall = Record<string, unknown> & { name: string }

/**
 * Whether the arguments are those of a tool call. Clients of another make have other arguments, and their
 * calls are not changed.
 */
export function isToolCall(params: unknown): params is ToolCall {
  return isRecord(params) && typeof params['name'] === 'string'
}

/** Whether the caller pays for the call itself. */
export function carriesPayment({ _meta, arguments: args }: ToolCall): boolean {
  const headers = isRecord(args) && isRecord(args['headers']) ? Object.keys(args['headers']) : []
  const inMeta = isRecord(_meta) && Object.hasOwn(_meta, PAYMENT_META_KEY)
  return inMeta || headers.some((name) => PAYMENT_HEADERS.includes(name.toLowerCase()))
}

const PAYMENT_HEADERS = [PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER]

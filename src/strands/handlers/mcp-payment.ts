import type { JSONValue } from '@strands-agents/sdk'
import { decodeHeader } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import { isMcpRequest } from './mcp-request-payment-handler.js'
import { x402HeadersIn } from './payment-headers.js'

export interface TakenPayment {
  /** The arguments without the payment. */
  args: JSONValue
  payment?: Record<string, unknown> | undefined
}

/**
 * Takes a payment by x402 out of `headers` of a call's arguments. If the arguments are for another tool, a
 * copy stays. Servers that pass a call on look for the payment there, or in `_meta`, and it is not known
 * which.
 */
export function takePayment(args: JSONValue): TakenPayment {
  if (!isObject(args)) return { args }
  if (isMcpRequest(args)) return { args, payment: paymentIn(args.parameters['headers']) }
  const payment = paymentIn(args['headers'])
  return payment === undefined ? { args } : { args: withoutPayment(args), payment }
}

function paymentIn(headers: unknown): Record<string, unknown> | undefined {
  const payments = isRecord(headers) ? x402HeadersIn(headers) : []
  return payments.map(([, value]) => decodeHeader(value)).find((one) => one !== undefined)
}

/** The arguments without the payment. `headers` is removed too if it is then empty. */
function withoutPayment({ headers = {}, ...others }: JsonObject): JsonObject {
  const taken = isRecord(headers) ? x402HeadersIn(headers).map(([name]) => name) : []
  const kept = Object.entries(headers ?? {}).filter(([name]) => !taken.includes(name))
  return kept.length > 0 ? { ...others, headers: Object.fromEntries(kept) } : others
}

type JsonObject = Record<string, JSONValue>

function isObject(value: JSONValue): value is JsonObject {
  return isRecord(value)
}

import { MAX_GATEWAY_HEADER_CHARS } from '../../wire/gateway-events.js'
import { nameInV1 } from '../../wire/networks.js'
import { type SettleResponse, encodeHeader } from '../../wire/x402.js'

/**
 * The x402 SettleResponse with Nevermined's fields, as reported. The fields are chosen one by one, so that a
 * facilitator's internal fields do not go out.
 */
export function toSettleResponse(settled: SettleResponse): Record<string, unknown> {
  const { success, transaction, network } = settled
  const response: Record<string, unknown> = {
    success,
    transaction: transaction ?? '',
    network: network ?? '',
  }
  for (const name of REPORTED) {
    const value = settled[name]
    if (value !== undefined && value !== null) response[name] = String(value)
  }
  return response
}

const REPORTED = [
  'payer',
  'amount',
  'creditsRedeemed',
  'remainingBalance',
  'orderTx',
  'billingModel',
] as const

export function toReceiptV1(response: Record<string, unknown>): Record<string, unknown> {
  const { success, transaction, network, payer } = response
  return { success, transaction, network: nameInV1(String(network)) ?? network, payer }
}

/** Whether a text is longer than any hash. Two copies of such a text in the answer are enough. */
export function isLong(value: unknown): boolean {
  return String(value).length > MAX_REPEATED_CHARS
}

/** Unit: characters. */
const MAX_REPEATED_CHARS = 256

/**
 * A header with the value as base64. A value that is too long for the Gateway is left out: the body has it
 * too.
 */
export function headerOf(name: string, value: unknown): Record<string, string> {
  const encoded = encodeHeader(value)
  return encoded.length <= MAX_GATEWAY_HEADER_CHARS ? { [name]: encoded } : {}
}

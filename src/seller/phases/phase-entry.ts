import { sha256 } from '../../wire/hash.js'
import { gatewayRequestId } from '../events/gateway.js'
import type { Sale } from '../options/sale.js'
import type { Entry } from '../records/entry.js'
import type { Identity } from '../records/identity.js'

/** AgentCore Gateway waits at most this long for a target. Unit: ms. */
export const TARGET_LIMIT_MS = 900_000

/** How the request phase holds a payment: until the target's answer has come. */
export function entryOfRequest(sale: Sale, keepsAnswers: boolean): Entry {
  const isNamed = gatewayRequestId(sale.context) !== undefined
  // Without the Gateway's own id, a request that it repeats cannot be told from one that a client sends
  // twice.
  return {
    owner: ownerOf(sale),
    leaseMs: TARGET_LIMIT_MS,
    reenters: isNamed,
    hasAnswer: false,
    keepsAnswers,
  }
}

/** How the response phase goes on with the payment. */
export function entryOfResponse(
  sale: Sale,
  keepsAnswers: boolean,
  identity: Identity | undefined,
): Entry {
  const leaseMs = sale.settings.settleTimeoutMs * 4
  return { owner: ownerOf(sale), leaseMs, reenters: true, hasAnswer: true, keepsAnswers, identity }
}

/**
 * The owner's name, which is the same in both phases of a call. It is the Gateway's id of the request, or
 * else the client's id.
 */
export function ownerOf({ call, context }: Sale): string {
  const requestId = gatewayRequestId(context)
  const name = requestId ?? JSON.stringify([call.id, call.label])
  return sha256(`${requestId === undefined ? 'client' : 'gateway'}|${name}`)
}

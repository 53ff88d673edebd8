import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { canonicalJson } from '../../wire/canonical-json.js'
import { sha256 } from '../../wire/hash.js'
import { goodUntilMs } from '../../wire/payment-key.js'
import { inputOf } from '../events/call-input.js'
import { gatewayRequestId } from '../events/gateway.js'
import type { Sale } from '../options/sale.js'

/** The hashes by which a payment, and the call it came with, are recognised. */
export interface Identity {
  readonly key: string
  readonly alias: string | undefined
  readonly payloadHash: string
  readonly fingerprint: string
  /** Whether only the buyer can come with this payment. */
  readonly isIdentified: boolean
  /** Unit: ms since the epoch. */
  readonly expiresAt: number
}

/** What distinguishes a payment from others. */
export interface Named {
  /** What makes the payment unique: its nonce and payer, or else the call that is paid with it. */
  readonly key: string
  readonly payload: Readonly<Record<string, unknown>> | undefined
  readonly token: string
  /** Who signed the payment, if it names the signer. */
  readonly payer: string | undefined
  /** The buyer's own id of the payment. */
  readonly paymentId: string | undefined
  /** Whether a stranger can rebuild the payment from public data once it is settled. */
  readonly isPublic: boolean
  /** `resource.url` of the challenge. */
  readonly resource: string
}

const MIN_KEPT_MS = 15 * 60_000
const MAX_KEPT_MS = 24 * 3_600_000

export function identityOf({ call, settings }: Sale, named: Named): Identity {
  const { key, payload, token, paymentId, payer, resource } = named
  const nowMs = settings.now()
  const until = goodUntilMs(payload) ?? Number.POSITIVE_INFINITY
  return {
    key,
    alias: paymentId === undefined ? undefined : sha256(`id|${payer?.toLowerCase()}|${paymentId}`),
    payloadHash: sha256(payload === undefined ? token : canonicalJson(payload)),
    fingerprint: fingerprintOf(call, resource),
    isIdentified: paymentId !== undefined || !named.isPublic,
    expiresAt: Math.min(Math.max(until, nowMs + MIN_KEPT_MS), nowMs + MAX_KEPT_MS),
  }
}

/**
 * The seller's own name for a call.
 *
 * @throws PaymentUnavailableError if `idempotencyKey` throws, or gives anything but a text.
 */
export function nameOfCall({ call, settings }: Sale): string | undefined {
  let name: unknown
  try {
    name = settings.idempotencyKey?.(call.event)
  } catch (cause) {
    throw new PaymentUnavailableError('invalid_options', 'idempotencyKey threw', { cause })
  }
  if (name === undefined || (typeof name === 'string' && name !== '')) return name
  const why = 'idempotencyKey returned neither a text nor undefined'
  throw new PaymentUnavailableError('invalid_options', why)
}

/**
 * What makes a call unique if its token pays for several calls. It is the seller's name for the call, or else
 * the Gateway's request id. The Gateway repeats a request under the same id.
 *
 * @returns `undefined` if two intended calls cannot be told apart.
 */
export function keyOfCall(
  { context }: Sale,
  token: string,
  name: string | undefined,
): string | undefined {
  if (name !== undefined) return sha256(`call|${name}|${token}`)
  const requestId = gatewayRequestId(context)
  return requestId === undefined ? undefined : sha256(`request|${requestId}|${token}`)
}

/** Identity of a call whose token pays for several calls: by its own id, which no client has seen. */
export function identityOfCall(
  correlationId: string,
  { call, settings }: Sale,
  resource: string,
): Identity {
  return {
    key: sha256(`correlation|${correlationId}`),
    alias: undefined,
    payloadHash: '',
    fingerprint: fingerprintOf(call, resource),
    isIdentified: true,
    expiresAt: settings.now() + MIN_KEPT_MS,
  }
}

/**
 * Identity of a call whose token serves several calls, while nobody knows whether the call was charged. The
 * same call again is then taken for the same purchase.
 */
export function identityOfOpenCall(
  token: string,
  { call, settings }: Sale,
  { resource, fingerprint = fingerprintOf(call, resource) }: OpenCall,
): Identity {
  return {
    key: keyOfOpenCall(token, fingerprint),
    alias: undefined,
    payloadHash: '',
    fingerprint,
    isIdentified: true,
    expiresAt: settings.now() + MIN_KEPT_MS,
  }
}

/** The key of a call whose outcome is unknown, if its token serves several calls. */
export function keyOfOpenCall(token: string, fingerprint: string): string {
  return sha256(`open|${fingerprint}|${token}`)
}

/** A call whose outcome is unknown. */
export interface OpenCall {
  readonly resource: string
  /** The fingerprint, if another phase computed it. */
  readonly fingerprint?: string | undefined
}

/**
 * A hash of the call. It leaves out the terms: these are in the payment, and its own hash has to match too.
 */
function fingerprintOf(call: Sale['call'], resource: string): string {
  const { method, tool } = call
  return sha256(canonicalJson([method, tool, resource, inputOf(call)]))
}

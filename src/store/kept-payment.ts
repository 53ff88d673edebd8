import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { KeptPayment } from '../seller/options/payment-record.js'
import type { Sealer } from './sealer.js'

/** A challenge that a seller wrote has far less. Unit: bytes. */
const MAX_BYTES = 4 * 1024 * 1024

/** Makes an attribute of a signed payment: it is compressed, then encrypted. */
export function sealPayment(payment: KeptPayment, key: string, sealer: Sealer): AttributeValue {
  const text = deflateRawSync(JSON.stringify(payment))
  const { keyId, bytes } = sealer.seal(text, placeOf(key))
  return { M: { keyId: { S: keyId }, sealed: { B: bytes } } }
}

/**
 * @returns the signed payment of an item, if it has one.
 * @throws PaymentUnavailableError if no secret fits, or the attribute was changed.
 */
export function openPayment(
  attribute: AttributeValue | undefined,
  key: string,
  sealer: Sealer,
): KeptPayment | undefined {
  const { keyId, sealed } = attribute?.M ?? {}
  if (keyId?.S === undefined || sealed?.B === undefined) return undefined
  const text = sealer.open({ keyId: keyId.S, bytes: sealed.B }, placeOf(key))
  return JSON.parse(inflateRawSync(text, { maxOutputLength: MAX_BYTES }).toString()) as KeptPayment
}

/** An attribute can be read in its own place only. */
function placeOf(key: string): string {
  return `${key}#payment`
}

import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import { isAwsNetwork } from '../../wire/networks.js'
import { isRecord } from '../../wire/json.js'
import { toAmount } from '../../wire/amounts.js'
import { InvalidPaymentInstrument } from '../aws/errors.js'
import { familyOf } from '../manager/network-preference.js'
import type { X402Offer } from './payment-required-request.js'
import { pick } from './best-offer.js'
import type { Buyer, X402Selection } from './selection.js'
import { forbidden } from './forbidden.js'
import type { Terms } from '../../limits/missed-limit.js'

interface Candidate {
  entry: Record<string, unknown>
  terms: Terms & { network: string }
}

/**
 * Selects the entry to pay. Entries that cannot be read are left out, so that an odd one does not spoil the
 * others.
 */
export function selectX402(offer: X402Offer, buyer: Buyer): X402Selection | PaymentError {
  const { version, accepts, resource, extensions } = offer
  const readable = accepts.flatMap((one) => candidateOf(one, version))
  if (readable.length === 0) {
    const fields = `scheme, network, ${AMOUNT[version]}, asset and payTo`
    return new PaymentError('payment_unusable', `accepts: no entry has ${fields}; nothing was paid`)
  }
  const signable = readable.filter(({ terms }) => !isAwsNetwork(terms.network))
  if (signable.length === 0) return onlyAws(readable)
  const payable = signable.filter(({ terms }) => familyOf(terms.network) === buyer.family)
  if (payable.length === 0) {
    const message = `accepts: no entry can be paid from a wallet for ${buyer.family}`
    return new InvalidPaymentInstrument(`${message}; nothing was paid`)
  }
  const picked = pick(payable, buyer)
  if (typeof picked === 'string') return forbidden(picked, buyer.limits, payable)
  return { protocol: 'x402', version, resource, extensions, ...picked }
}

function onlyAws([first]: readonly Candidate[]): PaymentError {
  const where = redacted(first?.terms.network.slice(0, 40) ?? '')
  const message = `accepts: ${where} is a network of AWS Marketplace, where nothing can sign; nothing was paid`
  return new PaymentError('payment_unusable', message)
}

const AMOUNT = { 1: 'maxAmountRequired', 2: 'amount' } as const

function candidateOf(entry: unknown, version: 1 | 2): Candidate[] {
  if (!isRecord(entry)) return []
  const { scheme, network, asset, payTo } = entry
  const amount = toAmount(entry[AMOUNT[version]])
  if (!isText(scheme) || !isText(network) || !isText(asset) || !isText(payTo)) return []
  if (amount === undefined) return []
  const timeoutSeconds = entry['maxTimeoutSeconds']
  const terms = { scheme, network, asset, payees: [payTo], amount, timeoutSeconds }
  return [{ entry, terms }]
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

import { isRecord } from '../../../wire/json.js'
import type { Kind } from '../thing.js'

type Value = Readonly<Record<string, unknown>>

/** How each kind is recognised. The first that fits counts. */
const KINDS: readonly (readonly [kind: Kind, is: (value: Value) => boolean])[] = [
  ['challenge', isChallenge],
  ['mpp_credential', ({ challenge, payload }) => isRecord(challenge) && isRecord(payload)],
  ['payment', isPayment],
  ['verify_answer', ({ isValid }) => isValid !== undefined],
  ['refund_due', (value) => 'correlationId' in value && 'reason' in value && 'id' in value],
  ['receipt', isReceipt],
  ['mpp_challenge', isMppChallenge],
  ['mpp_receipt', isMppReceipt],
  ['error_answer', isErrorAnswer],
  ['seller_answer', isSellerAnswer],
  ['requirement', isRequirement],
]

/** What a JSON object is; `undefined` if it is nothing of x402, MPP or Nevermined. */
export function kindOf(value: Value): Kind | undefined {
  return KINDS.find(([, is]) => is(value))?.[0]
}

function isChallenge(value: Value): boolean {
  const { accepts, x402Version, payload, accepted } = value
  if (Array.isArray(accepts)) return true
  if (x402Version === undefined || payload !== undefined || accepted !== undefined) return false
  return accepts !== undefined || ('error' in value && !isReceipt(value))
}

function isPayment(value: Value): boolean {
  const { x402Version, payload, accepted } = value
  if (x402Version !== undefined) return payload !== undefined || accepted !== undefined
  if (isRecord(accepted) && isRecord(payload)) return true
  return isSigned(value) || (isSigned(payload) && typeof value['scheme'] === 'string')
}

/** The signed part of a payment: EIP-3009 or Permit2. */
function isSigned(payload: unknown): boolean {
  if (!isRecord(payload)) return false
  const { authorization, permit2Authorization } = payload
  return isRecord(authorization) || isRecord(permit2Authorization)
}

function isReceipt(value: Value): boolean {
  if (!('success' in value)) return false
  return RECEIPT_MEMBERS.some((name) => name in value)
}

const RECEIPT_MEMBERS = [
  ...['transaction', 'transactionHash', 'errorReason', 'network', 'payer', 'creditsRedeemed'],
] as const

function isMppChallenge({ id, realm, method, request }: Value): boolean {
  return [id, realm, method].every((one) => typeof one === 'string') && request !== undefined
}

function isMppReceipt({ status, method, reference, challengeId }: Value): boolean {
  if (typeof status !== 'string' || typeof method !== 'string') return false
  return reference !== undefined || challengeId !== undefined
}

/** An answer of Nevermined's API. */
function isErrorAnswer({ code }: Value): boolean {
  return typeof code === 'string' && /^BCK\.[A-Z\d]+\.\d+$/.test(code)
}

/** A refusal of a seller of this package: the body for plain HTTP, or a text of a result. */
function isSellerAnswer({ error, type, text }: Value): boolean {
  const said = type === 'text' ? text : error
  return typeof said === 'string' && said.length < 2_000 && OF_A_SELLER.test(said)
}

/** Sentences that this package writes, and that say whether money moved. */
const OF_A_SELLER =
  /you were not charged|\bcharged nothing\b|do not pay again|the seller owes you a refund/i

function isRequirement(value: Value): boolean {
  const { scheme, network } = value
  if (typeof scheme !== 'string' || typeof network !== 'string') return false
  return ['payTo', 'planId', 'amount', 'maxAmountRequired'].some((name) => name in value)
}

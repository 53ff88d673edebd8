import { isRecord } from '../../wire/json.js'

/**
 * Whether a seller says that a payment was sent to its network and is not confirmed yet. Such a payment may
 * still be taken, so it counts neither as paid nor as refused.
 *
 * It reads a settlement, a challenge, or the JSON body of an answer. It looks at the reason under any of its
 * names, at lists of errors, and at the extension `settlement-status`. A body that only says
 * `status: 'pending'` is about its own work.
 */
export function saysPending(value: unknown): boolean {
  return isRecord(value) && value['success'] !== true && pendingIn(value, 0)
}

/** Members that hold a reason in x402, in answers of facilitators, or in error objects of servers. */
const REASONS = ['errorReason', 'invalidReason', 'error', 'reason', 'code', 'message', 'status']
/** Members that hold an object with a reason. */
const PARTS = ['error', 'data', 'settlement', 'receipt']
const MAX_DEPTH = 2

function pendingIn(value: Record<string, unknown>, depth: number): boolean {
  const { status, paymentId, success, errorReason, errors, extensions } = value
  const isSettlement = paymentId !== undefined || success === false
  if (isPending(errorReason) || (isSettlement && isPending(status))) return true
  if (REASONS.some((name) => namesPending(value[name]))) return true
  const settlement = isRecord(extensions) ? extensions['settlement-status'] : undefined
  if (isRecord(settlement) && isPending(settlement['status'])) return true
  if (depth === MAX_DEPTH) return false
  const listed: unknown[] = Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : []
  const parts = [...listed, ...PARTS.map((name) => value[name])]
  return parts.some((part) => isRecord(part) && pendingIn(part, depth + 1))
}

const MAX_ERRORS = 10

function isPending(said: unknown): boolean {
  return typeof said === 'string' && said.toLowerCase() === 'pending'
}

/**
 * Whether a text has the code, alone or in a sentence such as
 * `Payment settlement failed: settlement_pending`.
 */
function namesPending(reason: unknown): boolean {
  return typeof reason === 'string' && reason.length <= MAX_REASON_CHARS && CODE.test(reason)
}

/** Unit: characters. */
const MAX_REASON_CHARS = 500
const CODE =
  /(?:settlement|payment|transaction)[_ -](?:is[_ -])?(?:still[_ -])?pending|outcome_unknown/i

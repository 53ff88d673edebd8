import { spentState } from '../errors/used-codes.js'
import { isRecord } from '../wire/json.js'
import { SETTLEMENT_PENDING, saysPending, settlementNames } from './settlement-status.js'

type Fields = Readonly<Record<string, unknown>>

/** Reads an answer to verify from a body, whatever the status is. @returns `undefined` if it is none. */
export function verifyAnswerIn(httpStatus: number, body: unknown): Fields | undefined {
  const said = isRecord(body) ? body : {}
  if (isSuccess(httpStatus)) return said
  const invalidReason =
    said['isValid'] === false ? said['invalidReason'] : errorIn(httpStatus, said)
  const isNo = isRefusal(httpStatus) && isText(invalidReason)
  return isNo ? { ...said, isValid: false, invalidReason } : undefined
}

/**
 * Reads an answer to settle from a body, whatever the status is. Some facilitators use an error status to say that
 * the money is on its way. If the body says no more, the status counts.
 *
 * @returns `undefined` if it is none.
 */
export function settleAnswerIn(httpStatus: number, body: unknown): Fields | undefined {
  const said = isRecord(body) ? body : {}
  if (isSuccess(httpStatus)) return accepted(said) ?? said
  const { success } = said
  const errorReason = success === false ? said['errorReason'] : errorIn(httpStatus, said)
  const refusal = { transaction: '', ...said, success: false, errorReason }
  // It is an error and says that it succeeded. Nobody knows which of the two is true.
  if (success === true) return { ...refusal, errorReason: 'unexpected_settle_error' }
  const saysMore = saysPending(refusal) || 'transaction' in settlementNames(said)
  if (success === false && saysMore) return refusal
  if (!isText(errorReason)) return undefined
  return isRefusal(httpStatus) || isPlain(errorReason) ? refusal : undefined
}

/** Reads a `202` with an id: the settlement goes on. */
function accepted(said: Fields): Fields | undefined {
  const { settlementId } = settlementNames(said)
  if (typeof said['success'] === 'boolean' || settlementId === undefined) return undefined
  return { ...said, success: false, errorReason: SETTLEMENT_PENDING }
}

/** The reason that an error names, of any kind. */
export function reasonIn(body: unknown): unknown {
  const { errorReason, invalidReason, errors } = isRecord(body) ? body : {}
  return errorReason ?? invalidReason ?? firstReason(errors)
}

/** What an error says of the payment. With 401 and 403 the error is about the seller's key, so it is no answer. */
function errorIn(httpStatus: number, { errors }: Fields): unknown {
  const isOfKey = httpStatus === 401 || httpStatus === 403
  return isRefusal(httpStatus) && !isOfKey ? firstReason(errors) : undefined
}

/** Circle's errors: `{ code, message, errors: [{ reason }] }`. */
function firstReason(errors: unknown): unknown {
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
  return isRecord(first) ? first['reason'] : undefined
}

/**
 * A server that failed may have failed after it sent the payment. A reason counts if it was found before: the payment
 * is not good, or the money is not there. It also counts if it says that the payment may have been sent.
 */
function isPlain(reason: string): boolean {
  return spentState(reason) !== 'other' || FOUND_BEFORE.test(reason)
}

const FOUND_BEFORE = /^(invalid|unsupported|insufficient|permit2)_|insufficient_(funds|balance)$/

/** Whether a status refuses. Two statuses below 500 only mean "not now": too slow, and too many. */
function isRefusal(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus <= 299
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

import { spentState } from '../errors/used-codes.js'
import { isRecord } from '../wire/json.js'
import { SETTLEMENT_PENDING, saysPending, settlementNames } from './settlement-status.js'

type Fields = Readonly<Record<string, unknown>>

/** The answer to verify that a body is, whatever its status. @returns `undefined` if it is none. */
export function verifyAnswerIn(httpStatus: number, body: unknown): Fields | undefined {
  const said = isRecord(body) ? body : {}
  if (isSuccess(httpStatus)) return said
  const invalidReason =
    said['isValid'] === false ? said['invalidReason'] : errorIn(httpStatus, said)
  const isNo = isRefusal(httpStatus) && isText(invalidReason)
  return isNo ? { ...said, isValid: false, invalidReason } : undefined
}

/**
 * The answer to settle that a body is, whatever its status: some facilitators say with an error status that the
 * money is on its way. Its status counts where the body does not say more.
 *
 * @returns `undefined` if it is none.
 */
export function settleAnswerIn(httpStatus: number, body: unknown): Fields | undefined {
  const said = isRecord(body) ? body : {}
  if (isSuccess(httpStatus)) return accepted(said) ?? said
  const { success } = said
  const errorReason = success === false ? said['errorReason'] : errorIn(httpStatus, said)
  const refusal = { transaction: '', ...said, success: false, errorReason }
  // An error that says it succeeded: what is true of it nobody knows.
  if (success === true) return { ...refusal, errorReason: 'unexpected_settle_error' }
  const saysMore = saysPending(refusal) || 'transaction' in settlementNames(said)
  if (success === false && saysMore) return refusal
  if (!isText(errorReason)) return undefined
  return isRefusal(httpStatus) || isPlain(errorReason) ? refusal : undefined
}

/** `202` with an id, of a settlement that goes on. */
function accepted(said: Fields): Fields | undefined {
  const { settlementId } = settlementNames(said)
  if (typeof said['success'] === 'boolean' || settlementId === undefined) return undefined
  return { ...said, success: false, errorReason: SETTLEMENT_PENDING }
}

/** The reason that an error names, whatever it is about. */
export function reasonIn(body: unknown): unknown {
  const { errorReason, invalidReason, errors } = isRecord(body) ? body : {}
  return errorReason ?? invalidReason ?? firstReason(errors)
}

/** What an error says of the payment. With 401 and 403 it speaks of the seller's key, which is no answer. */
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

/** Statuses of "no". Two below 500 speak of the moment: too slow, too many. */
function isRefusal(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus <= 299
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

import { OptionsError } from '../errors/payment-error.js'
import {
  NOTHING_SENT,
  PaymentsError,
  UNREADABLE,
  failureOfError,
  lost,
  type FacilitatorFailure,
} from '../errors/facilitator-failure.js'
import { wasNeverSent } from '../errors/never-sent.js'

/** The developer's own code around the facilitator gave something that cannot be used. */
const MISCONFIGURED: Readonly<FacilitatorFailure> = {
  code: 'invalid_options',
  httpStatus: undefined,
  retryable: false,
  outcome: 'misconfigured',
}

/**
 * Reads whatever a `FacilitatorClient` threw that is no answer: ours, that of `@x402/core`, or an error of
 * Node. Keeps facts and no prose. What nothing can be told of may have happened.
 *
 * @see https://www.npmjs.com/package/@x402/core
 */
export function failureOfX402(error: unknown): FacilitatorFailure {
  if (error instanceof PaymentsError) return failureOfError(error)
  if (error instanceof OptionsError) return MISCONFIGURED
  const { name, code, statusCode, message } = fieldsOf(error)
  if (name === 'FacilitatorResponseError') return UNREADABLE
  if (TIMEOUTS.has(String(name)) || code === 'timeout') return lost('timeout')
  if (wasNeverSent(error)) return NOTHING_SENT
  const httpStatus = typeof statusCode === 'number' ? statusCode : statusIn(message)
  return httpStatus === undefined ? lost('network_error') : failureOfStatus(httpStatus)
}

/** What a status says that came without an answer to verify or settle. */
export function failureOfStatus(httpStatus: number): FacilitatorFailure {
  const code = `http_${httpStatus}` as const
  if (httpStatus === 429) return { code, httpStatus, retryable: true, outcome: 'unavailable' }
  const outcome = isFinal(httpStatus) ? 'misconfigured' : 'unknown'
  return { code, httpStatus, retryable: false, outcome }
}

/**
 * The answer inside an error of `@x402/core`, which throws `VerifyError` and `SettleError` for what many
 * facilitators say with a status of 4xx.
 */
export function answerOfX402(error: unknown): Record<string, unknown> | undefined {
  const { name, statusCode, invalidReason, errorReason, transaction, network, payer } =
    fieldsOf(error)
  const answer =
    name === 'VerifyError'
      ? { isValid: false, invalidReason, payer }
      : { success: false, errorReason, transaction, network, payer }
  const isOfficial = name === 'VerifyError' || name === 'SettleError'
  return isOfficial && isRefusal(Number(statusCode), answer) ? answer : undefined
}

/** Whether a status of 4xx came with an answer to verify or settle: a no, with a reason. */
export function isRefusal(httpStatus: number, answer: Record<string, unknown>): boolean {
  const { isValid, invalidReason, success, errorReason } = answer
  const reason = isValid === false ? invalidReason : success === false ? errorReason : undefined
  const isAnswering = httpStatus >= 400 && httpStatus < 500 && !NO_ANSWER.has(httpStatus)
  return isAnswering && typeof reason === 'string' && reason !== ''
}

/** Statuses below 500 that speak of the moment: too slow, too many. */
const NO_ANSWER = new Set([408, 429])

/** The server did nothing but say so. After a 303 it did. */
function isFinal(httpStatus: number): boolean {
  if (httpStatus >= 400 && httpStatus < 500) return httpStatus !== 408
  return [301, 302, 307, 308].includes(httpStatus)
}

/** Of undici and of `@x402/core`. */
const TIMEOUTS = new Set(['FacilitatorTimeoutError', 'TimeoutError', 'AbortError'])

/** `@x402/core` writes the status of what is no answer nowhere else. */
function statusIn(message: unknown): number | undefined {
  const [, digits] =
    /^Facilitator (?:verify|settle|getSupported) failed \((\d{3})\)/.exec(String(message)) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function fieldsOf(thrown: unknown): Record<string, unknown> {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {}
}

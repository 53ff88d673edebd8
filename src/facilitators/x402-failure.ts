import { OptionsError } from '../errors/payment-error.js'
import { NOTHING_SENT, UNREADABLE, failureOfError, lost } from '../errors/facilitator-failure.js'
import { PaymentsError, type FacilitatorFailure } from '../errors/payments-error.js'
import { wasNeverSent } from '../errors/never-sent.js'
import { publicReason } from '../errors/redact.js'
import { parseJson } from '../wire/json.js'
import { reasonIn, settleAnswerIn, verifyAnswerIn } from './answer-in.js'

/** The developer's own code gave something that cannot be used. */
const MISCONFIGURED: Readonly<FacilitatorFailure> = {
  code: 'invalid_options',
  httpStatus: undefined,
  retryable: false,
  outcome: 'misconfigured',
}

/**
 * Reads what a `FacilitatorClient` threw: our error, one of `@x402/core`, or one of Node. It keeps codes and no
 * messages. If the error says nothing, the money may have moved.
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
  if (typeof statusCode === 'number') return failureOfStatus(statusCode)
  const said = textIn(message)
  return said === undefined ? lost('network_error') : failureOfStatus(said.httpStatus, said.body)
}

/** Reads a status that came without an answer to verify or settle. Only a reason is kept of the body. */
export function failureOfStatus(httpStatus: number, body?: unknown): FacilitatorFailure {
  const code = `http_${httpStatus}` as const
  const reason = publicReason(reasonIn(body))
  const facts = { code, httpStatus, ...(reason !== undefined && { reason }) }
  if (httpStatus === 429) return { ...facts, retryable: true, outcome: 'unavailable' }
  const outcome = isFinal(httpStatus) ? 'misconfigured' : 'unknown'
  return { ...facts, retryable: false, outcome }
}

/**
 * The answer inside an error of `@x402/core`. It throws `VerifyError` and `SettleError` for what facilitators
 * say with an error status. If the body has another form, it throws a plain error that quotes the body.
 */
export function answerOfX402(error: unknown): Readonly<Record<string, unknown>> | undefined {
  const { name, statusCode, invalidReason, errorReason, transaction, network, payer, message } =
    fieldsOf(error)
  const status = Number(statusCode)
  if (name === 'VerifyError')
    return verifyAnswerIn(status, { isValid: false, invalidReason, payer })
  if (name === 'SettleError') {
    return settleAnswerIn(status, { success: false, errorReason, transaction, network, payer })
  }
  const said = textIn(message)
  if (said === undefined || said.path === 'getSupported') return undefined
  const answerIn = said.path === 'settle' ? settleAnswerIn : verifyAnswerIn
  return answerIn(said.httpStatus, said.body)
}

/** Whether a status shows that nothing was done. A 303 and a 408 do not show that. */
function isFinal(httpStatus: number): boolean {
  if (httpStatus >= 400 && httpStatus < 500) return httpStatus !== 408
  return [301, 302, 307, 308].includes(httpStatus)
}

/** Names of the timeouts of undici and of `@x402/core`. */
const TIMEOUTS = new Set(['FacilitatorTimeoutError', 'TimeoutError', 'AbortError'])

/** Finds status and body in a message. `@x402/core` has them nowhere else if it cannot read an answer. */
function textIn(message: unknown) {
  const text = String(message).slice(0, MAX_CHARS)
  const [, path, digits, body = ''] =
    /^Facilitator (verify|settle|getSupported) failed \((\d{3})\)(?:: ?([^]*))?/.exec(text) ?? []
  if (digits === undefined) return undefined
  return { path, httpStatus: Number(digits), body: parseJson(body) }
}

/** Unit: characters. */
const MAX_CHARS = 65_536

function fieldsOf(thrown: unknown): Record<string, unknown> {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {}
}

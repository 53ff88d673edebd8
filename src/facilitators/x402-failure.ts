import { OptionsError } from '../errors/payment-error.js'
import { NOTHING_SENT, UNREADABLE, failureOfError, lost } from '../errors/facilitator-failure.js'
import { PaymentsError, type FacilitatorFailure } from '../errors/payments-error.js'
import { wasNeverSent } from '../errors/never-sent.js'
import { publicReason } from '../errors/redact.js'
import { parseJson } from '../wire/json.js'
import { reasonIn, settleAnswerIn, verifyAnswerIn } from './answer-in.js'

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
  if (typeof statusCode === 'number') return failureOfStatus(statusCode)
  const said = textIn(message)
  return said === undefined ? lost('network_error') : failureOfStatus(said.httpStatus, said.body)
}

/** What a status says that came without an answer to verify or settle. Of the body only a reason is kept. */
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

/** The server did nothing but say so. After a 303 it did. */
function isFinal(httpStatus: number): boolean {
  if (httpStatus >= 400 && httpStatus < 500) return httpStatus !== 408
  return [301, 302, 307, 308].includes(httpStatus)
}

/** Names of the timeouts of undici and of `@x402/core`. */
const TIMEOUTS = new Set(['FacilitatorTimeoutError', 'TimeoutError', 'AbortError'])

/** `@x402/core` writes status and body of what it cannot read nowhere else. */
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

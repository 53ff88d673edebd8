import { PaymentError, type PaymentErrorCode } from './errors.js'
import { isRecord } from './x402.js'

/**
 * What a failed call to the facilitator means:
 * - `refused`: this payment is not acceptable, nothing moved;
 * - `misconfigured`: the seller's key, plan, agent or request is wrong, nothing moved;
 * - `unavailable`: the facilitator could not do it, nothing moved;
 * - `unknown`: it may have happened.
 */
export type FacilitatorOutcome = 'refused' | 'misconfigured' | 'unavailable' | 'unknown'

/** A failed call to Nevermined, with everything its error body says except the prose. */
export class PaymentsError extends PaymentError {
  override readonly name = 'PaymentsError'
  /** HTTP status of the answer; `undefined` if none came. */
  readonly httpStatus: number | undefined
  /** True if the same call may be repeated without any risk of charging twice. */
  readonly retryable: boolean
  readonly outcome: FacilitatorOutcome
  /** The `x-correlation-id` of the call, for support. */
  readonly correlationId: string | undefined

  constructor(facts: FacilitatorFailure, options?: ErrorOptions) {
    super(facts.code, `Nevermined answered ${facts.code}`, options)
    this.httpStatus = facts.httpStatus
    this.retryable = facts.retryable
    this.outcome = facts.outcome
    this.correlationId = facts.correlationId
  }
}

/** The four facts every failure is reduced to. */
export interface FacilitatorFailure {
  code: PaymentErrorCode
  httpStatus: number | undefined
  retryable: boolean
  outcome: FacilitatorOutcome
  correlationId?: string | undefined
}

type Row = readonly [outcome: FacilitatorOutcome, httpStatus: number]

/** Nevermined's documented codes. Card-rail codes 0037–0047 go by their HTTP status. */
const CODES: Readonly<Record<string, Row>> = {
  'BCK.X402.0001': ['misconfigured', 404],
  'BCK.X402.0002': ['misconfigured', 404],
  'BCK.X402.0003': ['misconfigured', 400],
  'BCK.X402.0005': ['refused', 402],
  'BCK.X402.0006': ['unknown', 500],
  'BCK.X402.0007': ['refused', 500],
  'BCK.X402.0008': ['refused', 500],
  'BCK.X402.0009': ['unknown', 500], // may have charged the card
  'BCK.X402.0010': ['refused', 400],
  'BCK.X402.0011': ['refused', 404],
  'BCK.X402.0012': ['misconfigured', 400],
  'BCK.X402.0013': ['refused', 400],
  'BCK.X402.0014': ['refused', 400],
  'BCK.X402.0015': ['refused', 404],
  'BCK.X402.0016': ['refused', 400],
  'BCK.X402.0017': ['unknown', 500], // card charged, credits not minted
  'BCK.X402.0018': ['misconfigured', 500],
  ...codes('BCK.X402', 19, 30, ['refused', 402]),
  ...codes('BCK.X402', 34, 36, ['refused', 402]),
  'BCK.X402.0048': ['unknown', 502], // may have charged
  'BCK.X402.0049': ['refused', 402],
  'BCK.X402.0050': ['misconfigured', 400],
  'BCK.X402.0051': ['unavailable', 503],
  'BCK.X402.0052': ['unavailable', 503],
  'BCK.X402.0053': ['refused', 404],
  'BCK.X402.0054': ['refused', 402],
  'BCK.X402.0055': ['refused', 402],
  'BCK.X402.0056': ['unknown', 500],
  'BCK.X402.0059': ['refused', 402], // single-use token already spent
  'BCK.CREDITS.0002': ['misconfigured', 400],
  'BCK.CREDITS.0003': ['refused', 402],
  'BCK.AUTH.0002': ['misconfigured', 401],
  'BCK.AUTH.0015': ['misconfigured', 401],
  'BCK.APIKEY.0004': ['misconfigured', 401],
  'BCK.APIKEY.0017': ['unavailable', 409],
  'BCK.PROTOCOL.0003': ['misconfigured', 404],
  'BCK.PROTOCOL.0004': ['misconfigured', 404],
  'BCK.VERSION.0001': ['misconfigured', 400],
  'BCK.COMMON.0026': ['misconfigured', 400],
}

const RETRYABLE = new Set(['BCK.X402.0051', 'BCK.X402.0052', 'BCK.APIKEY.0017'])

/** Node's codes for a connection that was never made: the request cannot have been seen. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** The call did not leave this machine: safe to repeat. */
export const NOTHING_SENT: Readonly<FacilitatorFailure> = {
  code: 'network_error',
  httpStatus: undefined,
  retryable: true,
  outcome: 'unavailable',
}

function codes(family: string, from: number, to: number, row: Row): Record<string, Row> {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  return Object.fromEntries(numbers.map((n) => [`${family}.${String(n).padStart(4, '0')}`, row]))
}

/** Reads a non-2xx answer, whatever its body is: Nevermined's JSON, a gateway's HTML, or nothing. */
export function failureOfAnswer(httpStatus: number, body: unknown): FacilitatorFailure {
  const record = isRecord(body) ? body : {}
  const code = typeof record['code'] === 'string' ? record['code'] : `http_${httpStatus}`
  return failureOfCode(code, httpStatus, record['retryable'] === true)
}

/**
 * Reads whatever a facilitator object threw: ours, or the official client's `PaymentsError`, which
 * keeps the code and drops status and `retryable`.
 */
export function failureOfError(error: unknown): FacilitatorFailure {
  if (error instanceof PaymentsError) {
    const { code, httpStatus, retryable, outcome, correlationId } = error
    return { code, httpStatus, retryable, outcome, correlationId }
  }
  const code = isRecord(error) || error instanceof Error ? (error as { code?: unknown }).code : ''
  if (typeof code !== 'string') return failureOfCode('network_error', undefined, false)
  if (NEVER_SENT.has(code)) return NOTHING_SENT
  return failureOfCode(code, undefined, false)
}

/**
 * What of an outside error may be kept as a `cause`: its facts. Its message, stack and fields can quote
 * the payment or the key, and hooks log the errors they are given.
 */
export function withoutProse(error: unknown): PaymentsError {
  return error instanceof PaymentsError ? error : new PaymentsError(failureOfError(error))
}

function failureOfCode(
  code: string,
  httpStatus: number | undefined,
  saysRetryable: boolean,
): FacilitatorFailure {
  const row = Object.hasOwn(CODES, code) ? CODES[code] : undefined
  const status = httpStatus ?? row?.[1] ?? statusInCode(code)
  const outcome = row?.[0] ?? outcomeOfStatus(status)
  // A code that can mean "charged" is never made retryable by the body's own flag.
  const retryable = RETRYABLE.has(code) || (saysRetryable && row?.[0] !== 'unknown')
  return {
    code: /^(BCK\.[A-Z0-9]+\.\d+|http_\d+|timeout|unreadable_answer)$/.test(code)
      ? (code as PaymentErrorCode)
      : 'network_error',
    httpStatus: status,
    retryable,
    outcome: retryable ? 'unavailable' : outcome,
  }
}

/** `http_502` and `BCK.HTTP.429` carry the status in the code. */
function statusInCode(code: string): number | undefined {
  const digits = /^(?:http_|BCK\.HTTP\.)(\d{3})$/.exec(code)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function outcomeOfStatus(status: number | undefined): FacilitatorOutcome {
  if (status === undefined || status === 408 || status >= 500 || status < 400) return 'unknown'
  if (status === 402) return 'refused'
  return status === 429 ? 'unavailable' : 'misconfigured'
}

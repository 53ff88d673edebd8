import type { PaymentErrorCode } from './payment-error.js'
import {
  type FacilitatorFailure,
  type FacilitatorOutcome,
  PaymentsError,
} from './payments-error.js'
import { isRecord, parseJson } from '../wire/json.js'
import { wasNeverSent } from './never-sent.js'

type Row = readonly [outcome: FacilitatorOutcome, httpStatus: number]

/**
 * Nevermined's documented codes, each with its HTTP status. Codes of card rails (0037–0047) are read by their
 * status. Codes after which the buyer may have been charged are `unknown`: 0009 and 0048 (the card), and 0017
 * (charged, but credits not minted).
 */
const CODES = tableOf({
  misconfigured:
    'X402.0001=404 X402.0002=404 X402.0003=400 X402.0012=400 X402.0018=500 X402.0050=400 ' +
    'CREDITS.0002=400 AUTH.0002=401 AUTH.0015=401 APIKEY.0004=401 PROTOCOL.0003=404 ' +
    'PROTOCOL.0004=404 VERSION.0001=400 COMMON.0026=400',
  refused:
    'X402.0005=402 X402.0007=500 X402.0008=500 X402.0010=400 X402.0011=404 X402.0013=400 ' +
    'X402.0014=400 X402.0015=404 X402.0016=400 X402.0049=402 X402.0053=404 X402.0054=402 ' +
    'X402.0055=402 X402.0059=402 CREDITS.0003=402',
  unknown: 'X402.0006=500 X402.0009=500 X402.0017=500 X402.0048=502 X402.0056=500',
  unavailable: 'X402.0051=503 X402.0052=503 APIKEY.0017=409',
})
for (const [from, to] of [
  [19, 30],
  [34, 36],
] as const) {
  for (let n = from; n <= to; n++) CODES.set(`BCK.X402.00${n}`, ['refused', 402])
}

/**
 * The only codes that the table of the API calls safe to repeat. A flag in the answer's body is not believed.
 */
const RETRYABLE: ReadonlySet<string> = new Set(['BCK.X402.0051', 'BCK.X402.0052'])

/** The request did not leave this machine, so it is safe to repeat. */
export const NOTHING_SENT: Readonly<FacilitatorFailure> = {
  code: 'network_error',
  httpStatus: undefined,
  retryable: true,
  outcome: 'unavailable',
}

/** The status says success, but the answer cannot be read. */
export const UNREADABLE: Readonly<FacilitatorFailure> = lost('unreadable_answer')

/** The request may have arrived. What came of it is not known. */
export function lost(code: 'timeout' | 'network_error' | 'unreadable_answer'): FacilitatorFailure {
  return { code, httpStatus: undefined, retryable: false, outcome: 'unknown' }
}

/** The failure of a request that was not sent, or that got no answer. */
export function failureOfTransport({
  failure,
  detail,
}: {
  failure: 'nothing sent' | 'timeout' | 'broken'
  detail?: string | undefined
}): FacilitatorFailure {
  if (failure === 'nothing sent') return { ...NOTHING_SENT, detail }
  return { ...lost(failure === 'timeout' ? 'timeout' : 'network_error'), detail }
}

/** What an answer that is not the promised JSON looks like. */
export function formOf({ status, text }: { status: number; text: string }): string {
  if (status >= 300 && status <= 399) return 'redirect'
  const start = text.trimStart()
  if (start === '') return 'empty'
  if (start.startsWith('<')) return 'html'
  return parseJson(start) === undefined ? 'text' : 'json'
}

function tableOf(rows: Record<FacilitatorOutcome, string>): Map<string, Row> {
  const entries = Object.entries(rows) as [FacilitatorOutcome, string][]
  return new Map(
    entries.flatMap(([outcome, codes]) =>
      codes.split(' ').map((one): [string, Row] => {
        const [code, status] = one.split('=')
        return [`BCK.${code}`, [outcome, Number(status)]]
      }),
    ),
  )
}

/**
 * Reads an answer whose status is not 2xx, whatever its body is: Nevermined's JSON, a gateway's HTML, or
 * nothing.
 *
 * @param isRepeatable whether repeating is harmless. Only then the body's own `retryable` is believed: a
 * server that charged and then failed can say it too.
 */
export function failureOfAnswer(
  httpStatus: number,
  body: unknown,
  isRepeatable: boolean,
): FacilitatorFailure {
  const record = isRecord(body) ? body : {}
  const code = typeof record['code'] === 'string' ? record['code'] : `http_${httpStatus}`
  const failure = failureOfCode(code, httpStatus)
  const saysRetryable = isRepeatable && record['retryable'] === true
  return saysRetryable ? { ...failure, retryable: true, outcome: 'unavailable' } : failure
}

/**
 * Reads whatever a facilitator object threw: our error, or the official client's `PaymentsError`. The latter
 * keeps the code, and drops status and `retryable`.
 */
export function failureOfError(error: unknown): FacilitatorFailure {
  if (error instanceof PaymentsError) {
    const { code, httpStatus, retryable, outcome, correlationId, reason, detail, mistake } = error
    return { code, httpStatus, retryable, outcome, correlationId, reason, detail, mistake }
  }
  const said = isRecord(error) || error instanceof Error ? (error as { code?: unknown }).code : ''
  const code = typeof said === 'string' ? said : 'network_error'
  // A code of the service came with an answer, whatever cause stands beside it.
  if (!code.startsWith('BCK.') && wasNeverSent(error)) return NOTHING_SENT
  return failureOfCode(code, undefined)
}

/**
 * The facts of an outside error that may be kept as a `cause`. Its message, stack and fields can quote the
 * payment or the key, and hooks log the errors they are given.
 */
export function withoutProse(error: unknown): PaymentsError {
  return error instanceof PaymentsError ? error : new PaymentsError(failureOfError(error))
}

function failureOfCode(code: string, httpStatus: number | undefined): FacilitatorFailure {
  const row = CODES.get(code)
  const status = httpStatus ?? row?.[1] ?? statusInCode(code)
  return {
    code: /^(BCK\.[A-Z0-9]{1,24}\.\d{1,6}|http_\d{1,6}|timeout|unreadable_answer)$/.test(code)
      ? (code as PaymentErrorCode)
      : 'network_error',
    httpStatus: status,
    retryable: RETRYABLE.has(code),
    outcome: row?.[0] ?? outcomeOfStatus(status, !/^(http_|BCK\.HTTP\.)/.test(code)),
  }
}

/** Reads the status from codes such as `http_502` and `BCK.HTTP.429`. */
function statusInCode(code: string): number | undefined {
  const digits = /^(?:http_|BCK\.HTTP\.)(\d{3})$/.exec(code)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/**
 * A 402 without a code does not say whether the payment is refused or used. If it is used, it may be for this
 * call.
 */
function outcomeOfStatus(status: number | undefined, hasCode: boolean): FacilitatorOutcome {
  if (status === undefined || status === 408 || status >= 500 || status < 400) return 'unknown'
  if (status === 402) return hasCode ? 'refused' : 'unknown'
  return status === 429 ? 'unavailable' : 'misconfigured'
}

import { record, refuseUnknown, texts } from '../checks.js'
import { clockMistake } from '../mistakes/clock-mistake.js'
import { formOf } from '../errors/facilitator-failure.js'
import { inCall } from '../errors/in-call.js'
import { inWords, type Mistake } from '../errors/mistake.js'
import { OptionsError } from '../errors/payment-error.js'
import { PaymentsError } from '../errors/payments-error.js'
import { isNews } from '../mistakes/told.js'
import { shownUrl } from '../mistakes/unreachable.js'
import { harmless, type Logger } from '../logger.js'
import { GET, QUERY_TIMEOUT_MS, type HttpClient } from './api.js'
import type { SellerPayments } from './facilitator.js'
import { planTerms } from './plan-terms.js'

/** Options of `payments.warm`. */
export interface WarmOptions {
  /**
   * Plans that are looked up ahead.
   *
   * @default none
   */
  planIds?: readonly string[] | undefined
  /**
   * Where a mistake in the setup is said: a plan that does not exist, or a backend that cannot be reached.
   *
   * @default the logger of the wrappers: JSON lines from the level WARN on
   */
  logger?: Logger | undefined
}

/** What is warmed. */
interface Client {
  readonly payments: SellerPayments
  readonly http: HttpClient
  readonly now: () => number
}

/** @throws OptionsError naming the option at fault, and nothing else. */
export async function warmUp(client: Client, options: WarmOptions): Promise<void> {
  const { planIds, logger } = inCall('payments.warm', { ...options, options }, () =>
    checked(options),
  )
  const { payments, http, now } = client
  const lookUps = planIds.map((id) => planTerms(payments, id, QUERY_TIMEOUT_MS, now))
  const [touched, ...found] = await Promise.allSettled([touch(http, now), ...lookUps])
  const mistakes = [
    touched.status === 'fulfilled' ? touched.value : mistakeIn(touched.reason),
    ...found.map((one) => (one.status === 'rejected' ? mistakeIn(one.reason) : undefined)),
  ]
  for (const mistake of mistakes) {
    if (mistake === undefined || !isNews(payments, inWords(mistake))) continue
    harmless(logger).error(inWords(mistake), { code: mistake.code })
  }
}

/** Opens a connection. Any answer in JSON will do: what it says does not count. */
async function touch(http: HttpClient, now: () => number): Promise<Mistake | undefined> {
  const request = { ...GET, path: '/api/v1/meta/versions', authenticated: false }
  const sent = await http.send(request)
  const { answer } = sent
  const isJson = 'text' in answer && formOf(answer) === 'json'
  if (!isJson) return (await http.failureOf(sent, request)).mistake
  return clockMistake(answer.date, now(), shownUrl(http.base))
}

function mistakeIn(thrown: unknown): Mistake | undefined {
  const { cause } = thrown as { cause?: unknown }
  return cause instanceof PaymentsError ? cause.mistake : undefined
}

function checked(options: WarmOptions): { planIds: readonly string[]; logger: Logger | undefined } {
  const given: unknown = options
  record('options', given)
  refuseUnknown(given, { planIds: true, logger: true }, 'is not an option of warm')
  const { planIds = [], logger } = options
  const isLogger = logger === undefined || typeof logger.error === 'function'
  if (!isLogger)
    throw new OptionsError('logger', 'expected a logger with debug, info, warn and error')
  return { planIds: planIds.length === 0 ? [] : texts('planIds', planIds), logger }
}

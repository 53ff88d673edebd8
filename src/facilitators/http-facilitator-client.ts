import { inCall } from '../errors/in-call.js'
import { randomUUID } from 'node:crypto'
import type * as z from 'zod/mini'
import type { FacilitatorCall } from '../wire/facilitator-call.js'
import { lazyTransport } from '../http/lazy-transport.js'
import { createLookUp, type LookUp } from '../time/cached.js'
import { UNREADABLE, failureOfTransport, formOf } from '../errors/facilitator-failure.js'
import { type FacilitatorFailure, PaymentsError } from '../errors/payments-error.js'
import { inWords, type Mistake } from '../errors/mistake.js'
import { isNews } from '../mistakes/told.js'
import { lazy } from '../lazy.js'
import type { Logger } from '../logger.js'
import type { Transport, TransportAnswer } from '../http/transport.js'
import {
  SettleResponseSchema,
  VerifyResponseSchema,
  type SettleResponse,
  type VerifyResponse,
} from '../wire/x402.js'
import { authHeadersFor, type AuthHeaders, type FacilitatorPath } from './auth-headers.js'
import {
  SettlementStatusSchema,
  SupportedSchema,
  type FacilitatorClient,
  type FacilitatorPayment,
  type FacilitatorRequirements,
  type SettlementStatus,
  type SupportedKinds,
} from './facilitator-client.js'
import { checkedOptions, type HTTPFacilitatorClientOptions } from './http-facilitator-options.js'
import { parseJson } from '../wire/json.js'
import { settleAnswerIn, verifyAnswerIn } from './answer-in.js'
import { failureOfStatus } from './x402-failure.js'

export type { HTTPFacilitatorClientOptions }

/** The limit of a call without `timeoutMs`. Unit: ms. */
const TIMEOUTS_MS = { verify: 5_000, settle: 25_000, supported: 10_000, status: 5_000 } as const

/**
 * A client of an x402 facilitator. It keeps connections alive. The constructor does no I/O. The HTTP library loads on
 * first use, or in {@link HTTPFacilitatorClient.warm}. Redirects are not followed, and a settle is never sent twice.
 *
 * Every method but `warm` throws a `PaymentsError` with `code`, `httpStatus`, `retryable` and `outcome`, or an
 * `OptionsError` if `createAuthHeaders` does not give headers for each path. An answer with an error status is
 * returned like any other: it is a refusal, or a pending settlement.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export class HTTPFacilitatorClient implements FacilitatorClient {
  /** Without trailing slash. */
  readonly url: string
  /**
   * Asks what became of a settlement that the facilitator gave an id. Without the option `statusPath` it is
   * `undefined`, because the standard has no such path.
   */
  readonly status:
    | ((settlementId: string, call?: FacilitatorCall) => Promise<SettlementStatus>)
    | undefined
  readonly #createAuthHeaders: (() => Promise<AuthHeaders>) | undefined
  readonly #supported: LookUp<SupportedKinds>
  readonly #load: () => Promise<Transport>

  /** @throws OptionsError naming the option at fault. */
  constructor(options: HTTPFacilitatorClientOptions) {
    const { url, createAuthHeaders, supported, statusPath, now } = inCall(
      'HTTPFacilitatorClient',
      { ...options, options },
      () => checkedOptions(options),
    )
    this.url = url
    this.status =
      statusPath === undefined
        ? undefined
        : (settlementId, call) => {
            const asked = `${statusPath}/${encodeURIComponent(settlementId)}`
            return this.#request('status', SettlementStatusSchema, asked, call)
          }
    this.#createAuthHeaders = createAuthHeaders
    this.#load = lazyTransport(new URL(url), now)
    const ask = (timeoutMs: number) =>
      this.#request('supported', SupportedSchema, 'supported', { timeoutMs })
    this.#supported =
      supported === undefined ? createLookUp(ask, now) : () => Promise.resolve(supported)
  }

  /** Asks whether a payment is good. No money moves. */
  verify(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<VerifyResponse> {
    const asked = { paymentPayload, paymentRequirements }
    return this.#request('verify', VerifyResponseSchema, asked, call)
  }

  /** Moves the money. It uses only a connection that answered a moment ago. */
  settle(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<SettleResponse> {
    const asked = { paymentPayload, paymentRequirements }
    return this.#request('settle', SettleResponseSchema, asked, call)
  }

  /**
   * What the facilitator serves. The answer is kept for 5 minutes. Then the old answer is used while a new one is
   * fetched. A failure is kept for 10 seconds.
   */
  getSupported(): Promise<SupportedKinds> {
    return this.#supported(TIMEOUTS_MS.supported)
  }

  /**
   * Loads the HTTP library and asks for `/supported`, which opens a connection. If `supported` is given, it only
   * loads the library. Await it at top level, so that it happens in the Lambda's INIT. It never throws: the first
   * call tries again, and reports the failure. A mistake in the setup is logged in words: a facilitator that cannot
   * be reached, that is none, or that does not know who asks.
   *
   * @param options - `logger` says where. Default: the logger of the wrappers.
   */
  async warm({ logger }: { logger?: Logger | undefined } = {}): Promise<void> {
    const [, asked] = await Promise.allSettled([this.#load(), this.getSupported()])
    const mistake = asked.status === 'rejected' && mistakeIn(asked.reason)
    if (!mistake || !isNews(this, inWords(mistake))) return
    const { harmless } = await import('../logger.js')
    harmless(logger).error(inWords(mistake), { code: mistake.code })
  }

  async #request<T extends Record<string, unknown>>(
    path: FacilitatorPath,
    schema: z.ZodMiniType<T>,
    asked: Asked | string,
    call: FacilitatorCall = {},
  ): Promise<T> {
    const { timeoutMs = TIMEOUTS_MS[path], correlationId = randomUUID() } = call
    const until = performance.now() + timeoutMs
    const [transport, auth] = await Promise.all([
      this.#load(),
      this.#authHeaders(path, timeoutMs / 2, correlationId),
    ])
    const answer = await transport.send({
      url: `${this.url}/${typeof asked === 'string' ? asked : path}`,
      method: typeof asked === 'string' ? 'GET' : 'POST',
      headers: { ...auth, ...JSON_HEADERS, 'x-correlation-id': correlationId },
      body: typeof asked === 'string' ? undefined : bodyOf(asked),
      repeatable: path !== 'settle',
      timeoutMs: Math.max(1, until - performance.now()),
    })
    const parsed = read(path, schema, answer)
    if ('value' in parsed) return parsed.value
    const { facilitatorMistake } = await mistakes()
    const mistake = facilitatorMistake(parsed.failure, this.url, auth)
    throw new PaymentsError({ ...parsed.failure, mistake, correlationId })
  }

  async #authHeaders(
    path: FacilitatorPath,
    timeoutMs: number,
    correlationId: string,
  ): Promise<Record<string, string>> {
    if (this.#createAuthHeaders === undefined) return {}
    return authHeadersFor(path, this.#createAuthHeaders, timeoutMs, correlationId)
  }
}

const JSON_HEADERS = { Accept: 'application/json', 'Content-Type': 'application/json' } as const

/** What is posted. Without it, the path is asked for by `GET`. */
interface Asked {
  paymentPayload: FacilitatorPayment
  paymentRequirements: FacilitatorRequirements
}

function bodyOf({ paymentPayload, paymentRequirements }: Asked): string {
  const { x402Version } = paymentPayload
  return JSON.stringify({ x402Version, paymentPayload, paymentRequirements })
}

/** How the answer of each path is read from a status and a body. */
const ANSWERS = {
  verify: verifyAnswerIn,
  settle: settleAnswerIn,
  supported: bodyOfSuccess,
  status: bodyOfSuccess,
} as const

function bodyOfSuccess(status: number, body: unknown): unknown {
  return status >= 200 && status <= 299 ? body : undefined
}

/** The answer, or what became of a request that got none that can be read. */
function read<T extends Record<string, unknown>>(
  path: FacilitatorPath,
  schema: z.ZodMiniType<T>,
  answer: TransportAnswer,
): { value: T } | { failure: FacilitatorFailure } {
  if ('failure' in answer) return { failure: failureOfTransport(answer) }
  const { status, text } = answer
  const body = parseJson(text)
  const parsed = schema.safeParse(ANSWERS[path](status, body))
  if (parsed.success) return { value: parsed.data }
  const succeeded = status >= 200 && status <= 299
  const failure = succeeded ? { ...UNREADABLE, httpStatus: status } : failureOfStatus(status, body)
  return { failure: { ...failure, detail: formOf(answer) } }
}

function mistakeIn(thrown: unknown): Mistake | undefined {
  return thrown instanceof PaymentsError ? thrown.mistake : undefined
}

/** Says in words what is wrong. It is loaded by the first failure. */
const mistakes = lazy(() => import('./facilitator-mistake.js'))

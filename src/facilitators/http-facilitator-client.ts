import { inCall } from '../errors/in-call.js'
import { randomUUID } from 'node:crypto'
import type * as z from 'zod/mini'
import type { FacilitatorCall } from '../wire/facilitator-call.js'
import { lazyTransport } from '../http/lazy-transport.js'
import { createLookUp, type LookUp } from '../time/cached.js'
import { UNREADABLE, failureOfTransport } from '../errors/facilitator-failure.js'
import { PaymentsError } from '../errors/payments-error.js'
import type { Transport } from '../http/transport.js'
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

/** What a call may take that states no `timeoutMs`. Unit: ms. */
const TIMEOUTS_MS = { verify: 5_000, settle: 25_000, supported: 10_000, status: 5_000 } as const

/**
 * A facilitator of the x402 standard over kept-alive connections. Making one does no I/O; the HTTP library
 * loads on first use, or in {@link HTTPFacilitatorClient.warm}. Redirects are not followed, and a settle
 * is never sent twice.
 *
 * Every method but `warm` throws a `PaymentsError` with `code`, `httpStatus`, `retryable` and `outcome`, or
 * an `OptionsError` if `createAuthHeaders` gives something else than headers per path. An answer that
 * comes with an error status is returned as the answer it is: a refusal, or a settlement that is pending.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export class HTTPFacilitatorClient implements FacilitatorClient {
  /** Without trailing slash. */
  readonly url: string
  /**
   * What became of a settlement that the facilitator gave an id. `undefined` without the option `statusPath`:
   * there is no such path in the standard.
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

  /** Whether a payment is good. Moves nothing. */
  verify(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<VerifyResponse> {
    const asked = { paymentPayload, paymentRequirements }
    return this.#request('verify', VerifyResponseSchema, asked, call)
  }

  /** Moves the money. Goes only over a connection proved fresh. */
  settle(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<SettleResponse> {
    const asked = { paymentPayload, paymentRequirements }
    return this.#request('settle', SettleResponseSchema, asked, call)
  }

  /**
   * What the facilitator serves. Kept for 5 minutes, then served while it is refreshed; a failure is
   * remembered for 10 seconds.
   */
  getSupported(): Promise<SupportedKinds> {
    return this.#supported(TIMEOUTS_MS.supported)
  }

  /**
   * Loads the HTTP library and looks `/supported` up, which opens a connection; with `supported` given it only
   * loads. Await it at top level, so that it happens in the Lambda's INIT. Never throws: what fails here is
   * tried again, and reported, by the first call.
   */
  async warm(): Promise<void> {
    await Promise.allSettled([this.#load(), this.getSupported()])
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
    if ('failure' in answer) {
      throw new PaymentsError({ ...failureOfTransport(answer.failure), correlationId })
    }
    return read(path, schema, answer, correlationId)
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

/** What is posted. A path is asked for by `GET`. */
interface Asked {
  paymentPayload: FacilitatorPayment
  paymentRequirements: FacilitatorRequirements
}

function bodyOf({ paymentPayload, paymentRequirements }: Asked): string {
  const { x402Version } = paymentPayload
  return JSON.stringify({ x402Version, paymentPayload, paymentRequirements })
}

/** What each path answers, out of a status and a body. */
const ANSWERS = {
  verify: verifyAnswerIn,
  settle: settleAnswerIn,
  supported: bodyOfSuccess,
  status: bodyOfSuccess,
} as const

function bodyOfSuccess(status: number, body: unknown): unknown {
  return status >= 200 && status <= 299 ? body : undefined
}

function read<T extends Record<string, unknown>>(
  path: FacilitatorPath,
  schema: z.ZodMiniType<T>,
  { status, text }: { status: number; text: string },
  correlationId: string,
): T {
  const body = parseJson(text)
  const parsed = schema.safeParse(ANSWERS[path](status, body))
  if (parsed.success) return parsed.data
  const succeeded = status >= 200 && status <= 299
  const facts = succeeded ? { ...UNREADABLE, httpStatus: status } : failureOfStatus(status, body)
  throw new PaymentsError({ ...facts, correlationId })
}

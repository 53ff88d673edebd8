import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { lazyTransport } from '../http/lazy-transport.js'
import { lazy } from '../lazy.js'
import { parseJson } from '../wire/json.js'
import type { PaymentsError } from '../errors/payments-error.js'
import type { Transport, TransportAnswer } from '../http/transport.js'

/** The version that the official clients use. */
const API_VERSION = '1.1'

/** One call of the Nevermined API. */
export interface ApiRequest {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  /** False for public endpoints: the key is not sent. @default true */
  authenticated?: boolean
  /** True if a second request does no harm. If a reused connection breaks, the request is then sent once more. */
  repeatable: boolean
  timeoutMs: number
  correlationId?: string | undefined
}

type Kind = Pick<ApiRequest, 'method' | 'repeatable' | 'timeoutMs'>

/** Unit: ms. */
export const QUERY_TIMEOUT_MS = 10_000
/** A settle or an order may wait for a chain. Unit: ms. */
export const WRITE_TIMEOUT_MS = 25_000
export const GET: Kind = { method: 'GET', repeatable: true, timeoutMs: QUERY_TIMEOUT_MS }
export const POST: Kind = { method: 'POST', repeatable: false, timeoutMs: WRITE_TIMEOUT_MS }

/** Any object. The caller reads what it needs. */
export const RecordSchema = z.looseObject({})

export function planPath(planId: string): string {
  return `/api/v1/protocol/plans/${encodeURIComponent(planId)}`
}

/** An answer as it came, and the request's own id. */
interface Sent {
  readonly answer: TransportAnswer
  readonly correlationId: string
}

/** The Nevermined API over kept-alive connections. Loads its HTTP library on first use. */
export class HttpClient {
  /** Without trailing slash. */
  readonly base: string
  readonly #apiKey: string
  readonly #load: () => Promise<Transport>

  constructor(backend: URL, apiKey: string, now: () => number) {
    this.base = backend.href.replace(/\/+$/, '')
    this.#apiKey = apiKey
    this.#load = lazyTransport(backend, now)
  }

  /** @returns a 2xx answer that fits the schema. @throws PaymentsError for everything else. */
  async request<T>(schema: z.ZodMiniType<T>, request: ApiRequest): Promise<T> {
    const sent = await this.send(request)
    const { answer } = sent
    if ('text' in answer && isSuccess(answer.status)) {
      const parsed = schema.safeParse(parseJson(answer.text))
      if (parsed.success) return parsed.data
    }
    throw await this.failureOf(sent, request)
  }

  /** Sends a request, and gives whatever came back. It does not throw. */
  async send(request: ApiRequest): Promise<Sent> {
    const correlationId = request.correlationId ?? randomUUID()
    const transport = await this.#load()
    const answer = await transport.send({
      url: this.base + request.path,
      method: request.method,
      headers: this.#headers(request, correlationId),
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      repeatable: request.repeatable,
      timeoutMs: request.timeoutMs,
    })
    return { answer, correlationId }
  }

  /** The error of a request that got no answer, or another answer than it should get. */
  async failureOf({ answer, correlationId }: Sent, request: ApiRequest): Promise<PaymentsError> {
    const { failureOf } = await apiFailure()
    return failureOf(answer, { ...request, base: this.base, apiKey: this.#apiKey, correlationId })
  }

  #headers(request: ApiRequest, correlationId: string): Record<string, string> {
    return {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'Nevermined-Version': API_VERSION,
      'x-correlation-id': correlationId,
      ...(request.authenticated !== false && { Authorization: `Bearer ${this.#apiKey}` }),
    }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299
}

/** It is loaded by the first call that fails. */
const apiFailure = lazy(() => import('./api-failure.js'))

import { randomUUID } from 'node:crypto'
import type * as z from 'zod/mini'
import { NOTHING_SENT, PaymentsError, failureOfAnswer } from './payments-error.js'
import type { Transport } from './transport.js'

/** The version the official clients are locked to. */
const API_VERSION = '1.1'

/** One call of the Nevermined API. */
export interface ApiRequest {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  /** False for public endpoints: the key stays at home. @default true */
  authenticated?: boolean
  /** True if repeating is harmless: a reset of a reused connection is then tried once more. */
  repeatable: boolean
  timeoutMs: number
  correlationId?: string | undefined
}

/** The Nevermined API over kept-alive connections. Loads its HTTP library on first use. */
export class HttpClient {
  readonly #backend: URL
  /** Without trailing slash. */
  readonly #base: string
  readonly #apiKey: string
  readonly #now: () => number
  #transport: Promise<Transport> | undefined

  constructor(backend: URL, apiKey: string, now: () => number) {
    this.#backend = backend
    this.#base = backend.href.replace(/\/+$/, '')
    this.#apiKey = apiKey
    this.#now = now
  }

  /** @returns a 2xx answer that fits the schema. @throws PaymentsError for everything else. */
  async request<T>(schema: z.ZodMiniType<T>, request: ApiRequest): Promise<T> {
    const correlationId = request.correlationId ?? randomUUID()
    const transport = await this.load()
    const answer = await transport.send({
      url: this.#base + request.path,
      method: request.method,
      headers: this.#headers(request, correlationId),
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      repeatable: request.repeatable,
      timeoutMs: request.timeoutMs,
    })
    if ('failure' in answer) throw transportError(answer.failure, correlationId)
    const body = parseJson(answer.text)
    if (answer.status < 200 || answer.status > 299) {
      throw new PaymentsError({ ...failureOfAnswer(answer.status, body), correlationId })
    }
    const parsed = schema.safeParse(body)
    if (!parsed.success) throw unreadable(answer.status, correlationId)
    return parsed.data
  }

  /** Loads the HTTP library; a failed load is tried again next time. */
  load(): Promise<Transport> {
    this.#transport ??= import('./transport.js')
      .then(({ createTransport }) => createTransport(this.#backend, this.#now))
      .catch((error: unknown) => {
        this.#transport = undefined
        throw error
      })
    return this.#transport
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

/** No JSON, or not what the endpoint promises. */
function unreadable(httpStatus: number, correlationId: string): PaymentsError {
  const facts = {
    code: 'unreadable_answer',
    httpStatus,
    retryable: false,
    outcome: 'unknown',
  } as const
  return new PaymentsError({ ...facts, correlationId })
}

function transportError(
  failure: 'nothing sent' | 'timeout' | 'broken',
  correlationId: string,
): PaymentsError {
  if (failure === 'nothing sent') return new PaymentsError({ ...NOTHING_SENT, correlationId })
  const code = failure === 'timeout' ? 'timeout' : 'network_error'
  const facts = { code, httpStatus: undefined, retryable: false, outcome: 'unknown' } as const
  return new PaymentsError({ ...facts, correlationId })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

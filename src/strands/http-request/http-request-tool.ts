import {
  TextBlock,
  Tool,
  ToolResultBlock,
  tool,
  type ToolContext,
  type ToolSpec,
  type ToolStreamGenerator,
} from '@strands-agents/sdk'
import { limited } from '../../time/limited.js'
import { VERSION } from '../../version.js'
import { followRedirects, isRequestable } from './follow-redirects.js'
import { envelopeOf } from './http-envelope.js'
import { ACCEPT_ENCODING, exchange, type HttpRequest } from './http-exchange.js'
import { paymentHeadersIn } from '../handlers/payment-headers.js'
import { RequestFailed, reasonOf } from './request-failed.js'
import { HttpRequestInput, VendedHttpRequestInput } from './tool-inputs.js'

/** What `http_request` may do. */
export interface HttpRequestLimits {
  /**
   * Reach this machine, private networks and metadata services. They are told apart by their addresses, and
   * what was checked is what gets connected to. @default false
   */
  allowPrivateHosts?: boolean | undefined
  /** Longer bodies are cut, with `truncated: true` beside them. Unit: bytes. @default 1_048_576 */
  maxResponseBytes?: number | undefined
  /** For all redirects together. Unit: ms. @default 30_000 */
  timeoutMs?: number | undefined
}

/**
 * The tool `http_request`, for models: it answers with JSON of `{ statusCode, headers, body }`, after the marker
 * where that is a 402. At most five redirects are followed; with a payment only those of GET and HEAD on the same
 * origin. Payments and cookies are in none of its answers.
 *
 * @param limits read at each request
 */
export function httpRequestTool(limits: () => HttpRequestLimits = () => ({})): Tool {
  return new HttpRequestTool(limits, HttpRequestInput)
}

/** The same tool with the input of the SDK's own `http_request`, `timeout` included. */
export function vendedHttpRequestTool(limits: () => HttpRequestLimits): Tool {
  return new HttpRequestTool(limits, VendedHttpRequestInput)
}

class HttpRequestTool extends Tool {
  readonly name = 'http_request'
  readonly description = 'Makes an HTTP request and returns its status code, headers and body.'
  readonly toolSpec: ToolSpec
  readonly #requesting: Tool

  constructor(
    limits: () => HttpRequestLimits,
    inputSchema: typeof HttpRequestInput | typeof VendedHttpRequestInput,
  ) {
    super()
    const { name, description } = this
    this.#requesting = tool({
      name,
      description,
      inputSchema,
      callback: (input, context) => request(input, limits(), context?.cancelSignal),
    })
    this.toolSpec = this.#requesting.toolSpec
  }

  /** Unlike others, a request that failed is no "Error: …" but JSON as well. */
  override async *stream(context: ToolContext): ToolStreamGenerator {
    const result = yield* this.#requesting.stream(context)
    if (!(result.error instanceof RequestFailed)) return result
    const { toolUseId, error } = result
    return new ToolResultBlock({
      toolUseId,
      status: 'error',
      content: [new TextBlock(error.message)],
    })
  }
}

async function request(
  input: VendedHttpRequestInput,
  {
    allowPrivateHosts = false,
    maxResponseBytes = 1_048_576,
    timeoutMs = 30_000,
  }: HttpRequestLimits,
  cancelSignal: AbortSignal | undefined,
): Promise<string> {
  const wantedMs = Math.ceil((input.timeout ?? timeoutMs / 1000) * 1000)
  const { signal, done } = limited('http_request', Math.min(wantedMs, MAX_MS), cancelSignal)
  try {
    const limits = { allowPrivateHosts, maxResponseBytes, signal }
    const wanted = readInput(input)
    const answer = await followRedirects(wanted, (one) => exchange(one, limits))
    return envelopeOf(answer, secretsOf(wanted))
  } catch (error) {
    const url = input.url.replace(/\/\/[^/?#]*@/, '//')
    const said = { statusCode: 0, error: `Request failed: ${reasonOf(error, signal)}`, url }
    throw new RequestFailed(JSON.stringify(said))
  } finally {
    done()
  }
}

/** As long as a Lambda may run at most. */
const MAX_MS = 900_000

/** @throws RequestFailed */
function readInput({ url, method, headers, body }: HttpRequestInput): HttpRequest {
  const wanted = (method ?? 'GET').trim().toUpperCase()
  if (!METHODS.includes(wanted)) throw new RequestFailed(`method: expected ${METHODS.join(', ')}`)
  if (!URL.canParse(url) || !isRequestable(new URL(url))) {
    throw new RequestFailed('url: expected one of http or https, without user name and password')
  }
  const isSent = body !== undefined && body !== null && wanted !== 'GET' && wanted !== 'HEAD'
  return {
    url: new URL(url),
    method: wanted,
    headers: { ...DEFAULTS, ...(isSent && contentType(body)), ...named(headers ?? {}) },
    ...(isSent && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const DEFAULTS = {
  accept: '*/*',
  'accept-encoding': ACCEPT_ENCODING,
  'user-agent': `agentcore-x402/${VERSION}`,
}

function contentType(body: object | string): Record<string, string> {
  return typeof body === 'string' ? {} : { 'content-type': 'application/json' }
}

/** Without what speaks of the connection, or makes one server answer as another. */
function named(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(lower.filter(([name]) => !CONNECTION_HEADERS.includes(name)))
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const CONNECTION_HEADERS = [
  ...['accept-encoding', 'connection', 'content-length', 'expect', 'host', 'keep-alive', 'te'],
  ...['proxy-authorization', 'proxy-connection', 'trailer', 'transfer-encoding', 'upgrade'],
]

/** Shorter ones are no payments, and in every text. */
const MIN_SECRET_CHARS = 8

/** The payment, with and without the name of its scheme. */
function secretsOf({ headers }: HttpRequest): string[] {
  return paymentHeadersIn(headers).flatMap(([, value]) => {
    const token = value.trim().replace(/^payment\s+/i, '')
    return token.length < MIN_SECRET_CHARS ? [] : [value, token]
  })
}

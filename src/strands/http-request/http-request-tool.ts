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

/** Limits of `http_request`. */
export interface HttpRequestLimits {
  /**
   * Whether it may reach this machine, private networks and metadata services. They are told by their
   * addresses. The connection goes to the address that was checked.
   *
   * @default false
   */
  allowPrivateHosts?: boolean | undefined
  /** A longer body is cut, with `truncated: true` beside it. Unit: bytes. @default 1_048_576 */
  maxResponseBytes?: number | undefined
  /** Time limit for a request with all its redirects. Unit: ms. @default 30_000 */
  timeoutMs?: number | undefined
}

/**
 * The tool `http_request`, for models. It answers with JSON of `{ statusCode, headers, body }`, and puts the
 * marker before a 402. At most five redirects are followed. With a payment, only redirects of GET and HEAD on
 * the same origin are followed. Its answers never hold payments or cookies.
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

  /** Runs the tool. Other tools answer a failure with "Error: …". This one answers with JSON then, too. */
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

/** The longest time a Lambda can run. Unit: ms. */
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

/**
 * The headers without those about the connection, and without those that make one server answer as another.
 */
function named(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(lower.filter(([name]) => !CONNECTION_HEADERS.includes(name)))
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const CONNECTION_HEADERS = [
  ...['accept-encoding', 'connection', 'content-length', 'expect', 'host', 'keep-alive', 'te'],
  ...['proxy-authorization', 'proxy-connection', 'trailer', 'transfer-encoding', 'upgrade'],
]

/** A shorter text is no payment, and occurs in every text. */
const MIN_SECRET_CHARS = 8

/** The payment with and without the name of its scheme. */
function secretsOf({ headers }: HttpRequest): string[] {
  return paymentHeadersIn(headers).flatMap(([, value]) => {
    const token = value.trim().replace(/^payment\s+/i, '')
    return token.length < MIN_SECRET_CHARS ? [] : [value, token]
  })
}

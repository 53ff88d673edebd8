import type { Context } from 'aws-lambda'
import type { InterceptorHandler, InterceptorStore } from '../../../../src/index.js'
import { isRecord } from '../../../../src/wire/json.js'
import { RuntimeContext } from '../../../support/events.js'

type Fields = Record<string, unknown>
type Headers = Record<string, string>

/** A store in memory. Tests see what it keeps. */
export function memoryStore(): InterceptorStore & { entries: Map<string, string>; ttls: number[] } {
  const entries = new Map<string, string>()
  const ttls: number[] = []
  return {
    entries,
    ttls,
    put: async (key, value, ttlSeconds) => {
      ttls.push(ttlSeconds)
      entries.set(key, value)
    },
    take: async (key) => {
      const value = entries.get(key)
      entries.delete(key)
      return value
    },
  }
}

export interface HttpRequest {
  path?: string
  method?: string
  headers?: Headers | null
  body?: string | Buffer | null
  token?: string | undefined
}

export interface HttpAnswer {
  status?: number
  headers?: Headers | null
  body?: string | Buffer | null
  /** Whether the phase is not shown the body. The client gets it all the same. */
  isBodyHidden?: boolean
}

/** What the client gets in the end. */
export interface Got {
  status: number
  headers: Headers
  body: Buffer
}

let requests = 0

/** The context of interceptors before HTTP targets. */
export function httpContext(requestId: unknown = `request-${requests++}`): Context {
  return new RuntimeContext({
    GATEWAY_ARN: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/paid-tools-a1b2c3d4e5',
    GATEWAY_ACCOUNT_ID: '123456789012',
    ...(requestId !== null && { REQUEST_ID: requestId }),
  }) as unknown as Context
}

/**
 * A REQUEST event of an HTTP target.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export function httpRequestEvent({ path = '/hello', method = 'POST', ...rest }: HttpRequest) {
  const { token, body = '{}' } = rest
  const headers = rest.headers === null ? null : { Accept: '*/*', ...rest.headers }
  const paid = { ...headers, ...(token !== undefined && { 'Payment-Signature': token }) }
  return {
    interceptorInputVersion: '1.0',
    http: {
      gatewayRequest: {
        path,
        httpMethod: method,
        headers: headers === null ? null : paid,
        body: body === null ? null : Buffer.from(body).toString('base64'),
      },
    },
  }
}

export function httpResponseEvent({ status = 200, headers, body = '', isBodyHidden }: HttpAnswer) {
  const isNull = body === null || isBodyHidden === true
  return {
    interceptorInputVersion: '1.0',
    http: {
      gatewayRequest: null,
      gatewayResponse: {
        statusCode: status,
        headers: headers === undefined ? { 'content-type': 'text/plain' } : headers,
        body: isNull ? null : Buffer.from(body).toString('base64'),
        contentType: headers?.['content-type'] ?? 'text/plain',
      },
    },
  }
}

export type HttpTarget = (forwarded: { headers?: Headers; body?: string }) => HttpAnswer

export interface HttpPlay {
  context?: Context
  /** The context of the response phase, if it is another one. */
  after?: Context
  /**
   * How often the response phase gets the response.
   *
   * @default 1
   */
  responses?: number
  /** What happens between the phases. */
  meanwhile?: () => unknown
}

/** Does what a Gateway does before an HTTP target. If REQUEST answers, RESPONSE does not run. */
export async function bothHttpPhases(
  handle: InterceptorHandler,
  request: HttpRequest,
  target: HttpTarget = () => ({ body: 'Hello!' }),
  { context = httpContext(), after = context, responses = 1, meanwhile }: HttpPlay = {},
): Promise<{ got: Got; gots: Got[]; forwarded: Fields | undefined; outputs: unknown[] }> {
  const first: unknown = await handle(overTheWire(httpRequestEvent(request)), context)
  const { transformedGatewayRequest, transformedGatewayResponse } = partsOf(first)
  if (transformedGatewayResponse !== undefined) {
    const got = gotFrom(transformedGatewayResponse, {})
    return { got, gots: [got], forwarded: undefined, outputs: [first] }
  }
  const forwarded = transformedGatewayRequest ?? {}
  const answer = target(forwarded)
  await meanwhile?.()
  const outputs = [first]
  for (let i = 0; i < responses; i++) {
    outputs.push(await handle(overTheWire(httpResponseEvent(answer)), after))
  }
  const gots = outputs
    .slice(1)
    .map((output) => gotFrom(partsOf(output).transformedGatewayResponse ?? {}, answer))
  return { got: gots.at(-1) as Got, gots, forwarded, outputs }
}

function partsOf(output: unknown): {
  transformedGatewayRequest?: Fields
  transformedGatewayResponse?: Fields
} {
  const http = isRecord(output) ? output['http'] : undefined
  if (!isRecord(output) || output['interceptorOutputVersion'] !== '1.0' || !isRecord(http)) {
    throw new Error(`no output for an HTTP target: ${JSON.stringify(output)}`)
  }
  return http
}

/** Lays the changes over an answer. What is left out stays. */
function gotFrom(changed: Fields, answer: HttpAnswer): Got {
  const { statusCode, headers, body } = changed
  return {
    status: (statusCode as number | undefined) ?? answer.status ?? 200,
    headers: (headers as Headers | undefined) ?? answer.headers ?? {},
    body: typeof body === 'string' ? Buffer.from(body, 'base64') : Buffer.from(answer.body ?? ''),
  }
}

/** Passes an event through JSON, as on the way to a Lambda. */
function overTheWire(event: unknown): unknown {
  return JSON.parse(JSON.stringify(event))
}

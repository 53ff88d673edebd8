import type { Context } from 'aws-lambda'
import { SEAL_HEADER } from '../wire/x402.js'
import { OptionsError, asError } from '../errors/payment-error.js'
import { harmless } from '../logger.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../wire/gateway-events.js'
import { echoed } from './events/output.js'
import { shown } from '../errors/shown.js'
import { isRecord, parseJson } from '../wire/json.js'

/** Any interceptor: a Lambda handler, or an object with one. It answers with an interceptor output. */
export type InterceptorLike =
  | ((event: never, context: Context) => unknown)
  | { handle(event: never, context?: Context): unknown }

/** One Lambda handler made of several interceptors. Never rejects. */
export type ComposedHandler = (
  event: unknown,
  context?: Context,
) => Promise<InterceptorOutput | HttpInterceptorOutput>

/**
 * Puts several interceptors in the one slot that a Gateway has for each interception point.
 *
 * The first is the outermost. Before the target they run first to last. Each sees the request as the ones
 * before left it, and the first that answers (`transformedGatewayResponse`) ends it. After the target they
 * run last to first. Each sees the response as the ones before left it.
 *
 * Put the interceptor that sells first. Before the target, the others then see no payment. After the target,
 * the response they make is settled and delivered.
 *
 * Headers that an interceptor gives replace those before it. So does a body. What it leaves out stays. An
 * interceptor fails if it throws or answers with no interceptor output. Then the request ends with a JSON-RPC
 * error (HTTP 500 for HTTP targets) and a line in the log. After the target, the response becomes that error,
 * and the interceptors further out still see it.
 *
 * After the target, the others see the request as the Gateway shows it, which may hold the payment.
 *
 * @throws OptionsError if one of them is no interceptor.
 * @example
 * export const handler = composeInterceptors(createInterceptor({ payments, planId }), myInterceptor)
 */
export function composeInterceptors(...interceptors: readonly InterceptorLike[]): ComposedHandler {
  const wrong = interceptors.findIndex((it) => !isInterceptor(it))
  if (wrong !== -1) {
    const about = { call: 'composeInterceptors', given: shown('interceptors', interceptors[wrong]) }
    const expected = 'expected a function, or an object with a function handle'
    throw new OptionsError(`interceptors[${wrong}]`, expected, about)
  }
  const logger = harmless(undefined)
  return async function composed(event, context) {
    const { shape, phase } = kindOf(event)
    const ask = async (interceptor: InterceptorLike, before: Gateway): Promise<Gateway> => {
      try {
        const seen = eventWith(event, shape, before)
        return merged(before, await outputOf(interceptor, seen, context, shape))
      } catch (error) {
        logger.error('an interceptor failed', { error: asError(error) })
        return merged(before, failed(event, shape))
      }
    }
    const order = phase === 'request' ? interceptors : [...interceptors].reverse()
    let left: Gateway = {}
    for (const [at, interceptor] of order.entries()) {
      left = await ask(interceptor, left)
      if (phase === 'response' || left.transformedGatewayResponse === undefined) continue
      // HTTP targets have no response phase after an answer: the interceptors further out would never see it.
      const outer = shape === 'http' ? order.slice(0, at).reverse() : []
      for (const one of outer) left = await ask(one, left)
      break
    }
    const output = {
      interceptorOutputVersion: '1.0',
      [shape]: completed(event, shape, phase, left),
    }
    return output as unknown as InterceptorOutput
  }
}

function isInterceptor(given: unknown): boolean {
  return typeof given === 'function' || (isRecord(given) && typeof given['handle'] === 'function')
}

type Fields = Record<string, unknown>

interface Gateway {
  transformedGatewayRequest?: Fields
  transformedGatewayResponse?: Fields
}

/**
 * The output of an interceptor. For HTTP targets, no output means that nothing changes. For MCP targets, only
 * that is documented.
 */
function completed(
  event: unknown,
  shape: 'mcp' | 'http',
  phase: 'request' | 'response',
  left: Gateway,
): Gateway {
  const name = phase === 'request' ? 'transformedGatewayRequest' : 'transformedGatewayResponse'
  if (shape === 'http' || left[name] || left.transformedGatewayResponse) return left
  const mcp = isRecord(event) && isRecord(event['mcp']) ? event['mcp'] : {}
  const original = phase === 'request' ? mcp['gatewayRequest'] : mcp['gatewayResponse']
  const { headers, body, statusCode } = isRecord(original) ? original : {}
  const kept = phase === 'request' && isRecord(headers) ? echoed(headers, false) : headers
  const given = fields({}, { headers: kept, body, statusCode })
  return given ? { ...left, [name]: given } : left
}

function kindOf(event: unknown): { shape: 'mcp' | 'http'; phase: 'request' | 'response' } {
  const given = isRecord(event) ? event : {}
  const shape = isRecord(given['http']) ? 'http' : 'mcp'
  const gateway = given[shape]
  const hasResponse = isRecord(gateway) && isRecord(gateway['gatewayResponse'])
  return { shape, phase: hasResponse ? 'response' : 'request' }
}

async function outputOf(
  interceptor: InterceptorLike,
  event: unknown,
  context: Context | undefined,
  shape: 'mcp' | 'http',
): Promise<Gateway> {
  const output: unknown =
    typeof interceptor === 'function'
      ? await interceptor(event as never, context as Context)
      : await interceptor.handle(event as never, context)
  const gateway = isRecord(output) ? output[shape] : undefined
  if (!isRecord(gateway)) throw new Error(`answered without "${shape}"`)
  return gateway
}

function merged(
  before: Gateway,
  { transformedGatewayRequest, transformedGatewayResponse }: Gateway,
): Gateway {
  const request = fields(before.transformedGatewayRequest, transformedGatewayRequest)
  const response = fields(before.transformedGatewayResponse, transformedGatewayResponse)
  return {
    ...(request && { transformedGatewayRequest: withSeal(before, request) }),
    ...(response && { transformedGatewayResponse: response }),
  }
}

/** The members after an interceptor ran. If one is null or absent, the original stays. */
function fields(before: Fields | undefined, after: unknown): Fields | undefined {
  if (!isRecord(after)) return before
  const given = Object.entries(after).filter(([, value]) => value !== undefined && value !== null)
  return { ...before, ...Object.fromEntries(given) }
}

/**
 * Keeps our sealed header. An interceptor may not echo headers that it does not know. That must not separate
 * our phases.
 */
function withSeal(before: Gateway, request: Fields): Fields {
  const seals = sealEntries(before.transformedGatewayRequest?.['headers'])
  if (seals.length === 0 || sealEntries(request['headers']).length > 0) return request
  return {
    ...request,
    headers: { ...(request['headers'] as Fields), ...Object.fromEntries(seals) },
  }
}

function sealEntries(headers: unknown): [string, unknown][] {
  const entries = isRecord(headers) ? Object.entries(headers) : []
  return entries.filter(([name]) => name.toLowerCase() === SEAL_HEADER)
}

/** The event as the interceptors before left it. */
function eventWith(event: unknown, shape: 'mcp' | 'http', left: Gateway): unknown {
  const gateway = isRecord(event) ? event[shape] : undefined
  if (!isRecord(event) || !isRecord(gateway)) return event
  const { transformedGatewayRequest: request, transformedGatewayResponse: response } = left
  const { rawGatewayRequest: raw } = gateway
  const text = request?.['body'] === undefined ? undefined : JSON.stringify(request['body'])
  return {
    ...event,
    [shape]: {
      ...gateway,
      // The client's own text still holds what was taken out of the body.
      ...(isRecord(raw) && text !== undefined && { rawGatewayRequest: { ...raw, body: text } }),
      ...(request && {
        gatewayRequest: { ...(gateway['gatewayRequest'] as Fields), ...asSeen(request, text) },
      }),
      ...(response && {
        gatewayResponse: { ...(gateway['gatewayResponse'] as Fields), ...response },
      }),
    },
  }
}

/** The request as a Gateway shows it: its numbers are rounded as JavaScript parses them. */
function asSeen(request: Fields, text: string | undefined): Fields {
  return text !== undefined && /\d{16}/.test(text) ? { ...request, body: parseJson(text) } : request
}

function failed(event: unknown, shape: 'mcp' | 'http'): Gateway {
  const message = 'Internal error'
  if (shape === 'http') {
    const body = Buffer.from(JSON.stringify({ error: message })).toString('base64')
    const headers = { 'Content-Type': 'application/json' }
    return { transformedGatewayResponse: { statusCode: 500, headers, body } }
  }
  const error = { code: -32603, message }
  return {
    transformedGatewayResponse: {
      statusCode: 200,
      headers: { 'Content-Type': 'application/json' },
      body: { jsonrpc: '2.0', id: idOf(event), error },
    },
  }
}

function idOf(event: unknown): unknown {
  const mcp = isRecord(event) ? event['mcp'] : undefined
  const request = isRecord(mcp) ? mcp['gatewayRequest'] : undefined
  const body = isRecord(request) ? request['body'] : undefined
  return (isRecord(body) ? body['id'] : undefined) ?? null
}

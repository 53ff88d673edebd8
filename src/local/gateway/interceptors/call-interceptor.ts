import { isRecord } from '../../../wire/json.js'
import { note } from '../../http/journal.js'
import { invokeLambda, LambdaError, MAX_LAMBDA_PAYLOAD_BYTES } from '../../lambda/lambda.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { canBeSent } from '../protocol/headers.js'
import { record, type Invocation } from '../protocol/invocations.js'
import type { Interceptor } from '../protocol/settings.js'

/** An interceptor failed, timed out, or answered in no known form. */
export class InterceptorFailure extends Error {
  override readonly name = 'InterceptorFailure'
}

/** The changes that an interceptor makes to a message. Members that are absent change nothing. */
export interface Transformed {
  statusCode?: number
  headers?: Record<string, string>
  body?: unknown
  contentType?: string
}

export interface InterceptorAnswer {
  request?: Transformed
  response?: Transformed
}

/** The form of one kind of event. `mcp` and `http` differ in their bodies. */
export interface Shape {
  key: 'mcp' | 'http'
  isBody: (body: unknown) => boolean
}

/**
 * Invokes an interceptor. If it fails and the gateway retries, it is invoked again.
 *
 * @throws InterceptorFailure
 */
export async function intercept(
  gateway: Gateway,
  interceptor: Interceptor,
  invocation: Pick<Invocation, 'kind' | 'event' | 'clientContext'>,
  shape: Shape,
): Promise<InterceptorAnswer> {
  const { interceptorRetries } = gateway.settings.assume
  for (let attempt = 0; ; attempt += 1) {
    const recorded = record(gateway.invocations, { ...invocation })
    try {
      recorded.output = await invoke(gateway, interceptor, recorded)
      return readOutput(recorded.output, shape)
    } catch (error) {
      recorded.error = error as Error
      if (attempt < interceptorRetries && error instanceof LambdaError) continue
      const { kind } = invocation
      note({ kind: 'failed', part: kind, error: recorded.error, output: recorded.output })
      throw new InterceptorFailure(`${kind} interceptor: ${recorded.error.message}`, {
        cause: error,
      })
    }
  }
}

async function invoke(
  { settings }: Gateway,
  { lambda }: Interceptor,
  { event, clientContext }: Invocation,
): Promise<unknown> {
  const payload = JSON.stringify(event)
  const timeoutMs = settings.interceptorTimeoutMs
  const text = await invokeLambda(lambda, { payload, clientContext, timeoutMs })
  if (Buffer.byteLength(payload) + Buffer.byteLength(text) > MAX_LAMBDA_PAYLOAD_BYTES) {
    throw new InterceptorFailure('request and response are larger than 6 MB together')
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InterceptorFailure('the output is no JSON')
  }
}

/**
 * Reads the output of an interceptor. `gatewayRequest` and `gatewayResponse` are names of the input and mean
 * nothing here.
 */
function readOutput(output: unknown, shape: Shape): InterceptorAnswer {
  if (!isRecord(output)) throw new InterceptorFailure('the output is no object')
  if (output['interceptorOutputVersion'] !== '1.0') {
    throw new InterceptorFailure('interceptorOutputVersion is not "1.0"')
  }
  const inner = output[shape.key]
  if (!isRecord(inner)) throw new InterceptorFailure(`the output has no ${shape.key} object`)
  const request = readTransformed(inner, 'transformedGatewayRequest', shape)
  const response = readTransformed(inner, 'transformedGatewayResponse', shape)
  return { ...(request && { request }), ...(response && { response }) }
}

function readTransformed(
  inner: Record<string, unknown>,
  name: string,
  { isBody }: Shape,
): Transformed | undefined {
  const value = inner[name] ?? undefined
  if (value === undefined) return undefined
  if (!isRecord(value)) throw new InterceptorFailure(`${name} is no object`)
  const { statusCode, headers, body, contentType } = value
  const good =
    (isAbsent(statusCode) || isStatus(statusCode)) &&
    (isAbsent(headers) || (isRecord(headers) && canBeSent(headers))) &&
    (isAbsent(body) || isBody(body)) &&
    (isAbsent(contentType) || typeof contentType === 'string')
  if (!good) throw new InterceptorFailure(`${name} has members of a wrong type`)
  const present = Object.entries({ statusCode, headers, body, contentType }).filter(
    ([, member]) => !isAbsent(member),
  )
  return Object.fromEntries(present)
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function isStatus(status: unknown): boolean {
  return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599
}

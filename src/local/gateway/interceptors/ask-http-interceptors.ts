import type { Gateway } from '../protocol/gateway-state.js'
import { lowerCase } from '../protocol/headers.js'
import { HTTP_SHAPE, httpRequestEvent, httpResponseEvent } from './http-events.js'
import type { HttpAnswer, HttpCall } from '../protocol/http-call.js'
import { type Transformed, intercept } from './call-interceptor.js'

/**
 * Asks the REQUEST interceptor of an HTTP target.
 *
 * @returns the call to make. If the interceptor answered, also that answer, which is sent without a call.
 * @throws InterceptorFailure
 */
export async function askHttpRequestInterceptor(
  gateway: Gateway,
  call: HttpCall,
): Promise<{ changed: HttpCall; instead?: HttpAnswer }> {
  const { request: interceptor, assume } = gateway.settings
  if (interceptor === undefined) return { changed: call }
  try {
    const event = httpRequestEvent(gateway, interceptor, call)
    const { request = {}, response } = await intercept(gateway, interceptor, event, HTTP_SHAPE)
    const changed = change(gateway, call, request)
    if (response === undefined) return { changed }
    const empty = { status: 200, headers: {}, body: Buffer.alloc(0), contentType: undefined }
    return { changed, instead: overlay(empty, response) }
  } catch (error) {
    if (assume.interceptorFailure === 'closed') throw error
    return { changed: call }
  }
}

/**
 * Asks the RESPONSE interceptor of an HTTP target.
 *
 * @throws InterceptorFailure
 */
export async function askHttpResponseInterceptor(
  gateway: Gateway,
  call: HttpCall,
  answer: HttpAnswer,
): Promise<HttpAnswer> {
  const { response: interceptor, assume } = gateway.settings
  if (interceptor === undefined) return answer
  try {
    const event = httpResponseEvent(gateway, interceptor, call, answer)
    const { response = {} } = await intercept(gateway, interceptor, event, HTTP_SHAPE)
    return overlay(answer, response)
  } catch (error) {
    if (assume.interceptorFailure === 'closed') throw error
    return answer
  }
}

function change({ settings }: Gateway, call: HttpCall, { headers, body }: Transformed): HttpCall {
  const interceptorHeaders = headers && lowerCase(headers)
  const replaced = settings.assume.interceptorHeaders === 'replace' && headers !== undefined
  return {
    ...call,
    clientHeaders: replaced ? {} : call.clientHeaders,
    interceptorHeaders,
    ...(body !== undefined && { body: Buffer.from(body as string, 'base64') }),
  }
}

/** Lays the changes of an interceptor over an answer. What the interceptor left out stays. */
function overlay(answer: HttpAnswer, changes: Transformed): HttpAnswer {
  const { statusCode, headers, body, contentType } = changes
  return {
    status: statusCode ?? answer.status,
    headers: { ...answer.headers, ...lowerCase(headers ?? {}) },
    body: body === undefined ? answer.body : Buffer.from(body as string, 'base64'),
    contentType: contentType ?? answer.contentType,
  }
}

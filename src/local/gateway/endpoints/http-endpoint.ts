import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lambda/lambda.js'
import { readBody } from '../../http/read-body.js'
import { failureText } from '../protocol/failure-text.js'
import { type Gateway, limited } from '../protocol/gateway-state.js'
import { readHeaders, without } from '../protocol/headers.js'
import type { HttpAnswer, HttpCall } from '../protocol/http-call.js'
import { callHttpTarget, pipe } from '../targets/http-target.js'
import type { HttpTarget } from '../protocol/options.js'
import { type OutboundReply, readReply } from '../targets/outbound.js'
import { sendJson } from '../../http/send-json.js'
import {
  askHttpRequestInterceptor,
  askHttpResponseInterceptor,
} from '../interceptors/ask-http-interceptors.js'

/**
 * The main line of a gateway with HTTP targets: `/<target>/<rest>` → REQUEST → target → RESPONSE → answer. If
 * the REQUEST interceptor answers, the RESPONSE interceptor is not asked.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-target-http-passthrough.html
 */
export async function serveHttp(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = await readCall(gateway, request, response)
  if (call === undefined) return
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const { signal, done } = limited(gateway, gateway.settings.targetTimeoutMs, gone.signal)
  try {
    const { changed, instead } = await askHttpRequestInterceptor(gateway, call)
    if (instead !== undefined) return sendAnswer(response, instead)
    const reply = await callHttpTarget(gateway, changed, signal)
    if (isOpenEnded(gateway, changed, reply)) return await pipe(reply, response)
    sendAnswer(
      response,
      await askHttpResponseInterceptor(gateway, changed, await readAnswer(reply)),
    )
  } catch (error) {
    sendJson(response, 500, {}, { message: failureText(gateway, error) })
  } finally {
    done()
  }
}

async function readCall(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<HttpCall | undefined> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const [, name, rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(pathname) ?? []
  const target = gateway.settings.targets.find((one) => one.name === name) as HttpTarget | undefined
  if (target === undefined) return void sendJson(response, 404, {}, { message: 'Not Found' })
  const body = await readBody(request, MAX_LAMBDA_PAYLOAD_BYTES).catch(() => undefined)
  if (body === undefined) return void sendJson(response, 413, {}, { message: 'Too large' })
  const headers = readHeaders(request.headers)
  return {
    target,
    method: request.method ?? 'GET',
    path: pathname,
    rest: `${rest}${search}`,
    headers,
    clientHeaders: headers,
    interceptorHeaders: undefined,
    body,
    requestId: randomUUID(),
    sourceIp: request.socket.remoteAddress,
  }
}

/**
 * Whether an answer is a stream that may never end, or that no interceptor waits for. Interceptors work on
 * whole answers, so such a stream passes without them.
 */
function isOpenEnded({ settings }: Gateway, { method }: HttpCall, reply: OutboundReply): boolean {
  const streams = reply.headers['content-type']?.startsWith('text/event-stream') === true
  return streams && (method === 'GET' || settings.response === undefined)
}

async function readAnswer({ status, headers, body }: OutboundReply): Promise<HttpAnswer> {
  const cookies = body.headers['set-cookie']
  const others = without(headers, 'content-type', 'content-length')
  return {
    status,
    headers: { ...others, ...(cookies && { 'set-cookie': cookies }) },
    body: await readReply(body, MAX_LAMBDA_PAYLOAD_BYTES),
    contentType: headers['content-type'],
  }
}

function sendAnswer(
  response: ServerResponse,
  { status, headers, body, contentType }: HttpAnswer,
): void {
  response.writeHead(status, {
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...headers,
    'content-length': body.length,
  })
  response.end(body)
}

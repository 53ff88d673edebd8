import type { ServerResponse } from 'node:http'
import { note } from '../../http/journal.js'
import { InterceptorFailure } from '../interceptors/call-interceptor.js'
import { failureText } from '../protocol/failure-text.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { idOf, INTERNAL_ERROR, rpcError, type RpcMessage } from '../protocol/json-rpc.js'
import { serve } from './mcp-methods.js'
import type { McpCall, McpPost } from '../protocol/mcp-post.js'
import type { Outcome } from '../protocol/outcome.js'
import { askRequestInterceptor } from '../interceptors/ask-request-interceptor.js'
import { sendJson } from '../../http/send-json.js'
import {
  askResponseInterceptor,
  sentHeaders,
  type McpAnswer,
} from '../interceptors/ask-response-interceptor.js'
import { stream } from './streaming.js'

/** The main line of an MCP gateway: request → REQUEST → target → RESPONSE → answer. */
export async function answerPost(
  gateway: Gateway,
  post: McpPost,
  response: ServerResponse,
): Promise<void> {
  try {
    const { call, instead } = await askRequestInterceptor(gateway, post)
    const outcome: McpAnswer | Outcome = instead ?? (await serveAll(gateway, call))
    if (outcome.kind === 'accepted') {
      note({ kind: 'answered', status: 202, headers: {}, body: undefined })
      return void response.writeHead(202).end()
    }
    if (outcome.kind === 'stream') return await stream(gateway, call, outcome, response)
    const answer = await askResponseInterceptor(gateway, call, outcome)
    send(response, answer.status, sentHeaders(gateway, answer), answer.body)
  } catch (error) {
    if (!(error instanceof InterceptorFailure)) note({ kind: 'failed', part: 'TARGET', error })
    const text = failureText(gateway, error)
    send(response, 500, {}, rpcError(idOf(post.body), INTERNAL_ERROR, text))
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: unknown,
): void {
  note({ kind: 'answered', status, headers, body })
  sendJson(response, status, headers, body)
}

async function serveAll(gateway: Gateway, call: McpCall): Promise<McpAnswer | Outcome> {
  if (!Array.isArray(call.body)) return serve(gateway, call, call.body as RpcMessage)
  const bodies: unknown[] = []
  for (const message of call.body as RpcMessage[]) {
    const outcome = await serve(gateway, call, message)
    if (outcome.kind === 'answer') bodies.push(outcome.body)
  }
  return bodies.length === 0
    ? { kind: 'accepted' }
    : { kind: 'answer', status: 200, headers: {}, body: bodies }
}

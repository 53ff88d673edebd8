import type { ServerResponse } from 'node:http'
import { note } from '../../http/journal.js'
import { failureText } from '../protocol/failure-text.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { InterceptorFailure } from '../interceptors/call-interceptor.js'
import {
  INTERNAL_ERROR,
  isNotification,
  isResponse,
  rpcError,
  type RpcMessage,
} from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { Outcome } from '../protocol/outcome.js'
import { askResponseInterceptor, sentHeaders } from '../interceptors/ask-response-interceptor.js'
import { formatEvent } from '../protocol/sse.js'

/**
 * Sends a server's messages as they come. The RESPONSE interceptor sees messages with an id, except pings.
 * Its status and headers count only if nothing was sent before, e.g. no progress notification.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 * @throws InterceptorFailure if it can still become HTTP 500
 */
export async function stream(
  gateway: Gateway,
  call: McpCall,
  { id, headers, messages }: Extract<Outcome, { kind: 'stream' }>,
  response: ServerResponse,
): Promise<void> {
  let streamed: 'first' | 'later' = 'first'
  try {
    for await (const message of messages) {
      if (passesBy(message)) {
        write(response, 200, headers, message)
        continue
      }
      const plain = { kind: 'answer', status: 200, headers, body: message } as const
      const answer = await askResponseInterceptor(gateway, call, plain, streamed)
      streamed = 'later'
      write(response, answer.status, sentHeaders(gateway, answer), answer.body)
    }
  } catch (error) {
    if (error instanceof InterceptorFailure && !response.headersSent) throw error
    if (!(error instanceof InterceptorFailure)) note({ kind: 'failed', part: 'TARGET', error })
    write(response, 200, headers, rpcError(id, INTERNAL_ERROR, failureText(gateway, error)))
  }
  response.end()
}

function passesBy(message: RpcMessage): boolean {
  return isNotification(message) || message['method'] === 'ping'
}

function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  message: unknown,
): void {
  if (!response.headersSent) {
    const type = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }
    response.writeHead(status, { ...headers, ...type })
  }
  if (isResponse(message)) note({ kind: 'answered', status, headers, body: message })
  response.write(formatEvent(message))
}

import { randomUUID } from 'node:crypto'
import { isRecord, parseJson } from '../../../wire/json.js'
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lambda/lambda.js'
import {
  METHOD_NOT_FOUND,
  type RpcMessage,
  isNotification,
  isRequest,
  isResponse,
  metaOf,
  nameIn,
  paramsOf,
} from '../protocol/json-rpc.js'
import { type OutboundReply, readReply, send } from './outbound.js'
import { readMessages } from './target-stream.js'
import { encodeName } from '../protocol/headers.js'
import { META, STATELESS_VERSION } from '../protocol/versions.js'
import type { Connection } from '../protocol/session.js'

/** A target failed. The message is for the gateway's owner only. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
  /** The HTTP status; `undefined` if there was no answer. */
  readonly status: number | undefined

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** A server does not know a method. */
export class UnknownMethodError extends TargetError {}

/** The answer to one message. */
export interface Exchange {
  status: number
  headers: Record<string, string>
  messages: AsyncGenerator<RpcMessage>
}

export interface Outgoing {
  /** The headers of the client and the interceptor that may reach the target. */
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** A connection, and what goes with every message of one call. */
export interface Conversation {
  connection: Connection
  outgoing: Outgoing
}

export const CLIENT_INFO = { name: 'agentcore-gateway', version: '1.0.0' }

/**
 * Sends one message. It resolves when the head of the answer is there.
 *
 * @throws TargetError
 */
export async function post(
  connection: Connection,
  message: RpcMessage,
  { headers, signal }: Outgoing,
): Promise<Exchange> {
  const all = { ...headers, ...protocolHeaders(connection, message) }
  const body = JSON.stringify(message)
  const request = { method: 'POST', headers: withLength(all, body), body, signal }
  const reply = await send(connection.target.mcp, request).catch((error: unknown) => {
    throw new TargetError(`${connection.target.name} cannot be reached`, undefined, {
      cause: error,
    })
  })
  const messages = await read(connection, message, reply, { headers: all, signal })
  return { status: reply.status, headers: reply.headers, messages }
}

/**
 * Sends a request of the gateway's own, and waits for its answer.
 *
 * @throws TargetError, and UnknownMethodError if the server does not know the method.
 */
export async function ask(
  connection: Connection,
  method: string,
  params: Record<string, unknown>,
  outgoing: Outgoing,
): Promise<{ result: Record<string, unknown>; headers: Record<string, string> }> {
  const message = forConnection(connection, {
    jsonrpc: '2.0',
    id: `gateway-${randomUUID()}`,
    method,
    params,
  })
  const { headers, messages } = await post(connection, message, outgoing)
  for await (const reply of messages) {
    if (!isResponse(reply) || reply.id !== message['id']) continue
    if (isRecord(reply['result'])) return { result: reply['result'], headers }
    const { error } = reply
    const isUnknown = isRecord(error) && error['code'] === METHOD_NOT_FOUND
    const said = `${connection.target.name} answered ${method} with an error`
    throw isUnknown ? new UnknownMethodError(said, 200) : new TargetError(said, 200)
  }
  throw new TargetError(`${connection.target.name} did not answer ${method}`)
}

/** Ends the session with a server, if there is one. */
export async function disconnect(connection: Connection, signal: AbortSignal): Promise<void> {
  const { sessionId, target } = connection
  if (sessionId === undefined) return
  const headers = protocolHeaders(connection, {})
  const reply = await send(target.mcp, { method: 'DELETE', headers, signal })
  reply.body.resume()
}

/** Adds what every request of the stateless version must have, if the client's request does not have it. */
export function forConnection({ stateless }: Connection, message: RpcMessage): RpcMessage {
  if (!stateless || META.version in metaOf(message)) return message
  const _meta = {
    ...metaOf(message),
    [META.version]: STATELESS_VERSION,
    [META.clientInfo]: CLIENT_INFO,
    [META.capabilities]: {},
  }
  return { ...message, params: { ...paramsOf(message), _meta } }
}

function protocolHeaders(
  { stateless, version, sessionId }: Connection,
  message: RpcMessage,
): Record<string, string> {
  const name = nameIn(message)
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'user-agent': 'agentcore-gateway',
    ...(version !== '' && { 'mcp-protocol-version': version }),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    ...(stateless && isRequest(message) && { 'mcp-method': message.method }),
    ...(stateless && name !== undefined && { 'mcp-name': encodeName(name) }),
  }
}

function withLength(headers: Record<string, string>, body: string): Record<string, string> {
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) }
}

async function read(
  { target }: Connection,
  message: RpcMessage,
  reply: OutboundReply,
  again: Outgoing,
): Promise<AsyncGenerator<RpcMessage>> {
  const { status, headers, body } = reply
  const type = headers['content-type'] ?? ''
  if (status < 300 && !isRequest(message)) {
    body.resume() // No answer is expected.
    return each([])
  }
  if (status < 300 && type.startsWith('text/event-stream')) {
    return readMessages(target.mcp, message, reply, again)
  }
  const text = await readReply(body, MAX_LAMBDA_PAYLOAD_BYTES).catch((error: unknown) => {
    throw new TargetError(`${target.name} broke off its answer`, undefined, { cause: error })
  })
  const parsed = parseJson(text.toString())
  const messages = (Array.isArray(parsed) ? parsed : [parsed]).filter(
    (one) => isRequest(one) || isNotification(one) || isResponse(one),
  ) as RpcMessage[]
  if (!messages.some((one) => isResponse(one) && one.id === message['id']))
    throw new TargetError(`${target.name} answered HTTP ${status}`, status)
  return each(messages)
}

async function* each(messages: readonly RpcMessage[]): AsyncGenerator<RpcMessage> {
  for (const message of messages) yield await Promise.resolve(message)
}

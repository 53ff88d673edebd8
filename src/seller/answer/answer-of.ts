import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { StreamAround } from '../../wire/sse.js'
import { isRecord } from '../../wire/json.js'
import type { Answer, Charges, CreditsSource, Original } from './answer.js'
import { contentIn, findCharges, withoutOverrides } from './charges.js'

/** What a handler returned, in its parts. */
export interface Output {
  statusCode: number
  headers: Record<string, string>
  body: unknown
  stream?: StreamAround | undefined
  original?: Original | undefined
  /** Whether the body is a text that is not JSON-RPC. */
  isUnread?: boolean
}

/**
 * Whether it is a response as handlers of Function URLs and API Gateway return it. API Gateway also takes a
 * status that is a text.
 */
export function isHttpResponse(returned: Record<string, unknown>): boolean {
  const { statusCode } = returned
  const isStated = typeof statusCode === 'number' || /^[1-5]\d\d$/.test(textOf(statusCode))
  return isStated && !('content' in returned)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isGood(statusCode: number): boolean {
  return statusCode >= 200 && statusCode <= 299
}

/** @returns `undefined` if the body is neither an MCP result nor a JSON-RPC message. */
export function answerOf(
  output: Output,
  creditsFrom: ReadonlySet<CreditsSource>,
): Answer | undefined {
  const { statusCode, headers, body, stream, original } = output
  const isUnread = output.isUnread === true
  const result = typeof body === 'string' ? textResult(body) : body
  const outcome = readBody(isUnread ? { ...textResult(String(body)), isError: true } : result)
  if (outcome === undefined) return undefined
  const failed =
    'error' in outcome ||
    saysFailed(outcome.result.isError) ||
    (creditsFrom.has('content') && isFlattenedError(outcome.result)) ||
    !isGood(statusCode)
  const unfinished = 'result' in outcome && isUnfinished(outcome.result)
  const charges = isUnread ? NOTHING : findCharges({ headers, body, outcome }, creditsFrom)
  const sent = withoutOverrides(headers)
  return { statusCode, headers: sent, outcome, stream, original, failed, unfinished, ...charges }
}

/** Whether `isError` says that the call failed. Some servers write `1` or `'true'`: any form is believed. */
function saysFailed(isError: unknown): boolean {
  return Boolean(isError) && isError !== 'false'
}

/** An answer that nobody can read is not charged, even if failed answers are. */
const NOTHING: Charges = { creditsToCharge: 0, amountToCharge: '0' }

function isUnfinished({ resultType, content, structuredContent }: McpResult): boolean {
  return resultType === 'input_required' && content === undefined && structuredContent === undefined
}

function readBody(body: unknown): Exclude<Answer['outcome'], { raw: unknown }> | undefined {
  if (!isRecord(body)) return undefined
  if (!('jsonrpc' in body)) return { result: sendable(body) }
  if (isRecord(body['error'])) return { error: body['error'] as NonNullable<McpResponse['error']> }
  const result = body['result']
  if (typeof result === 'string') return { result: textResult(result) }
  return isRecord(result) ? { result: sendable(result) } : undefined
}

/** Makes credits a text: JSON has no bigint. A text is still no valid price, but the result can be sent. */
function sendable(result: Record<string, unknown>): McpResult {
  const meta = result['_meta']
  if (!isRecord(meta)) return result
  const { creditsToCharge, amountToCharge } = meta
  if (typeof creditsToCharge !== 'bigint' && typeof amountToCharge !== 'bigint') return result
  const _meta: Record<string, unknown> = {
    ...meta,
    ...(typeof creditsToCharge === 'bigint' && { creditsToCharge: `${creditsToCharge}` }),
    ...(typeof amountToCharge === 'bigint' && { amountToCharge: `${amountToCharge}` }),
  }
  return { ...result, _meta }
}

function textResult(text: string): McpResult {
  return { content: [{ type: 'text', text }] }
}

/**
 * Whether a Lambda target's error was turned into text. The Gateway wraps what a target returns as the JSON
 * text of a good result. The text is believed only if `creditsFrom` has `'content'`: a buyer can make a tool
 * that repeats its input say the same.
 */
function isFlattenedError(result: McpResult): boolean {
  const [content, ...others] = contentIn(result)
  if (!isRecord(content) || others.length > 0) return false
  return content['isError'] === true && Array.isArray(content['content'])
}

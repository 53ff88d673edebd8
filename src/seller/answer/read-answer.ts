import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  REFUND_DUE_HEADER,
  SEAL_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../wire/x402.js'
import { SETTLEMENT_OVERRIDES_HEADER, contentIn, findCharges, parsedBody } from './charges.js'
import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { Answer, CreditsSource } from './answer.js'
import { isRecord } from '../../wire/json.js'

/** @returns the answer, or `undefined` if what the handler returned is none of the four formats. */
export function readAnswer(
  returned: unknown,
  creditsFrom: ReadonlySet<CreditsSource>,
): Answer | undefined {
  const output = unwrapOutput(returned)
  if (output === undefined) return undefined
  const body = typeof output.body === 'string' ? textResult(output.body) : output.body
  const outcome = readBody(body)
  if (outcome === undefined) return undefined
  const { statusCode, headers } = output
  const failed =
    'error' in outcome ||
    outcome.result.isError === true ||
    (creditsFrom.has('content') && isFlattenedError(outcome.result)) ||
    statusCode < 200 ||
    statusCode > 299
  const unfinished = 'result' in outcome && isUnfinished(outcome.result)
  const charges = findCharges({ headers, body, outcome }, creditsFrom)
  return { statusCode, headers: withoutOverrides(headers), outcome, failed, unfinished, ...charges }
}

interface Output {
  statusCode: number
  headers: Record<string, string>
  body: unknown
}

/** Takes a complete interceptor output apart, with or without its version and headers. */
function unwrapOutput(returned: unknown): Output | undefined {
  if (!isRecord(returned)) return { statusCode: 200, headers: {}, body: returned }
  const isOutput = 'interceptorOutputVersion' in returned || 'mcp' in returned
  if (!isOutput && !isHttpResponse(returned))
    return { statusCode: 200, headers: {}, body: returned }
  const mcp = returned['mcp']
  const response = isOutput
    ? isRecord(mcp) && mcp['transformedGatewayResponse']
    : { ...returned, body: textOf(returned) }
  if (!isRecord(response)) return undefined
  const { statusCode = 200, headers, body } = response
  const isStatus =
    Number.isInteger(statusCode) && Number(statusCode) >= 100 && Number(statusCode) < 600
  if (typeof statusCode !== 'number' || !isStatus) return undefined
  return { statusCode, headers: textEntries(headers), body: parsedBody(body) }
}

function isUnfinished({ resultType, content, structuredContent }: McpResult): boolean {
  return resultType === 'input_required' && content === undefined && structuredContent === undefined
}

/** What handlers of Function URLs and API Gateway return. */
export function isHttpResponse(returned: Record<string, unknown>): boolean {
  return typeof returned['statusCode'] === 'number' && !('content' in returned)
}

function textOf({ body, isBase64Encoded }: Record<string, unknown>): unknown {
  return isBase64Encoded === true && typeof body === 'string'
    ? Buffer.from(body, 'base64').toString()
    : body
}

function readBody(body: unknown): Exclude<Answer['outcome'], { raw: unknown }> | undefined {
  if (!isRecord(body)) return undefined
  if (!('jsonrpc' in body)) return { result: sendable(body) }
  if (isRecord(body['error'])) return { error: body['error'] as NonNullable<McpResponse['error']> }
  const result = body['result']
  if (typeof result === 'string') return { result: textResult(result) }
  return isRecord(result) ? { result: sendable(result) } : undefined
}

/** JSON has no bigint. As text, credits are still no valid price, and do not take the result with them. */
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

/** Receipts and challenges are ours to give, and what our phases share stays between them. */
const OURS = new Set([
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
  REFUND_DUE_HEADER,
  SEAL_HEADER,
])

export function textEntries(headers: unknown): Record<string, string> {
  const entries = isRecord(headers) ? Object.entries(headers) : []
  const ofOthers = entries.filter(
    ([name, value]) => IS_HEADER_VALUE.has(typeof value) && !OURS.has(name.toLowerCase()),
  )
  return Object.fromEntries(ofOthers.map(([name, value]) => [name, String(value)]))
}

/** What a handler says about its price is for us. */
export function withoutOverrides(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers)
  return Object.fromEntries(
    entries.filter(([name]) => name.toLowerCase() !== SETTLEMENT_OVERRIDES_HEADER),
  )
}

/** API Gateway takes numbers and booleans as well. */
const IS_HEADER_VALUE = new Set(['string', 'number', 'boolean'])

/**
 * What a Lambda target returns arrives as the JSON text of a good result. Its word is taken only where the
 * seller trusts the content, since a buyer can make a tool that repeats him say the same.
 */
function isFlattenedError(result: McpResult): boolean {
  const [content, ...others] = contentIn(result)
  if (!isRecord(content) || others.length > 0) return false
  return content['isError'] === true && Array.isArray(content['content'])
}

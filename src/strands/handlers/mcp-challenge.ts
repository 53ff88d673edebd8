import { isRecord } from '../../wire/json.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import { markedAnswer } from './marked-answer.js'
import { blocksOf, headersOf, objectOf, type ToolAnswer } from './tool-answer.js'
import { isX402, unmarkedAnswer } from './unmarked-answer.js'

/** A result whose challenge, if it is one, is in a text with the marker. */
export interface PayableResult {
  result: unknown
  /** Whether its seller looks for the payment in `_meta`; `undefined` where nothing is asked for. */
  isInMeta?: boolean | undefined
}

/**
 * A seller by x402 answers with an error result, and a tool that calls others may pass on what those answer.
 * Any other result that looks like a challenge is what a tool found: nobody asks for money with it.
 */
export function asPayable(result: unknown, isProxied: boolean): PayableResult {
  if (!isRecord(result)) return { result }
  const isAsking = result['isError'] === true || isProxied
  const body = isAsking ? x402In(result) : undefined
  if (body !== undefined) {
    const headers = headersOf(result['responseHeaders']) ?? {}
    return { result: withMarker(result, { statusCode: 402, headers, body }), isInMeta: true }
  }
  if (markedAnswer(result)?.statusCode === 402) return { result, isInMeta: false }
  const ignored = isAsking ? ['content'] : ['content', 'structuredContent']
  const other = unmarkedAnswer(without(result, ...ignored))
  return other === undefined ? { result } : { result: withMarker(result, other), isInMeta: false }
}

/**
 * A challenge in a JSON-RPC error with code 402, as some servers answer.
 *
 * @throws any other error, as it came
 */
export function errorAsPayable(error: unknown): PayableResult {
  const { code, data } = error instanceof Error ? (error as { code?: unknown; data?: unknown }) : {}
  const body = code === 402 ? objectOf(data) : undefined
  if (!isX402(body)) throw error
  const result = { content: [], isError: true }
  return { result: withMarker(result, { statusCode: 402, headers: {}, body }), isInMeta: true }
}

function x402In(result: Record<string, unknown>): Record<string, unknown> | undefined {
  return [result['structuredContent'], ...blocksOf(result)].map(objectOf).find(isX402)
}

/** Without `structuredContent`, since clients hold it against the output schema of the tool. */
function withMarker(result: Record<string, unknown>, answer: ToolAnswer): Record<string, unknown> {
  const members = without(result, 'structuredContent')
  const content: unknown[] = Array.isArray(result['content']) ? result['content'] : []
  const isMarked = markedAnswer(result)?.statusCode === 402
  const more = isMarked ? [] : [{ type: 'text', text: PAYMENT_REQUIRED_MARKER + json(answer) }]
  return { ...members, content: [...content, ...more], isError: true }
}

function without(result: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).filter(([name]) => !names.includes(name)))
}

function json(answer: ToolAnswer): string {
  try {
    return JSON.stringify(answer)
  } catch {
    return '' // nested deeper than the stack
  }
}

import { isRecord } from '../../wire/json.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import { TOOL_RESOURCE, isResourceOf } from '../../wire/tool-names.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import { afterMarker, markedAnswer } from './marked-answer.js'
import {
  blocksOf,
  headersOf,
  objectOf,
  onlyBlockOf,
  parseJson,
  type ToolAnswer,
} from './tool-answer.js'
import { isX402, passedOnAnswer, statedAnswer, unmarkedAnswer } from './unmarked-answer.js'

/** A result of a tool. If it has a challenge, the challenge is in a text with the marker. */
export interface PayableResult {
  result: unknown
  /** Whether its seller looks for the payment in `_meta`; `undefined` if the result asks for no payment. */
  isInMeta?: boolean | undefined
}

/** The tool that was called. */
export interface CalledTool {
  /** Its name on its server. */
  name: string
  /** Whether the tool's job is to call other tools. */
  isProxied: boolean
  /** Whether it is a Lambda target. Only its seller writes the ordinary texts of such a tool. */
  isLambda: boolean
}

/**
 * Finds the challenge in a tool's result. A seller by x402 answers with an error result. A tool that calls
 * others may pass on what those answer. Any other result that looks like a challenge is something that the
 * tool found, and asks nobody for money.
 */
export function asPayable(result: unknown, called: CalledTool): PayableResult {
  if (!isRecord(result)) return { result }
  if (result['isError'] === true) return asRefusal(result, called)
  const inMeta = called.isProxied ? objectOf(result['structuredContent']) : undefined
  if (isX402(inMeta)) return inMetaOf(result, inMeta, called)
  const read = called.isProxied ? passedOnAnswer : statedAnswer
  const other = read(without(result, 'content')) ?? flattenedAnswer(result, called)
  return other === undefined ? { result } : inArgumentsOf(result, other, called)
}

function asRefusal(result: Record<string, unknown>, called: CalledTool): PayableResult {
  const body = [result['structuredContent'], ...blocksOf(result)].map(objectOf).find(isX402)
  if (body !== undefined) return inMetaOf(result, body, called)
  const marked = markedAnswer(result)
  const found = marked?.statusCode === 402 ? marked : unmarkedAnswer(without(result, 'content'))
  return found === undefined ? { result } : inArgumentsOf(result, found, called)
}

function inMetaOf(
  result: Record<string, unknown>,
  body: Record<string, unknown> | undefined,
  called: CalledTool,
): PayableResult {
  const answer = { statusCode: 402, headers: headersOf(result['responseHeaders']) ?? {}, body }
  if (isForAnother(answer, called)) return { result: NOT_FOR_THIS }
  return { result: withMarker(result, answer), isInMeta: true }
}

function inArgumentsOf(
  result: Record<string, unknown>,
  answer: ToolAnswer,
  called: CalledTool,
): PayableResult {
  if (isForAnother(answer, called)) return { result: NOT_FOR_THIS }
  return { result: withMarker(result, answer), isInMeta: false }
}

/** Replaces a result that asks for money for another tool: unchanged, it would be paid. */
const NOT_FOR_THIS = Object.freeze({
  content: [
    { type: 'text', text: 'The tool asks for a payment for another tool, so nothing was paid.' },
  ],
  isError: true,
})

/**
 * Reads the error result of a Lambda target behind AgentCore Gateway. The Gateway makes an ordinary text of
 * it. It counts only if the developer named the tool as a Lambda target. Any other text is what a tool found.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html
 */
function flattenedAnswer(
  result: Record<string, unknown>,
  { isLambda }: CalledTool,
): ToolAnswer | undefined {
  const text = isLambda ? onlyBlockOf(result) : undefined
  const inner = typeof text === 'string' ? parseJson(text) : undefined
  const found = typeof inner === 'string' ? afterMarker(inner) : refusalIn(inner)
  return found?.statusCode === 402 ? found : undefined
}

function refusalIn(inner: unknown): ToolAnswer | undefined {
  return isRecord(inner) && inner['isError'] === true ? statedAnswer(inner) : undefined
}

/** Whether a challenge is for another tool. Sellers may also name a URL of their own. */
function isForAnother(answer: ToolAnswer, { name, isProxied }: CalledTool): boolean {
  const tools = resourcesIn(answer).filter((url) => url.startsWith(TOOL_RESOURCE))
  return !isProxied && tools.some((url) => !isResourceOf(name, url))
}

/** The resources that a challenge is for, in either version of x402. */
function resourcesIn({ headers = {}, body }: ToolAnswer): string[] {
  const inHeaders = Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === PAYMENT_REQUIRED_HEADER ? [decodeHeader(value)] : [],
  )
  return [...inHeaders, body].filter(isRecord).flatMap(({ resource, accepts }) => {
    const v1: unknown[] = Array.isArray(accepts) ? accepts : []
    const named = [resource, ...v1.map((one) => (isRecord(one) ? one['resource'] : undefined))]
    return named
      .map((one) => (isRecord(one) ? one['url'] : one))
      .filter((one): one is string => typeof one === 'string')
  })
}

/**
 * The result with the marker and without `structuredContent`: clients check that against the tool's output
 * schema.
 */
function withMarker(result: Record<string, unknown>, answer: ToolAnswer): Record<string, unknown> {
  const members = without(result, 'structuredContent')
  const content: unknown[] = Array.isArray(result['content']) ? result['content'] : []
  const isMarked = markedAnswer(result)?.statusCode === 402
  const more = isMarked ? [] : [{ type: 'text', text: PAYMENT_REQUIRED_MARKER + json(answer) }]
  return { ...members, content: [...content, ...more], isError: true }
}

/**
 * Finds a challenge in a JSON-RPC error with code 402, as some servers answer.
 *
 * @throws any other error, as it came
 */
export function errorAsPayable(error: unknown, called: CalledTool): PayableResult {
  const { code, data } = error instanceof Error ? (error as { code?: unknown; data?: unknown }) : {}
  const body = code === 402 ? objectOf(data) : undefined
  if (!isX402(body)) throw error
  return inMetaOf({ content: [], isError: true }, body, called)
}

function without(result: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).filter(([name]) => !names.includes(name)))
}

function json(answer: ToolAnswer): string {
  try {
    return JSON.stringify(answer)
  } catch {
    return '' // It is nested deeper than the stack.
  }
}

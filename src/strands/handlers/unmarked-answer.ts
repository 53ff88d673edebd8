import { mppChallenges } from '../../wire/mpp.js'
import { isRecord } from '../../wire/json.js'
import { afterMarker, markedAnswer } from './marked-answer.js'
import {
  blocksOf,
  headersOf,
  objectOf,
  parseJson,
  statusOf,
  type ToolAnswer,
} from './tool-answer.js'

/**
 * Reads a 402 without the marker, as tools that know nothing of payments write it. It is an object, or JSON
 * in a text. The object has a status of 402, or a challenge. A challenge of x402 is at its top or in
 * `structuredContent`, one of MPP is among its headers. An object with another status is no 402, whatever it quotes.
 */
export function unmarkedAnswer(result: unknown): ToolAnswer | undefined {
  const blocks = blocksOf(result).map((block) =>
    typeof block === 'string' ? parseJson(block) : block,
  )
  for (const candidate of [result, ...blocks]) {
    const found = typeof candidate === 'string' ? afterMarker(candidate) : inObject(candidate)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Reads a 402 that an object states itself: its own status is 402, or it is an error result of MCP. Such an
 * object counts in a good result too.
 */
export function statedAnswer(candidate: unknown): ToolAnswer | undefined {
  if (!isRecord(candidate)) return undefined
  const isStated = statusesOf(candidate).length > 0 || candidate['isError'] === true
  return isStated ? inObject(candidate) : undefined
}

/**
 * Reads what another tool's server asked for. Its challenge stands beside the result, or is all there is in
 * `structuredContent`. Texts in there, and its members, are what the server found.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-connect-bazaar.html
 */
export function passedOnAnswer(candidate: unknown): ToolAnswer | undefined {
  if (!isRecord(candidate)) return undefined
  const { structuredContent, responseHeaders } = candidate
  return isX402(structuredContent) || hasMpp(headersOf(responseHeaders) ?? {})
    ? inObject(candidate)
    : statedAnswer(candidate)
}

function inObject(candidate: unknown): ToolAnswer | undefined {
  if (!isRecord(candidate)) return undefined
  const statuses = statusesOf(candidate)
  const is402 = statuses.length > 0
  if (statuses.some((status) => status !== 402)) return undefined
  const headers = headersIn(candidate)
  const body = bodyIn(candidate)
  const asks = is402 || isX402(body) || hasMpp(headers)
  return asks ? { statusCode: 402, headers, body } : inMcpResult(candidate)
}

function statusesOf(candidate: Record<string, unknown>): number[] {
  return STATUS_NAMES.flatMap((name) => statusOf(candidate[name]) ?? [])
}

const STATUS_NAMES = ['statusCode', 'status', 'httpStatus']

/** The headers of the 402 itself. Headers of an MCP server only describe the body. */
function headersIn({ responseHeaders, headers }: Record<string, unknown>): Record<string, string> {
  const own = [responseHeaders, headers].map(headersOf)
  const said = own.find((one) => one !== undefined && Object.keys(one).length > 0)
  return said ?? { 'content-type': 'application/json' }
}

function bodyIn(candidate: Record<string, unknown>): Record<string, unknown> | undefined {
  const inside = [candidate['structuredContent'], candidate['body']].map(objectOf)
  const challenge = [candidate, ...inside].find(isX402)
  return challenge ?? inside.find((one) => one !== undefined)
}

export function isX402(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { x402Version, accepts } = value
  const isVersion = typeof x402Version === 'number' || typeof x402Version === 'string'
  return isVersion && Array.isArray(accepts) && accepts.length > 0
}

/** @see https://datatracker.ietf.org/doc/draft-ryan-httpauth-payment/ */
function hasMpp(headers: Record<string, string>): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'www-authenticate' && mppChallenges(value).length > 0,
  )
}

/**
 * Reads the texts of an MCP error result inside a result: AgentCore Gateway passes the answer of a Lambda on
 * as JSON.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html
 */
function inMcpResult(candidate: Record<string, unknown>): ToolAnswer | undefined {
  if (candidate['isError'] !== true) return undefined
  const marked = markedAnswer(candidate)
  if (marked !== undefined) return marked
  const body = blocksOf(candidate).map(objectOf).find(isX402)
  return body && { statusCode: 402, headers: headersIn(candidate), body }
}

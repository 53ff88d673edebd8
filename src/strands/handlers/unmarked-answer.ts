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
 * A 402 without the marker, as tools write it that know nothing of payments: an object, or JSON in a text, that
 * has a status of 402, a challenge of x402 at its top or in `structuredContent`, or one of MPP among its
 * headers. An object whose status says something else is no 402, whatever it quotes.
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

function inObject(candidate: unknown): ToolAnswer | undefined {
  if (!isRecord(candidate)) return undefined
  const statuses = STATUS_NAMES.map((name) => statusOf(candidate[name]))
  const is402 = statuses.includes(402)
  if (!is402 && statuses.some((status) => status !== undefined)) return undefined
  const headers = headersIn(candidate)
  const body = bodyIn(candidate)
  const asks = is402 || isX402(body) || hasMpp(headers)
  return asks ? { statusCode: 402, headers, body } : inMcpResult(candidate)
}

const STATUS_NAMES = ['statusCode', 'status', 'httpStatus']

/** Those of the 402 itself; MCP servers have nothing to say here but what the body is. */
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
 * The texts of an MCP error result inside a result: AgentCore Gateway passes the answer of a Lambda on as JSON.
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

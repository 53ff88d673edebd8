import { isRecord, parseJson as parse } from '../../wire/json.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'
import { bareToolName } from '../../wire/tool-names.js'
import { PAYMENT_ERROR_META_KEY, PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import { MAX_CHALLENGE_CHARS, readChallenge } from '../buying/read-challenge.js'

/**
 * A longer text is not read. The answer of a Lambda target has the same challenge up to four times, escaped
 * up to three times over. Unit: characters.
 */
const MAX_TEXT_CHARS = 16 * MAX_CHALLENGE_CHARS

/**
 * Where the payment goes. `'meta'`: into `_meta["x402/payment"]` as an object. `'meta-text'`: there as
 * base64, for servers of Cloudflare's `agents/x402`. `'arguments'`: into `arguments.headers`, as AWS's plugin
 * sends it.
 */
export type Carrier = 'meta' | 'meta-text' | 'arguments'

export interface FoundChallenge {
  challenge: Challenge
  /** Where its seller looks for the payment. */
  carrier: Carrier
}

/** A called tool, and how its result is read. */
export interface CalledTool {
  /** Its name, as it was called. */
  name: string
  /**
   * Whether its answer is a text that only its seller writes, as with a Lambda target. In an ordinary text of
   * another tool, anybody's words may stand.
   */
  isLambda: boolean
}

/**
 * The challenge in a tool's result, if there is one. It has to be for the tool that was called. A good answer
 * never asks for money, whatever it quotes.
 *
 * An error result can have the challenge in these places:
 * - `structuredContent`, or JSON in a text (x402 over MCP)
 * - `_meta["x402/error"]` (Cloudflare)
 * - a text after the marker (AWS)
 *
 * Clients that declare the extension `org.x402/payment` get it in a result of type `payment_required`.
 *
 * A Lambda target behind AgentCore Gateway cannot return an error result. Its answer arrives as the JSON text
 * of an ordinary result. That text is read only for tools that the buyer names as Lambda targets.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html
 */
export function challengeIn(result: unknown, tool: CalledTool): FoundChallenge | undefined {
  if (!isRecord(result)) return undefined
  const found = foundIn(result, tool)
  return found && isFor(found.challenge, tool.name) ? found : undefined
}

function foundIn(
  result: Record<string, unknown>,
  { isLambda }: CalledTool,
): FoundChallenge | undefined {
  if (result['resultType'] === 'payment_required') {
    const challenge = readChallenge(result['paymentRequired'])
    return challenge && { challenge, carrier: 'meta' }
  }
  if (result['isError'] === true) return inRefusal(result)
  const challenge = isLambda ? inFlattened(result) : undefined
  return challenge && { challenge, carrier: 'arguments' }
}

/** The challenge in a JSON-RPC error with code 402, as some servers answer. */
export function challengeInError(error: unknown, tool: CalledTool): FoundChallenge | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, data } = error as { code?: unknown; data?: unknown }
  const challenge = code === 402 ? readChallenge(data) : undefined
  return challenge && isFor(challenge, tool.name) ? { challenge, carrier: 'meta' } : undefined
}

/** The tool's own result, inside the text that the answer of a Lambda target arrives as. */
export function flattenedResult(result: unknown): unknown {
  const text = isRecord(result) ? onlyText(result) : undefined
  return text === undefined ? undefined : parseJson(text)
}

function inRefusal(result: Record<string, unknown>): FoundChallenge | undefined {
  const structured = readChallenge(result['structuredContent'])
  if (structured !== undefined) return { challenge: structured, carrier: 'meta' }
  // A server that follows the standard has it in `structuredContent` too.
  const meta = isRecord(result['_meta']) ? result['_meta'] : {}
  const inMeta = readChallenge(meta[PAYMENT_ERROR_META_KEY])
  if (inMeta !== undefined) return { challenge: inMeta, carrier: 'meta-text' }
  const texts = textsOf(result)
  const [challenge] = texts.flatMap((text) => readChallenge(parseJson(text)) ?? [])
  if (challenge !== undefined) return { challenge, carrier: 'meta' }
  const [marked] = texts.map(afterMarker).filter((challenge) => challenge !== undefined)
  return marked && { challenge: marked, carrier: 'arguments' }
}

function inFlattened(result: Record<string, unknown>): Challenge | undefined {
  const text = onlyText(result)
  if (text === undefined) return undefined
  const inner = text.startsWith(PAYMENT_REQUIRED_MARKER) ? text : parseJson(text)
  if (typeof inner === 'string') return afterMarker(inner)
  return isRecord(inner) && inner['isError'] === true ? inRefusal(inner)?.challenge : undefined
}

/**
 * The challenge in `{ statusCode: 402, headers, body }`. As in AWS's plugin, a header comes before the body.
 */
function afterMarker(text: string): Challenge | undefined {
  const answer = text.startsWith(PAYMENT_REQUIRED_MARKER)
    ? parseJson(text.slice(PAYMENT_REQUIRED_MARKER.length))
    : undefined
  if (!isRecord(answer) || answer['statusCode'] !== 402) return undefined
  const headers = isRecord(answer['headers']) ? Object.entries(answer['headers']) : []
  const header = headers.find(([name]) => name.toLowerCase() === PAYMENT_REQUIRED_HEADER)?.[1]
  const inHeader = typeof header === 'string' ? readChallenge(decodeHeader(header)) : undefined
  const { body } = answer
  return inHeader ?? readChallenge(typeof body === 'string' ? parseJson(body) : body)
}

/**
 * Whether a challenge is for this tool. Servers of Cloudflare's `agents/x402` name a tool `x402://<name>`. A
 * seller may also name the URL of its server, which a client of MCP does not know.
 */
function isFor({ resource }: Challenge, tool: string): boolean {
  const prefix = ['mcp://tool/', 'x402://'].find((one) => resource.url.startsWith(one))
  if (prefix === undefined) return true
  return [tool, bareToolName(tool)].some((name) => resource.url === `${prefix}${name}`)
}

/** The texts that could hold a challenge or a receipt. The others are not worth parsing. */
function textsOf({ content }: Record<string, unknown>): string[] {
  const blocks: unknown[] = Array.isArray(content) ? content : []
  return blocks.flatMap((block) => {
    const text = isRecord(block) && block['type'] === 'text' ? block['text'] : undefined
    return typeof text === 'string' && /x402|PAYMENT_REQUIRED/.test(text) ? [text] : []
  })
}

/** The text of a result that is one text block only. */
function onlyText(result: Record<string, unknown>): string | undefined {
  const { content, structuredContent } = result
  const isAlone = Array.isArray(content) && content.length === 1
  const isPlain = structuredContent === undefined || structuredContent === null
  return isAlone && isPlain ? textsOf(result)[0] : undefined
}

function parseJson(text: string): unknown {
  return text.length > MAX_TEXT_CHARS ? undefined : parse(text)
}

import { isRecord, parseJson } from '../../wire/json.js'
import { messageIn, sseReader } from '../../wire/sse.js'
import { readChallenge } from '../buying/read-challenge.js'
import { challengeIn } from './mcp-challenge.js'
import { carriesPayment, isToolCall } from './tool-call.js'

/** The reason that an HTTP client gives for not paying a tool. */
export const PAID_BY_PAYING_MCP =
  'an MCP tool asks for payment in its result, which HTTP clients do not pay: use payingMcp'

/** The tool that a body of JSON-RPC calls, unless its caller pays for it itself. */
export function unpaidToolIn(body: string | undefined): string | undefined {
  if (body === undefined || !body.includes('tools/call')) return undefined
  const message = parseJson(body)
  const isCall = isRecord(message) && message['method'] === 'tools/call'
  const params = isCall ? message['params'] : undefined
  return isToolCall(params) && !carriesPayment(params) ? params.name : undefined
}

/** Whether an answer of JSON-RPC, or a buffered stream of such answers, asks for a payment. */
export function asksIn(text: string, tool: string): boolean {
  return mayAsk(text) && asks(messageIn(text), tool)
}

/**
 * Does the same for a body that is still arriving.
 *
 * @returns a function that is true with the piece that completes a challenge. The last piece is empty.
 */
export function asksReader(isStream: boolean, tool: string): (piece: string) => boolean {
  const events = sseReader()
  let text = ''
  let size = 0
  return (piece) => {
    size += piece.length
    if (size > MAX_TEXT_CHARS) {
      text = ''
      return false
    }
    if (isStream) return events(piece).some(({ data }) => asksIn(data, tool))
    text += piece
    return piece === '' && asksIn(text, tool)
  }
}

/** A longer answer is not looked at. Unit: characters. */
const MAX_TEXT_CHARS = 1_048_576

function mayAsk(text: string): boolean {
  return text.includes('x402') || text.includes('PAYMENT_REQUIRED')
}

function asks(message: Record<string, unknown> | undefined, tool: string): boolean {
  const error = message?.['error']
  const inError =
    isRecord(error) && error['code'] === 402 ? readChallenge(error['data']) : undefined
  // This only warns and pays nobody, so a quoted challenge does no harm here.
  const called = { name: tool, isLambda: true }
  return inError !== undefined || challengeIn(message?.['result'], called) !== undefined
}

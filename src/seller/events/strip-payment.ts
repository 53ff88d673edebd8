import { type Carriers, stripHeaders, stripParams } from './payment-carriers.js'
import type { Strip } from './event-shape.js'
import { rewrittenJson } from '../answer/rewritten-json.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { hasTwins } from './json-twins.js'

/** Functions that remove payments from an event around this message. */
export function stripOf(
  message: Record<string, unknown> | undefined,
  params: Record<string, unknown> | undefined,
  carriers: Carriers,
): Strip {
  const stripped =
    message && params ? { ...message, params: handlerParams(message, params, carriers) } : message
  return {
    message: stripped,
    headers: (headers) => stripHeaders(headers, carriers),
    text: (original) => strippedText(original, stripped, carriers),
  }
}

/**
 * The params without payment. A tool call without arguments gets the empty object that its handler's type
 * promises.
 */
function handlerParams(
  message: Record<string, unknown>,
  params: Record<string, unknown>,
  carriers: Carriers,
): Record<string, unknown> {
  const stripped = stripParams(params, carriers)
  if (message['method'] !== 'tools/call' || isRecord(stripped['arguments'])) return stripped
  return { ...stripped, arguments: {} }
}

/**
 * The text without payment. The rest keeps its text. If a member comes twice, only the one that was priced
 * stays: the handler might read the other one.
 */
function strippedText(text: string | undefined, stripped: unknown, carriers: Carriers): string {
  const isTwofold = text !== undefined && hasTwins(text)
  if (text !== undefined && !isTwofold && !mayCarry(text.toLowerCase(), carriers)) return text
  const before = text === undefined ? undefined : parseJson(text)
  try {
    if (text === undefined || !isRecord(before)) {
      return stripped === undefined ? '' : JSON.stringify(stripped)
    }
    const { params } = before
    const after = isRecord(params) ? { ...before, params: stripParams(params, carriers) } : before
    return rewrittenJson(text, before, after, isTwofold)
  } catch {
    return '' // The text is nested deeper than the stack.
  }
}

function mayCarry(lower: string, { tokenHeaders }: Carriers): boolean {
  const words = ['payment', '\\u', ...tokenHeaders]
  return words.some((word) => lower.includes(word))
}

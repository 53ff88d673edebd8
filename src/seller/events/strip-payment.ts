import { type Carriers, stripHeaders, stripParams } from './payment-carriers.js'
import type { Strip } from './event-shape.js'
import { isRecord } from '../../wire/json.js'
import { hasTwins } from './json-twins.js'

/** How payments are taken out of an event around this message. */
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

/** Without payment; a tool call without arguments gets the empty object its handler's type promises. */
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
 * The text is kept byte for byte unless a payment could be in it. Of a member that comes twice only the one that
 * was priced stays, since the handler may read the other one.
 */
function strippedText(text: string | undefined, stripped: unknown, carriers: Carriers): string {
  if (text !== undefined && !mayCarry(text.toLowerCase(), carriers) && !hasTwins(text)) return text
  try {
    return stripped === undefined ? '' : JSON.stringify(stripped)
  } catch {
    return '' // nested deeper than the stack
  }
}

function mayCarry(lower: string, { tokenHeaders }: Carriers): boolean {
  const words = ['payment', '\\u', ...tokenHeaders]
  return words.some((word) => lower.includes(word))
}

import { stripHeaders, stripParams } from './payment-carriers.js'
import type { Strip } from './event-shape.js'
import { isRecord } from '../../wire/json.js'

/** How payments are taken out of an event around this message. */
export function stripOf(
  message: Record<string, unknown> | undefined,
  params: Record<string, unknown> | undefined,
  tokenHeaders: readonly string[],
): Strip {
  const stripped =
    message && params
      ? { ...message, params: handlerParams(message, params, tokenHeaders) }
      : message
  return {
    message: stripped,
    headers: (headers) => stripHeaders(headers, tokenHeaders),
    text: (original) => strippedText(original, stripped, tokenHeaders),
  }
}

/** Without payment; a tool call without arguments gets the empty object its handler's type promises. */
function handlerParams(
  message: Record<string, unknown>,
  params: Record<string, unknown>,
  tokenHeaders: readonly string[],
): Record<string, unknown> {
  const stripped = stripParams(params, tokenHeaders)
  if (message['method'] !== 'tools/call' || isRecord(stripped['arguments'])) return stripped
  return { ...stripped, arguments: {} }
}

/** The text is kept byte for byte unless a payment could be in it. */
function strippedText(
  text: string | undefined,
  stripped: unknown,
  tokenHeaders: readonly string[],
): string {
  if (text !== undefined && !mayCarry(text.toLowerCase(), tokenHeaders)) return text
  try {
    return stripped === undefined ? '' : JSON.stringify(stripped)
  } catch {
    return '' // nested deeper than the stack
  }
}

function mayCarry(lower: string, tokenHeaders: readonly string[]): boolean {
  const words = ['payment', '\\u', ...tokenHeaders]
  return words.some((word) => lower.includes(word))
}

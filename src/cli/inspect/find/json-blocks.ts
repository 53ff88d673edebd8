import { parseJson } from '../../../wire/json.js'

/** A JSON object or list that stands in a text. */
export interface JsonBlock {
  readonly start: number
  readonly end: number
  /** `undefined` if it has no end, or is not well-formed. */
  readonly value: unknown
}

/** The search begins anew at most so often after JSON that has no end. It stays linear with that. */
const MAX_FAILURES = 20
/** More objects than anybody pastes. */
const MAX_BLOCKS = 500

/** Finds every JSON object in a text, whatever stands around it. */
export function jsonBlocks(text: string): JsonBlock[] {
  const found: JsonBlock[] = []
  let from = 0
  for (let failures = 0; failures < MAX_FAILURES && found.length < MAX_BLOCKS; ) {
    const start = text.slice(from).search(/\{\s*["}]|\[\s*\{\s*"/)
    if (start === -1) return found
    const at = from + start
    const end = endOf(text, at)
    const value = end === undefined ? undefined : parseJson(text.slice(at, end))
    if (value !== undefined && end !== undefined) {
      found.push({ start: at, end, value })
      from = end
    } else {
      if (/^\{\s*"\w/.test(text.slice(at, at + 40))) {
        found.push({ start: at, end: end ?? text.length, value: undefined })
      }
      failures += 1
      from = at + 1
    }
  }
  return found
}

/** Where the brackets that open at `start` are closed; `undefined` if they are not. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0
  let isQuoted = false
  for (let at = start; at < text.length; at++) {
    const one = text[at]
    if (isQuoted) {
      if (one === '\\') at += 1
      else if (one === '"') isQuoted = false
    } else if (one === '"') isQuoted = true
    else if (one === '{' || one === '[') depth += 1
    else if (one === '}' || one === ']') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

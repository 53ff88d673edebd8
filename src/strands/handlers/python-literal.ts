import { parseJson } from '../../wire/json.js'

/** A longer text is not read. Unit: characters. */
const MAX_CHARS = 65_536

/**
 * Reads a value as Python prints it: dicts, lists and tuples of texts, numbers, `True`, `False` and `None`.
 * `undefined` if it is something else.
 *
 * @see https://docs.python.org/3/library/functions.html#repr
 */
export function parsePythonLiteral(text: string): unknown {
  if (text.length > MAX_CHARS) return undefined
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token)
  const isRead = tokens.reduce((chars, token) => chars + token.length, 0) === text.length
  return isRead ? parseJson(tokens.map(inJson).join('')) : undefined
}

/**
 * A text, a word, or the characters between them. Reading stops at a text that does not end. To look for its
 * end from each of its quotes would take seconds.
 */
const TOKEN = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|[A-Za-z]+|[^'"A-Za-z]+/gy

const WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  // Python does not print these words, but JSON would accept them.
  ...['true', 'false', 'null'].map((word): [string, string] => [word, 'invalid']),
])

function inJson(token: string): string {
  if (!/^['"]/.test(token)) {
    return WORDS.get(token) ?? token.replaceAll('(', '[').replaceAll(')', ']')
  }
  return JSON.stringify(token.slice(1, -1).replace(ESCAPE, unescape))
}

const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])/g

/** @param said what follows the backslash: a number in hexadecimal after its letter, or one character */
function unescape(all: string, said: string): string {
  if (said.length === 1) return CONTROLS[said] ?? (/['"\\]/.test(said) ? said : all)
  const code = Number.parseInt(said.slice(1), 16)
  return code <= 0x10_ffff ? String.fromCodePoint(code) : all
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

import { isRecord } from '../../wire/json.js'

/**
 * Writes JSON text anew for a value that differs in some members. All that is unchanged keeps its text:
 * numbers beyond 2^53, escapes, spaces and the order of members. New members stand first in their object. If
 * an object that differs has a member twice, the last one stays, as in `JSON.parse`.
 *
 * @param text of `before`; it is known to be JSON
 * @param after what the new text says
 * @param isThorough whether members that come twice are also dropped in objects that do not differ
 * @throws RangeError if values that differ are nested deeper than the stack
 */
export function rewrittenJson(
  text: string,
  before: unknown,
  after: unknown,
  isThorough = false,
): string {
  const reader = { text, at: 0, isThorough }
  const space = spaceAt(reader)
  return space + valueAt(reader, before, after) + text.slice(reader.at)
}

/** A value whose text is already JSON. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

function jsonOf(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value)
}

/** The text of the last member with this name in an object. @param text of JSON */
export function memberTextIn(text: string, name: string): string | undefined {
  const reader = { text, at: 0, isThorough: false }
  spaceAt(reader)
  let found: string | undefined
  do {
    reader.at += 1
    spaceAt(reader)
    if (text.charCodeAt(reader.at) !== QUOTE) break
    const isWanted = nameAt(reader) === name
    const start = reader.at
    skipValue(reader)
    if (isWanted) found = text.slice(start, reader.at)
    spaceAt(reader)
  } while (text.charCodeAt(reader.at) === COMMA)
  return found
}

interface Reader {
  readonly text: string
  /** The index at which it reads next. */
  at: number
  readonly isThorough: boolean
}

function valueAt(reader: Reader, before: unknown, after: unknown): string {
  const { text, at, isThorough } = reader
  const isSame = Object.is(before, after)
  if (isThorough || !isSame) {
    const first = text.charCodeAt(at)
    if (first === OPEN_OBJECT && isRecord(before) && isRecord(after)) {
      return objectAt(reader, before, after)
    }
    if (first === OPEN_LIST && isList(before) && isList(after) && before.length === after.length) {
      return listAt(reader, before, after)
    }
  }
  skipValue(reader)
  return isSame ? text.slice(at, reader.at) : jsonOf(after)
}

type Fields = Readonly<Record<string, unknown>>

function objectAt(reader: Reader, before: Fields, after: Fields): string {
  const { text } = reader
  const members = new Map<string, string>()
  const seen = new Set<string>()
  let close: string
  do {
    reader.at += 1
    const start = reader.at
    spaceAt(reader)
    if (text.charCodeAt(reader.at) === CLOSE_OBJECT) {
      close = text.slice(start, reader.at)
      break
    }
    const name = nameAt(reader)
    const head = text.slice(start, reader.at)
    const isKept = Object.hasOwn(after, name) && after[name] !== undefined
    if (!isKept) skipValue(reader)
    const value = isKept ? valueAt(reader, before[name], after[name]) : ''
    close = spaceAt(reader)
    const tail = text.charCodeAt(reader.at) === COMMA ? close : ''
    seen.add(name)
    // If two members have one name, the last counts. It keeps its own place.
    members.delete(name)
    if (isKept) members.set(name, head + value + tail)
  } while (text.charCodeAt(reader.at) === COMMA)
  reader.at += 1
  const added = Object.keys(after).filter((name) => after[name] !== undefined && !seen.has(name))
  const news = added.map((name) => `${JSON.stringify(name)}:${jsonOf(after[name])}`)
  return `{${[...news, ...members.values()].join(',')}${close}}`
}

/** The name of a member, with all the text before its value. */
function nameAt(reader: Reader): string {
  const start = reader.at
  reader.at = endOfString(reader.text, start) + 1
  const quoted = reader.text.slice(start, reader.at)
  spaceAt(reader)
  reader.at += 1
  spaceAt(reader)
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
}

function listAt(reader: Reader, before: readonly unknown[], after: readonly unknown[]): string {
  let written = ''
  for (const [i, value] of after.entries()) {
    written += reader.text.charAt(reader.at)
    reader.at += 1
    written += spaceAt(reader)
    written += valueAt(reader, before[i], value)
    written += spaceAt(reader)
  }
  const start = reader.at
  // An empty list may have spaces in it.
  if (after.length === 0) {
    reader.at += 1
    spaceAt(reader)
  }
  reader.at += 1
  return written + reader.text.slice(start, reader.at)
}

function skipValue(reader: Reader): void {
  const { text } = reader
  let depth = 0
  do {
    switch (text.charCodeAt(reader.at)) {
      case QUOTE:
        reader.at = endOfString(text, reader.at)
        break
      case OPEN_OBJECT:
      case OPEN_LIST:
        depth += 1
        break
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth -= 1
        break
      default:
        if (depth === 0) reader.at = endOfWord(text, reader.at)
    }
    reader.at += 1
  } while (depth > 0 && reader.at < text.length)
}

/** The index of the last character of a number, `true`, `false` or `null`. */
function endOfWord(text: string, start: number): number {
  let end = start
  while (/[\w.+-]/.test(text.charAt(end + 1))) end += 1
  return end
}

function spaceAt(reader: Reader): string {
  const start = reader.at
  while (SPACE.has(reader.text.charCodeAt(reader.at))) reader.at += 1
  return reader.text.slice(start, reader.at)
}

/** The index of the closing quote of a string. */
export function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - 1 - before) % 2 === 0) return end
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])

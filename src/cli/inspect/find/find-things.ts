import { isRecord, parseJson } from '../../../wire/json.js'
import { PAYMENT_REQUIRED_MARKER } from '../../../wire/marker.js'
import { API_KEY, JWT, keyThing } from './key-in-text.js'
import { JsonSearch, type TextReader } from './find-in-json.js'
import { Found } from './found.js'
import { jsonBlocks } from './json-blocks.js'
import { addMppChallenges } from './mpp-in-header.js'
import { BASE64_RUNS, beginsLike, mayBeBase64 } from './read-base64.js'
import { HEADER_NAMES, isFolded, readBareBase64, readHeader } from './read-header.js'

/** What was found in a paste, and how much of it. */
export interface Searched {
  readonly found: Found
  /** The status of a pasted HTTP answer. */
  readonly status: number | undefined
}

/** Texts inside texts inside texts. */
const MAX_TEXTS = 200

/** Finds everything of x402, MPP and Nevermined in a text, whatever stands around it. */
export function findThings(paste: string): Searched {
  const found = new Found()
  const finder = new Finder(found)
  const whole = parseJson(paste.trim())
  if (isRecord(whole) || Array.isArray(whole)) finder.json(whole, '')
  else finder.text(typeof whole === 'string' ? whole : paste, '')
  const [, status] = /^[< \t]*HTTP\/\d(?:\.\d)? (\d{3})/m.exec(paste.slice(0, 2_000)) ?? []
  return { found, status: status === undefined ? undefined : Number(status) }
}

class Finder implements TextReader {
  readonly #found: Found
  readonly #search: JsonSearch
  #textsLeft = MAX_TEXTS

  constructor(found: Found) {
    this.#found = found
    this.#search = new JsonSearch(found, this)
  }

  json(value: unknown, path: string): void {
    this.#search.search(value, path)
  }

  header(name: string, text: string, carrier: string): boolean {
    return HEADER_NAMES.includes(name) && readHeader(name, text, carrier, this.#found)
  }

  base64(text: string, carrier: string): void {
    const nested = readBareBase64(text, carrier, this.#found)
    if (nested !== undefined) this.#search.search(nested.value, carrier, 1)
  }

  /** Takes one kind of thing after the other out of the text, and goes on with the rest. */
  text(text: string, carrier: string): void {
    if (this.#textsLeft-- <= 0) return
    const withoutHeaders = this.#cutOut(text, headersIn(text), ({ name, value }) =>
      readHeader(name, value, join(carrier, `the header ${name}`), this.#found),
    )
    const withoutJson = this.#blocks(withoutHeaders, carrier)
    const withoutKeys = this.#keys(withoutJson, carrier)
    this.#rest(withoutKeys, carrier)
  }

  #blocks(text: string, carrier: string): string {
    const isBody = /^[< \t]*HTTP\/\d/m.test(text)
    return this.#cutOut(text, jsonBlocks(text), ({ start, end, value }) => {
      const before = text.slice(Math.max(0, start - PAYMENT_REQUIRED_MARKER.length), start)
      const isMarked = before === PAYMENT_REQUIRED_MARKER
      const path = join(carrier, isMarked ? 'PAYMENT_REQUIRED' : isBody ? 'body' : '')
      if (value !== undefined) this.#search.search(value, path, 1)
      else this.#cutOff(text.slice(start, end), path)
    })
  }

  /** JSON without an end, if it begins as something known does. */
  #cutOff(text: string, carrier: string): void {
    const like = beginsLike(text)
    if (like === '') return
    const message = `The JSON cannot be read: it is cut off, or not well-formed (${text.length} characters).${like}`
    const problem = {
      level: 'fail' as const,
      path: '',
      message,
      cure: 'Copy the whole JSON again.',
    }
    this.#found.add({ kind: 'unreadable', value: {}, carrier, problems: [problem] })
  }

  #keys(text: string, carrier: string): string {
    const keys = [API_KEY, JWT].flatMap((form) =>
      [...text.matchAll(new RegExp(form, 'g'))].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        key: match[0],
      })),
    )
    return this.#cutOut(text, keys, ({ key }) =>
      this.#found.add(keyThing(key, { carrier, problems: [] })),
    )
  }

  /** Shows each span to `take`, and leaves it out of the text. A span that overlaps an earlier one is left alone. */
  #cutOut<T extends Span>(text: string, spans: readonly T[], take: (span: T) => void): string {
    const kept: string[] = []
    let from = 0
    for (const span of spans.toSorted((a, b) => a.start - b.start)) {
      if (span.start < from) continue
      if (this.#found.isFull) return ''
      kept.push(text.slice(from, span.start))
      take(span)
      from = span.end
    }
    kept.push(text.slice(from))
    return kept.join(' ')
  }

  #rest(text: string, carrier: string): void {
    if (/^\s*Payment\s+[\w-]+\s*=/i.test(text))
      return addMppChallenges(text.trim(), carrier, this.#found)
    const joined = text.replace(/^\s*Payment\s+/i, '').replace(/[\s"'`,;]+/g, '')
    if (mayBeBase64(joined)) return this.base64(joined, carrier)
    for (const [run] of text.matchAll(BASE64_RUNS)) {
      if (this.#found.isFull) return
      if (mayBeBase64(run)) this.base64(run, carrier)
    }
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

const HEADER = new RegExp(
  `(?<![\\w/-])(["'\`]?)(${HEADER_NAMES.toSorted((a, b) => b.length - a.length).join('|')})(["'\`]?)[ \\t]*:[ \\t]*`,
  'gi',
)

interface HeaderSpan extends Span {
  readonly name: string
  readonly value: string
}

/** The headers in a text: lines of an HTTP message, or arguments of a command line. Those inside JSON are left alone. */
function headersIn(text: string): HeaderSpan[] {
  const blocks = jsonBlocks(text).filter(({ value }) => value !== undefined)
  const isInJson = (at: number): boolean => blocks.some(({ start, end }) => start < at && at < end)
  const found: HeaderSpan[] = []
  for (const match of text.matchAll(HEADER)) {
    const { end: last = 0 } = found.at(-1) ?? {}
    if (found.length >= MAX_HEADERS) break
    if (match.index >= last && !isInJson(match.index)) found.push(headerAt(text, match))
  }
  return found
}

/** The header whose name was found. */
function headerAt(text: string, match: RegExpExecArray): HeaderSpan {
  const [all, before = '', given = '', after = ''] = match
  const name = given.toLowerCase()
  const from = match.index + all.length
  const rest = text.slice(from, from + MAX_LINE_CHARS)
  const [quoted] = after === '' ? [] : (/^(["'`])[^\n]*?\1/.exec(rest) ?? [])
  if (quoted !== undefined) {
    return { start: match.index, end: from + quoted.length, name, value: quoted.slice(1, -1) }
  }
  const end = valueEnd(text, from, { quote: after === '' ? before : '', name })
  return { start: match.index, end, name, value: text.slice(from, end) }
}

/** More headers than anybody pastes. */
const MAX_HEADERS = 500

/** Where the value of a header ends: at the quote before its name, at the end of its line, or lines later. */
function valueEnd(
  text: string,
  from: number,
  { quote, name }: { quote: string; name: string },
): number {
  const lineEnd = (at: number): number => {
    const end = text.slice(at, at + MAX_LINE_CHARS).search(/\r?\n/)
    return end === -1 ? Math.min(text.length, at + MAX_LINE_CHARS) : at + end
  }
  let end = lineEnd(from)
  if (quote !== '') {
    const closed = text.slice(from, end).indexOf(quote)
    if (closed !== -1) return from + closed
  }
  const more = isFolded(name)
    ? /^\r?\n[ \t]+\S[^\r\n]*/
    : /^\r?\n[ \t]*[\w+/-]{8,}={0,2}(?=[ \t]*(\r?\n|$))/
  if (!isFolded(name) && !/^[\w+/-]{40,}$/.test(text.slice(from, end).trim())) return end
  for (;;) {
    const [line] = more.exec(text.slice(end, end + MAX_LINE_CHARS)) ?? []
    if (line === undefined) return end
    end += line.length
  }
}

/** A longer line is cut. Unit: characters. */
const MAX_LINE_CHARS = 131_072

function join(carrier: string, place: string): string {
  return [carrier, place].filter((one) => one !== '').join(', ')
}

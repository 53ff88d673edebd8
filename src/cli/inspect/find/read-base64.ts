import { MAX_GATEWAY_HEADER_CHARS } from '../../../wire/gateway-events.js'
import { isRecord, parseJson } from '../../../wire/json.js'
import { MAX_TOKEN_CHARS, decodeHeader } from '../../../wire/x402.js'
import { Findings, kindOfJson } from '../findings.js'
import type { Finding } from '../thing.js'

/** A decoded text, and what is wrong with how it is written. */
export interface Read {
  /** `undefined` if the text is no base64 of a JSON object. */
  readonly value: Record<string, unknown> | undefined
  readonly problems: readonly Finding[]
}

/** More than most servers and proxies take in one header. Unit: characters. */
const MAX_HEADER_CHARS = 8_192
const BASE64 = /^[\w+/-]+={0,2}$/
const SEND_WHOLE = 'Copy the whole value again, and nothing else.'
const ENCODE = 'Send base64 of the JSON, on one line.'
/** Base64 in base64 in base64 is nobody's mistake. */
const MAX_LAYERS = 3

/**
 * Reads base64 of a JSON object, as people paste it: in quotes, over several lines, URL-encoded, encoded twice, or cut
 * off.
 *
 * @param header the name of the header that the text was in, if it was in one
 */
export function readBase64(raw: string, header?: string): Read {
  const findings = new Findings()
  const text = unwrapped(raw, header, findings)
  if (header !== undefined) checkLength(text, header, findings)
  const value = text.startsWith('{') ? readJson(text, findings) : decoded(text, header, findings)
  return { value, problems: findings.all }
}

/** Removes what people and programs put around a value. */
function unwrapped(raw: string, header: string | undefined, findings: Findings): string {
  let text = raw.trim()
  const [, , quoted] = /^(["'`])([^]*)\1$/.exec(text) ?? []
  if (quoted !== undefined) {
    if (header !== undefined) findings.fail('', 'The value is in quotes.', 'Leave the quotes out.')
    text = quoted.trim()
  }
  if (/^bearer\s/i.test(text)) {
    if (header !== 'authorization')
      findings.warn('', 'Bearer stands before the value.', 'Send the value alone in this header.')
    text = text.replace(/^bearer\s+/i, '')
  }
  const url = text.includes('%') && !text.startsWith('{') ? urlDecoded(text) : undefined
  if (url !== undefined) {
    findings.fail(
      '',
      'The value is URL-encoded.',
      'Send it as it is: %2B is +, %2F is / and %3D is =.',
    )
    text = url.trim()
  }
  if (text.startsWith('{') || !/\s/.test(text)) return text
  const message = 'The value has spaces or line breaks in it.'
  if (header !== undefined) findings.fail('', message, 'A header is one line. Join the lines.')
  return text.replace(/\s+/g, '')
}

function urlDecoded(text: string): string | undefined {
  try {
    return /%[\da-f]{2}/i.test(text) ? decodeURIComponent(text) : undefined
  } catch {
    return undefined
  }
}

function checkLength(text: string, header: string, findings: Findings): void {
  const { length } = text
  const fact = `The value has ${length} characters`
  if (length > MAX_HEADER_CHARS) {
    findings.fail(
      '',
      `${fact}, more than ${MAX_HEADER_CHARS}: most servers and proxies refuse such a header.`,
      `Shorten it, or send it in the body or in _meta.`,
    )
  } else if (length > MAX_GATEWAY_HEADER_CHARS && header !== 'authorization') {
    findings.warn(
      '',
      `${fact}: AgentCore Gateway passes on headers up to ${MAX_GATEWAY_HEADER_CHARS} only.`,
      'Behind a Gateway, send it in the body or in _meta.',
    )
  }
}

function readJson(text: string, findings: Findings): Record<string, unknown> | undefined {
  const value = parseJson(text)
  findings.fail('', 'The value is JSON, and base64 of it is expected.', ENCODE)
  if (isRecord(value)) return value
  findings.fail('', 'The JSON cannot be read: it is cut off, or not well-formed.', SEND_WHOLE)
  return undefined
}

function decoded(
  given: string,
  header: string | undefined,
  findings: Findings,
): Record<string, unknown> | undefined {
  let text = given
  for (let layer = 1; layer <= MAX_LAYERS; layer++) {
    const odd = oddCharacters(text)
    if (odd !== undefined) findings.fail('', odd, SEND_WHOLE)
    const value = decodeHeader(text)
    if (value !== undefined) {
      checkAlphabet(text, header, { value, findings })
      return value
    }
    const inner = Buffer.from(text.slice(0, MAX_TOKEN_CHARS), 'base64').toString()
    const next = innerText(inner)
    if (next === undefined) {
      sayUnreadable(text, inner, findings)
      return undefined
    }
    findings.fail('', 'The value is base64 of base64.', 'Encode it once.')
    text = next
  }
  return undefined
}

/** Base64 inside base64, also as a JSON text. */
function innerText(inner: string): string | undefined {
  const [, text = inner] = /^"(.*)"$/.exec(inner) ?? []
  return BASE64.test(text) && text.length >= 8 ? text : undefined
}

function oddCharacters(text: string): string | undefined {
  if (BASE64.test(text)) return undefined
  const [odd] = /[^\w+/=-]/u.exec(text) ?? []
  if (odd === undefined) return 'The value has = before its end.'
  return `The value has a character that is no base64: ${JSON.stringify(odd)}.`
}

/** Clients of x402 read the standard alphabet only. Tokens of Nevermined are in either one. */
function checkAlphabet(
  text: string,
  header: string | undefined,
  { value, findings }: { value: Record<string, unknown>; findings: Findings },
): void {
  const { accepted } = value
  const scheme = isRecord(accepted) ? accepted['scheme'] : undefined
  if (header === undefined || header === 'authorization' || header === 'payment-receipt') return
  if (!/[-_]/.test(text) || (typeof scheme === 'string' && scheme.startsWith('nvm:'))) return
  findings.warn(
    '',
    'The value is base64url (it has - or _), which the official x402 packages do not read.',
    'Encode it with the standard alphabet: + and /.',
  )
}

function sayUnreadable(text: string, inner: string, findings: Findings): void {
  const { length } = text
  if (length > MAX_TOKEN_CHARS) {
    findings.fail(
      '',
      `The value has ${length} characters, and nothing above ${MAX_TOKEN_CHARS} is read.`,
      SEND_WHOLE,
    )
  } else if (/^\s*\{\s*["}]/.test(inner)) {
    const is = /\}\s*$/.test(inner) ? 'is not well-formed' : 'is cut off'
    findings.fail(
      '',
      `The value is base64 of JSON that ${is} (${length} characters).${beginsLike(inner)}`,
      SEND_WHOLE,
    )
  } else {
    const json = parseJson(inner)
    const is =
      json === undefined
        ? 'is no base64 of JSON'
        : `is base64 of ${kindOfJson(json)}, not of an object`
    findings.fail('', `The value ${is}.`, ENCODE)
  }
}

/** What JSON that has no end was to be, as a sentence. */
export function beginsLike(text: string): string {
  const known = BEGINNINGS.find(([member]) => member.test(text))
  return known === undefined ? '' : ` It begins like ${known[1]}.`
}

const BEGINNINGS: readonly (readonly [member: RegExp, what: string])[] = [
  [/"accepts"/, 'a challenge'],
  [/"(accepted|payload|authorization)"/, 'a payment'],
  [/"isValid"/, 'an answer to verify'],
  [/"success"/, 'a receipt'],
  [/"x402Version"/, 'something of x402'],
]

/** Whether a text begins as base64 of a JSON object does, once, twice or URL-encoded. */
export function mayBeBase64(text: string): boolean {
  return text.length >= 16 && MAY_BE_BASE64.test(text)
}

/** The beginnings are `{"`, a brace and white space, and base64 of these. */
const BEGINNING = '(?:e[yw3]|ZX[lc3m])[\\w+/%=-]+'
const MAY_BE_BASE64 = new RegExp(`^${BEGINNING}$`)
/** Every text in a longer one that begins so. */
export const BASE64_RUNS = new RegExp(`(?<![\\w+/%-])${BEGINNING}`, 'g')

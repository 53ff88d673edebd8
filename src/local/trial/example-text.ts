import { runInNewContext } from 'node:vm'
import type { Schema } from './schema.js'

/** @see https://json-schema.org/draft/2020-12/json-schema-validation#name-defined-formats */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-06-01T12:00:00Z',
  date: '2026-06-01',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'ada@example.com',
  'idn-email': 'ada@example.com',
  hostname: 'example.com',
  'idn-hostname': 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  iri: 'https://example.com/',
  'uri-reference': '/example',
  'iri-reference': '/example',
  uuid: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
  'json-pointer': '/example',
  regex: '^a+$',
  byte: 'aGVsbG8=',
}

/** Values that fit a name, so that an example means something. */
const NAMED: readonly (readonly [RegExp, string])[] = [
  [/^(first_?|user_?)?name$/i, 'Ada'],
  [/^(city|town|place|location)$/i, 'Rome'],
  [/^country$/i, 'Italy'],
  [/^(q|query|search|question|prompt|topic)$/i, 'weather in Rome'],
  [/^(text|message|say)$/i, 'Hello'],
  [/^(lang|language|locale)$/i, 'en'],
  [/^currency$/i, 'USD'],
  [/^(symbol|ticker)$/i, 'AMZN'],
  [/^e_?mail$/i, 'ada@example.com'],
  [/ur[il]$/i, 'https://example.com/'],
  [/(^|_)date$|Date$/, '2026-06-01'],
  [/(^|_)id$|Id$/, '1'],
]

/** Texts of many forms. One of them may match a pattern. */
const FORMS = [
  ...[
    'example',
    'Ada',
    'a',
    'A',
    '1',
    '12',
    '123',
    '1234',
    '12345',
    '123456',
    'a1',
    'A1',
    'AB',
    'ABC',
    'ab',
    'abc',
  ],
  ...[
    'USD',
    'en',
    'en-US',
    'A-1',
    'ABC-123',
    'ABC123',
    '1.0',
    '1.0.0',
    '12:00',
    '0x1',
    '+14155550100',
    '#aabbcc',
  ],
  ...[`0x${'ab12'.repeat(10)}`, `0x${'ab12'.repeat(16)}`],
  ...Object.values(FORMATS),
]

/** A text that a schema takes. */
export function exampleText(schema: Schema, name: string): string | { problem: string } {
  const { format, pattern } = schema
  const least = count(schema['minLength']) ?? 0
  const most = count(schema['maxLength']) ?? Infinity
  const isLong = (text: string): boolean => text.length >= least && text.length <= most
  if (typeof pattern === 'string') return matching(pattern, isLong)
  if (typeof format === 'string') {
    const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
    if (known !== undefined && isLong(known)) return known
    return { problem: `has the format ${JSON.stringify(format)}` }
  }
  if (least > MAX_CHARS) return { problem: `takes at least ${least} characters` }
  const named = NAMED.find(([one]) => one.test(name))?.[1]
  if (named !== undefined && isLong(named)) return named
  return 'example'.slice(0, most).padEnd(least, ' example')
}

/** A longer text is no example. Unit: characters. */
const MAX_CHARS = 200

function matching(pattern: string, fits: (text: string) => boolean): string | { problem: string } {
  const problem = `has to match /${pattern}/`
  const expression = compiled(pattern)
  if (expression === undefined) return { problem }
  return firstMatch(expression, FORMS.filter(fits)) ?? { problem }
}

/** The pattern is a stranger's, and may take for ever. */
function firstMatch(expression: RegExp, texts: readonly string[]): string | undefined {
  const code = 'texts.find((text) => expression.test(text))'
  try {
    const found: unknown = runInNewContext(code, { texts, expression }, { timeout: MATCHING_MS })
    return typeof found === 'string' ? found : undefined
  } catch {
    return undefined
  }
}

/** Unit: ms. */
const MATCHING_MS = 100

function compiled(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags)
    } catch {
      // Old patterns are not valid with the flag u.
    }
  }
  return undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

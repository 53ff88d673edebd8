import { expect, test } from '@jest/globals'
import { failureOf } from '../../src/agentcore/aws/aws-error.js'
import { PaidCallError } from '../../src/client/index.js'
import { ErrorFacts, factsOf, systemCode } from '../../src/errors/error-facts.js'
import { reasonOf } from '../../src/strands/http-request/request-failed.js'

const SECRET = 'eyJhbGciOiJIUzI1NiJ9eyJzdWIiOiIxMjM0NTY3ODkwIn0'
const { signal } = new AbortController()

/** What each door tells of an error from outside. */
const doors: [string, (thrown: unknown) => { name: string; code?: unknown }][] = [
  ['a paid call', (thrown) => new PaidCallError({ paid: 'unknown' }, thrown).cause as ErrorFacts],
  [
    'a call of AWS',
    (thrown) => (failureOf(thrown, { operation: 'X' }) as Error).cause as ErrorFacts,
  ],
]

test.each(doors)('%s tells the name and code of an error, and only such ones', (_, tell) => {
  const named = (name: string, code: unknown) => Object.assign(new Error('x'), { name, code })
  const told = [
    named('TypeError', 'ECONNRESET'),
    named('Error', 'ERR_HTTP2_STREAM_ERROR'),
    named('Error', SECRET.toUpperCase()),
    named('Error', 'not a code'),
    named(SECRET, 'EPIPE'),
    'thrown',
  ].map((thrown) => {
    const facts = tell(thrown)
    expect(facts).toBeInstanceOf(ErrorFacts)
    expect(facts).not.toHaveProperty('stack')
    return [facts.name, facts.code]
  })
  expect(told).toEqual([
    ['TypeError', 'ECONNRESET'],
    ['Error', 'ERR_HTTP2_STREAM_ERROR'],
    ['Error', undefined],
    ['Error', undefined],
    ['Error', 'EPIPE'],
    ['string', undefined],
  ])
})

test.each(['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR', 'EPIPE'])(
  'http_request tells a model the code %s, as all others are told',
  (code) => {
    const error = Object.assign(new Error(SECRET), { code })
    expect([reasonOf(error, signal), systemCode(error), factsOf(error).code]).toEqual([
      code,
      code,
      code,
    ])
  },
)

test.each(['', 'e', 'E', 'with space', SECRET.toUpperCase(), 7, null, undefined, {}])(
  'what is no code of a system is told to nobody: %j',
  (code) => {
    const error = Object.assign(new Error('x'), { code })
    expect(systemCode(error)).toBeUndefined()
    expect(reasonOf(error, signal)).toBe('network error')
  },
)

test.each([undefined, null, 'ECONNRESET'])('%j has no code', (thrown) => {
  expect(systemCode(thrown)).toBeUndefined()
})

test('a paid call tells codes of JSON-RPC as well, and those of a cause', () => {
  const cause = (thrown: unknown) => new PaidCallError({ paid: 'unknown' }, thrown).cause
  const error = Object.assign(new Error('x'), { code: -32_001 })
  expect(cause(error)).toMatchObject({ name: 'Error', message: 'Error -32001', code: -32_001 })
  const reset = Object.assign(new Error(SECRET), { code: 'ECONNRESET' })
  expect(cause(new TypeError('fetch failed', { cause: reset }))).toMatchObject({
    message: 'TypeError ECONNRESET',
    code: 'ECONNRESET',
  })
  expect(cause(new TypeError(SECRET))).toMatchObject({ message: 'TypeError' })
})

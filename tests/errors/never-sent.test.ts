import { expect, test } from '@jest/globals'
import { newOutcome, noting } from '../../src/agentcore/aws/outcome.js'
import { failureOfError } from '../../src/errors/facilitator-failure.js'
import { wasNeverSent } from '../../src/errors/never-sent.js'
import { failureOfX402 } from '../../src/facilitators/x402-failure.js'

const coded = (members: object, cause?: unknown) =>
  Object.assign(new Error('secret', { cause }), members)
const connecting = { syscall: 'connect' }

const NEVER_SENT: [string, unknown][] = [
  ['nobody listens', coded({ code: 'ECONNREFUSED' })],
  ['no such name', coded({ code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
  ['no name server', coded({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' })],
  ['undici gave up connecting', coded({ code: 'UND_ERR_CONNECT_TIMEOUT' })],
  ['no way there', coded({ code: 'ENETUNREACH', ...connecting })],
  ['no such host', coded({ code: 'EHOSTUNREACH', ...connecting })],
  ['connecting took too long', coded({ code: 'ETIMEDOUT', ...connecting })],
  ['as a cause', new TypeError('fetch failed', { cause: coded({ code: 'ECONNREFUSED' }) })],
  [
    'at each of several addresses',
    Object.assign(
      new AggregateError([
        coded({ code: 'EHOSTUNREACH', ...connecting }),
        coded({ code: 'ECONNREFUSED', ...connecting }),
      ]),
      { code: 'EHOSTUNREACH' },
    ),
  ],
]

const MAYBE_SENT: [string, unknown][] = [
  ['the connection broke', coded({ code: 'ECONNRESET', syscall: 'read' })],
  ['a connection that stood lost its host', coded({ code: 'EHOSTUNREACH', syscall: 'read' })],
  ['a connection that stood lost its network', coded({ code: 'ENETUNREACH', syscall: 'write' })],
  ['nothing says where it was lost', coded({ code: 'EHOSTUNREACH' })],
  ['no answer came', coded({ code: 'ETIMEDOUT', syscall: 'read' })],
  [
    'one of several was lost later',
    new AggregateError([coded({ code: 'ECONNREFUSED' }), coded({ code: 'ECONNRESET' })]),
  ],
  ['nothing is said', new Error('boom')],
  ['no error', 'ECONNREFUSED'],
  ['nothing', undefined],
]

const cases = [
  ...NEVER_SENT.map(([why, error]): [string, unknown, boolean] => [why, error, true]),
  ...MAYBE_SENT.map(([why, error]): [string, unknown, boolean] => [why, error, false]),
]

/** Who repeats calls, or says that they may be repeated. All of them have to agree: it is money. */
test.each(cases)('%s: all judge alike', async (_, error, isNeverSent) => {
  expect(wasNeverSent(error)).toBe(isNeverSent)
  expect(failureOfError(error).outcome).toBe(isNeverSent ? 'unavailable' : 'unknown')
  expect(failureOfX402(error).outcome).toBe(isNeverSent ? 'unavailable' : 'unknown')
  const outcome = newOutcome()
  const send = noting(() => Promise.reject(error as Error), outcome)
  await expect(send({})).rejects.toBe(error)
  expect(outcome.mayBeDone).toBe(!isNeverSent)
})

test('a code of the service came with an answer, whatever is its cause', () => {
  const error = coded({ code: 'BCK.X402.0017' }, coded({ code: 'ECONNREFUSED' }))
  expect(failureOfError(error)).toMatchObject({ code: 'BCK.X402.0017', outcome: 'unknown' })
})

test('causes are looked at no further than five deep', () => {
  const deep = (depth: number): Error =>
    depth === 0 ? coded({ code: 'ECONNREFUSED' }) : new Error('wrapped', { cause: deep(depth - 1) })
  expect([wasNeverSent(deep(4)), wasNeverSent(deep(5))]).toEqual([true, false])
})

import { inspect } from 'node:util'
import { expect, jest, test } from '@jest/globals'
import { OptionsError } from '../../src/errors/payment-error.js'
import { PaymentsError } from '../../src/errors/payments-error.js'
import type { AuthHeaders } from '../../src/facilitators/auth-headers.js'
import { HTTPFacilitatorClient } from '../../src/facilitators/http-facilitator-client.js'
import type { HTTPFacilitatorClientOptions } from '../../src/facilitators/http-facilitator-options.js'
import {
  SETTLED,
  VALID,
  facilitatorServer,
  json,
  reset,
  silence,
  status,
  type Answering,
} from './support/facilitator-server.js'
import { leaks, printed } from '../support/secrets.js'

const SIGNATURE = `0x${'5e0f7a91'.repeat(16)}1b`
const BEARER = 'Bearer eyJhbGciOiJFZERTQSJ9.c2VjcmV0LXNlY3JldC1zZWNyZXQ.q7Zk2'
const SECRETS = [
  { name: 'signature', value: SIGNATURE },
  { name: 'auth header', value: BEARER },
]
const REQUIREMENTS = {
  ...{ scheme: 'exact', network: 'eip155:84532', amount: '10000', asset: '0xA5', payTo: '0x5E' },
  ...{ maxTimeoutSeconds: 60, extra: { name: 'USDC', version: '2' } },
}
const PAYMENT = { x402Version: 2, accepted: REQUIREMENTS, payload: { signature: SIGNATURE } }

const headers: AuthHeaders = {
  verify: { Authorization: `${BEARER}-verify` },
  settle: { Authorization: `${BEARER}-settle` },
  supported: { Authorization: `${BEARER}-supported` },
}

/** A client of a server of its own, and how its calls fail. */
async function clientOf(
  answers: Record<string, Answering> = {},
  options: Partial<HTTPFacilitatorClientOptions> = {},
) {
  const server = await facilitatorServer(answers)
  const client = new HTTPFacilitatorClient({ url: server.url, ...options })
  const limits = { timeoutMs: 2_000, correlationId: 'call-1' }
  const calls = {
    verify: (call = limits) => client.verify(PAYMENT, REQUIREMENTS, call),
    settle: (call = limits) => client.settle(PAYMENT, REQUIREMENTS, call),
    supported: () => client.getSupported(),
  }
  return { server, client, ...calls, calls }
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    (answer) => new Error(`answered ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PaymentsError)) throw error
  const { code, httpStatus, outcome, retryable } = error
  return { code, httpStatus, outcome, retryable }
}

const unknown = (code: string, httpStatus?: number) => ({
  ...{ code, httpStatus, outcome: 'unknown', retryable: false },
})
const nothingSent = (code = 'network_error') => ({
  ...{ code, httpStatus: undefined, outcome: 'unavailable', retryable: true },
})

test('a payment is sent with the requirements, in the version of the buyer', async () => {
  const { server, client } = await clientOf()
  expect(await client.verify(PAYMENT, REQUIREMENTS, { correlationId: 'call-1' })).toEqual(VALID)
  expect(await client.settle({ ...PAYMENT, x402Version: 1 }, REQUIREMENTS)).toEqual(SETTLED)
  const [verify, settle] = server.asked
  expect([verify?.method, verify?.path]).toEqual(['POST', '/verify'])
  expect(JSON.parse(verify?.body ?? '')).toEqual({
    x402Version: 2,
    paymentPayload: PAYMENT,
    paymentRequirements: REQUIREMENTS,
  })
  expect(verify?.headers).toMatchObject({
    'content-type': 'application/json',
    accept: 'application/json',
    'x-correlation-id': 'call-1',
  })
  expect(JSON.parse(settle?.body ?? '')).toMatchObject({ x402Version: 1 })
  expect(settle?.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('fields that are not known are kept, and nulls mean nothing', async () => {
  const answer = { isValid: true, payer: null, extra: { tier: 3 }, network: null }
  const { verify } = await clientOf({ '/verify': answer })
  expect(await verify()).toEqual(answer)
})

test('headers are made anew for every request, each path its own', async () => {
  const createAuthHeaders = jest.fn(async () => headers)
  const { server, verify, settle, supported } = await clientOf({}, { createAuthHeaders })
  await verify()
  await settle()
  await supported()
  const sent = server.asked.map(({ path, headers: { authorization } }) => [path, authorization])
  expect(sent).toEqual([
    ['/verify', `${BEARER}-verify`],
    ['/settle', `${BEARER}-settle`],
    ['/supported', `${BEARER}-supported`],
  ])
  expect(createAuthHeaders).toHaveBeenCalledTimes(3)
})

test('headers that are made cannot change what the body is', async () => {
  const odd = { 'content-type': 'text/plain', 'X-Correlation-ID': 'other', 'x-mine': '1' }
  const createAuthHeaders = async () => ({ ...headers, verify: odd })
  const { server, verify } = await clientOf({}, { createAuthHeaders })
  await verify()
  expect(server.asked[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-correlation-id': 'call-1',
    'x-mine': '1',
  })
})

test.each<[string, unknown]>([
  ['a flat object', { Authorization: BEARER }],
  ['an object of other paths', { settle: { Authorization: BEARER }, verify: undefined }],
  ['a list', { verify: [BEARER] }],
  ['a header that is no text', { verify: { Authorization: [BEARER] } }],
  ['a header of two lines', { verify: { Authorization: `${BEARER}\r\nx: y` } }],
  ['a header whose name is none', { verify: { [`Authorization ${BEARER}`]: '1' } }],
  ['nothing', undefined],
])('headers that are %s are an error that names the option', async (_, made) => {
  const createAuthHeaders = async () => made as AuthHeaders
  const { server, verify } = await clientOf({}, { createAuthHeaders })
  const error: unknown = await verify().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OptionsError)
  expect(error).toMatchObject({ option: 'createAuthHeaders.verify' })
  expect(leaks(error, SECRETS)).toEqual([])
  expect(server.asked).toEqual([])
})

test.each([
  ['fail', async () => Promise.reject(new Error(`no token for ${BEARER}`))],
  [
    'throw',
    () => {
      throw new Error(BEARER)
    },
  ],
  ['never come', () => new Promise<AuthHeaders>(() => undefined)],
])('where headers %s, nothing was sent', async (_, createAuthHeaders) => {
  const { server, settle } = await clientOf({}, { createAuthHeaders })
  const call = settle({ timeoutMs: 100, correlationId: 'call-1' })
  const error: unknown = await call.catch((thrown: unknown) => thrown)
  expect(await failureOf(call)).toEqual(nothingSent('token_unavailable'))
  expect(leaks(error, SECRETS)).toEqual([])
  expect(server.asked).toEqual([])
})

test.each<[string, Answering, object]>([
  [
    '429',
    status(429),
    { code: 'http_429', httpStatus: 429, outcome: 'unavailable', retryable: true },
  ],
  ...[400, 401, 402, 403, 404, 422].map(misconfigured),
  ...[301, 302, 307, 308].map(misconfigured),
  ...[303, 408, 500, 502, 503, 504].map((code): [string, Answering, object] => [
    `${code}`,
    status(code),
    unknown(`http_${code}`, code),
  ]),
  ['a page', status(200), unknown('unreadable_answer', 200)],
  ['half a JSON', status(200, '{"success": tr'), unknown('unreadable_answer', 200)],
  ['a list', json(200, [SETTLED]), unknown('unreadable_answer', 200)],
  ['another JSON', json(200, { ok: true }), unknown('unreadable_answer', 200)],
  ['success as text', json(200, { success: 'true' }), unknown('unreadable_answer', 200)],
  ['a reset', reset, unknown('network_error')],
  ['a failure without reason and 401', json(401, { success: false }), misconfigured(401)[2]],
  ...[408, 429].map((code): [string, Answering, object] => [
    `a failure with status ${code}`,
    json(code, { success: false, errorReason: 'try_later' }),
    { httpStatus: code },
  ]),
  [
    'a failure of its own with status 500',
    json(500, { success: false, errorReason: 'internal_error' }),
    unknown('http_500', 500),
  ],
  ['a failure without a reason and 502', json(502, { success: false }), unknown('http_502', 502)],
])('%s in answer to settle is no answer', async (_, answering, expected) => {
  const { server, settle } = await clientOf({ '/settle': answering })
  expect(await failureOf(settle())).toMatchObject(expected)
  expect(server.countOf('/settle')).toBe(1)
  expect(server.countOf('/elsewhere')).toBe(0)
})

function misconfigured(httpStatus: number): [string, Answering, object] {
  const facts = { code: `http_${httpStatus}`, httpStatus, outcome: 'misconfigured' }
  return [String(httpStatus), status(httpStatus), { ...facts, retryable: false }]
}

test.each(['verify', 'settle'] as const)('silence at %s ends when it was said to', async (path) => {
  const { calls } = await clientOf({ [`/${path}`]: silence })
  const call = calls[path]({ timeoutMs: 60, correlationId: 'call-1' })
  const startedAt = performance.now()
  expect(await failureOf(call)).toEqual(unknown('timeout'))
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test.each([400, 402, 404, 409, 412, 422])('a refusal with status %i is an answer', async (code) => {
  const invalid = { isValid: false, invalidReason: 'invalid_exact_evm_signature', payer: null }
  const failed = { success: false, errorReason: 'settlement_pending', transaction: '0x02' }
  const answers = { '/verify': json(code, invalid), '/settle': json(code, failed) }
  const { verify, settle } = await clientOf(answers)
  expect(await verify()).toEqual(invalid)
  expect(await settle()).toEqual(failed)
})

test('where nobody listens nothing was sent', async () => {
  const { server, settle } = await clientOf()
  await server.close()
  expect(await failureOf(settle())).toEqual(nothingSent())
})

test('calls one after the other share a connection', async () => {
  const { server, verify, settle } = await clientOf()
  await verify()
  await settle()
  await verify()
  expect(server.connections()).toBe(1)
})

test('after a slow handler a settle goes over a connection of its own', async () => {
  const clock = { now: 1_000_000 }
  const { server, verify, settle } = await clientOf({}, { now: () => clock.now })
  await verify()
  clock.now += 251
  await settle()
  expect(server.connections()).toBe(2)
})

test('a settle that breaks on a used connection is not sent again, a verify is', async () => {
  const { server, verify, settle } = await clientOf()
  await verify()
  server.answer({ '/settle': reset })
  expect(await failureOf(settle())).toEqual(unknown('network_error'))
  expect(server.countOf('/settle')).toBe(1)
  await verify()
  server.answer({
    '/verify': (response) => (server.countOf('/verify') < 4 ? reset : json(200, VALID))(response),
  })
  expect(await verify()).toEqual(VALID)
  expect(server.countOf('/verify')).toBe(4)
})

test('neither the client nor its errors show headers or payments', async () => {
  const quoting = (
    response: Parameters<typeof reset>[0],
    { headers: sent, body }: { headers: object; body: string },
  ) => json(500, { error: body, isValid: false, invalidReason: body, code: BEARER, sent })(response)
  const answers = { '/verify': quoting, '/settle': quoting, '/supported': quoting }
  const { client, calls } = await clientOf(answers, { createAuthHeaders: async () => headers })
  const errors: unknown[] = []
  for (const call of Object.values(calls)) {
    errors.push(await call().catch((thrown: unknown) => thrown))
  }
  expect(errors.every((error) => error instanceof PaymentsError)).toBe(true)
  expect(leaks([client, ...errors.map(printed)], SECRETS)).toEqual([])
  expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(BEARER)
  expect(errors[0]).toMatchObject({ correlationId: 'call-1', code: 'http_500' })
})

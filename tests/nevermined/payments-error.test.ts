import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import type { FacilitatorOutcome, PaymentsError } from '../../src/index.js'
import { failureOfError } from '../../src/errors/facilitator-failure.js'
import type { Fault } from '../../src/local/index.js'
import { failureOf, permission, seller } from '../client/support/client.js'
import { stack } from '../support/seller.js'

/** Code, HTTP status, what it means, and whether the same call may be repeated. */
type CodeRow = [code: string, httpStatus: number, outcome: FacilitatorOutcome, retryable?: boolean]
const x402 = (status: number, outcome: FacilitatorOutcome, ...numbers: number[]): CodeRow[] =>
  numbers.map((n) => [`BCK.X402.${String(n).padStart(4, '0')}`, status, outcome])

/** @see https://docs.nevermined.app — the error reference. */
const CODES: CodeRow[] = [
  ...x402(404, 'misconfigured', 1, 2),
  ...x402(400, 'misconfigured', 3, 12, 50),
  ...x402(402, 'refused', 5, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
  ...x402(402, 'refused', 34, 35, 36, 49, 54, 55, 59),
  ...x402(500, 'unknown', 6, 9, 17, 56),
  ...x402(500, 'refused', 7, 8),
  ...x402(400, 'refused', 10, 13, 14, 16),
  ...x402(404, 'refused', 11, 15, 53),
  ...x402(500, 'misconfigured', 18),
  ...x402(402, 'refused', 41),
  ...x402(502, 'unknown', 40, 48),
  ['BCK.X402.0051', 503, 'unavailable', true],
  ['BCK.X402.0052', 503, 'unavailable', true],
  ['BCK.CREDITS.0002', 400, 'misconfigured'],
  ['BCK.CREDITS.0003', 402, 'refused'],
  ['BCK.AUTH.0002', 401, 'misconfigured'],
  ['BCK.AUTH.0015', 401, 'misconfigured'],
  ['BCK.APIKEY.0004', 401, 'misconfigured'],
  ['BCK.APIKEY.0017', 409, 'unavailable'],
  ['BCK.PROTOCOL.0003', 404, 'misconfigured'],
  ['BCK.PROTOCOL.0004', 404, 'misconfigured'],
  ['BCK.VERSION.0001', 400, 'misconfigured'],
  ['BCK.COMMON.0026', 400, 'misconfigured'],
  ['BCK.HTTP.400', 400, 'misconfigured'],
  ['BCK.HTTP.404', 404, 'misconfigured'],
  ['BCK.HTTP.408', 408, 'unknown'],
  ['BCK.HTTP.429', 429, 'unavailable'],
  ['BCK.HTTP.500', 500, 'unknown'],
  ['BCK.NEW.0001', 402, 'refused'],
  ['BCK.NEW.0002', 500, 'unknown'],
]

test.each(CODES)(
  '%s with status %i is %s',
  async (code, httpStatus, outcome, retryable = false) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'error', status: httpStatus, code })
    const failure = await failureOf(seller(local).facilitator.settlePermissions(permission(local)))
    expect(failure).toEqual({ code, httpStatus, outcome, retryable })
  },
)

/** Codes that say nothing alone: those of card rails, and codes without a number of ours. */
const BY_STATUS = /^BCK\.(X402\.004[01]|NEW\.|HTTP\.)/

test.each(CODES.filter(([code]) => !BY_STATUS.test(code)))(
  '%s thrown without a status means what it does with status %i: %s',
  (code, httpStatus, outcome, retryable = false) => {
    const thrown = Object.assign(new Error('of the official client'), { code })
    expect(failureOfError(thrown)).toEqual({ code, httpStatus, outcome, retryable })
  },
)

test.each([
  [503, undefined, 'unknown'],
  [500, undefined, 'unknown'],
  [400, undefined, 'misconfigured'],
  [500, 'BCK.X402.0008', 'refused'],
  [503, 'BCK.NEW.0003', 'unknown'],
] as const)(
  'an error of status %i with the code %s is not believed to be retryable: %s',
  async (status, code, outcome) => {
    const local = await stack()
    const named = code === undefined ? {} : { code }
    local.faults.set({ route: 'settle', kind: 'error', status, ...named, retryable: true })
    const failure = await failureOf(seller(local).facilitator.settlePermissions(permission(local)))
    expect(failure).toMatchObject({ outcome, retryable: false })
  },
)

test('an error carries the correlation id of its call, and no prose of the backend', async () => {
  const local = await stack()
  local.faults.set({ kind: 'error' })
  const call = seller(local).facilitator.settlePermissions(permission(local), {
    correlationId: 'call-1',
  })
  await expect(call).rejects.toMatchObject({
    correlationId: 'call-1',
    message: expect.not.stringContaining('A fault was set'),
  })
})

test.each<[string, Fault, Awaited<ReturnType<typeof failureOf>>]>([
  ['an error page', { kind: 'html' }, unreadable('http_502', 502)],
  ['an error without body', { kind: 'empty', status: 504 }, unreadable('http_504', 504)],
  ['a page with status 200', { kind: 'html', status: 200 }, unreadable('unreadable_answer', 200)],
  ['nothing with status 200', { kind: 'empty', status: 200 }, unreadable('unreadable_answer', 200)],
  ['half a JSON', { kind: 'garbage' }, unreadable('unreadable_answer', 200)],
  ['a reset', { kind: 'reset' }, unreadable('network_error', undefined)],
  ['silence', { kind: 'delay', delayMs: 300 }, unreadable('timeout', undefined)],
])('%s leaves the outcome unknown', async (_, fault, expected) => {
  const local = await stack()
  local.faults.set({ ...fault, route: 'settle' })
  const timeoutMs = fault.kind === 'delay' ? 100 : 5_000
  const call = seller(local).facilitator.settlePermissions(permission(local), { timeoutMs })
  expect(await failureOf(call)).toEqual(expected)
})

function unreadable(code: PaymentsError['code'], httpStatus: number | undefined) {
  return { code, httpStatus, retryable: false, outcome: 'unknown' as const }
}

test.each([{}, [], null, 'settled', { success: 'yes' }])(
  'the answer %j to settle is no answer',
  async (body) => {
    const local = await stack()
    const backend = await server((_, response) => response.end(JSON.stringify(body)))
    const payments = seller(local, { backendUrl: backend.url })
    const call = payments.facilitator.settlePermissions(permission(local))
    expect(await failureOf(call)).toMatchObject({ code: 'unreadable_answer', outcome: 'unknown' })
    await backend.close()
  },
)

test('a backend that is down was sent nothing', async () => {
  const local = await stack()
  await local.close()
  expect(await failureOf(seller(local).facilitator.settlePermissions(permission(local)))).toEqual({
    code: 'network_error',
    httpStatus: undefined,
    retryable: true,
    outcome: 'unavailable',
  })
})

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const local = await stack()
  const redirecting = await server((request, response) =>
    response.writeHead(status, { location: `${local.url}${request.url ?? ''}` }).end(),
  )
  const payments = seller(local, { backendUrl: redirecting.url })
  const failure = await failureOf(payments.facilitator.settlePermissions(permission(local)))
  expect(failure).toMatchObject({ code: `http_${status}`, httpStatus: status })
  expect(local.calls).toEqual([])
  await redirecting.close()
})

async function server(answer: http.RequestListener) {
  const listening = http.createServer(answer)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const close = () => {
    listening.closeAllConnections()
    return new Promise((resolve) => listening.close(resolve))
  }
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, close }
}

import { HTTPFacilitatorClient as OfficialClient } from '@x402/core/http'
import type { FacilitatorClient as OfficialInterface } from '@x402/core/server'
import { type PaymentPayload, type PaymentRequirements } from '@x402/core/types'
import { expect, test } from '@jest/globals'
import { PaymentsError } from '../../src/errors/payments-error.js'
import type { FacilitatorClient } from '../../src/facilitators/facilitator-client.js'
import { createFacilitators } from '../../src/facilitators/failover.js'
import { HTTPFacilitatorClient } from '../../src/facilitators/http-facilitator-client.js'
import {
  SETTLED,
  SUPPORTED,
  VALID,
  facilitatorServer,
  json,
  reset,
  silence,
  status,
  type Answering,
} from '../facilitators/support/facilitator-server.js'
import { leaks, printed } from '../support/secrets.js'

const SIGNATURE = `0x${'5e0f7a91'.repeat(16)}1b`
const REQUIREMENTS: PaymentRequirements = {
  ...{ scheme: 'exact', network: 'eip155:84532', amount: '10000', asset: '0xA5', payTo: '0x5E' },
  ...{ maxTimeoutSeconds: 60, extra: {} },
}
const PAYMENT: PaymentPayload = {
  x402Version: 2,
  accepted: REQUIREMENTS,
  payload: { signature: SIGNATURE },
}
const EXTENSION_RESPONSES = Buffer.from('{"bazaar":{"status":"ok"}}').toString('base64')

/** The official client first, ours as its stand-in. */
async function scene(answers: Record<string, Answering>, timeoutMs = 2_000) {
  const [server, other] = [await facilitatorServer(answers), await facilitatorServer()]
  const official = new OfficialClient({ url: server.url, timeoutMs })
  const clients: FacilitatorClient[] = [official, new HTTPFacilitatorClient({ url: other.url })]
  const facilitators = createFacilitators(clients, Date.now)
  let calls = 0
  const call = () => ({ timeoutMs: 4_000, correlationId: `call-${++calls}` })
  return {
    server,
    other,
    facilitators,
    verify: () => facilitators.verify(PAYMENT, REQUIREMENTS, call()),
    settle: (by?: number) => facilitators.settle(by, PAYMENT, REQUIREMENTS, call()),
  }
}

test('the official client is one of ours, and asks the same', async () => {
  const { server, other, facilitators, verify, settle } = await scene({})
  expect(await verify()).toEqual({ answer: VALID, by: 0 })
  expect(await settle(0)).toEqual({ answer: SETTLED, by: 0 })
  expect(await settle(1)).toEqual({ answer: SETTLED, by: 1 })
  const kind = { x402Version: 2, scheme: 'upto', network: 'eip155:84532' }
  expect(await facilitators.extraOf(kind, 1_000)).toEqual({ facilitatorAddress: '0xFa' })
  expect(JSON.parse(other.asked[0]?.body ?? '')).toEqual(JSON.parse(server.asked[1]?.body ?? ''))
})

test('ours is one of theirs, in all that is read of it', async () => {
  const { url } = await facilitatorServer()
  const ours = new HTTPFacilitatorClient({ url })
  const official = new OfficialClient({ url })
  const asTheirs = ours as unknown as OfficialInterface
  expect(await asTheirs.verify(PAYMENT, REQUIREMENTS)).toEqual(
    await official.verify(PAYMENT, REQUIREMENTS),
  )
  expect(await asTheirs.settle(PAYMENT, REQUIREMENTS)).toEqual(
    await official.settle(PAYMENT, REQUIREMENTS),
  )
  expect(await asTheirs.getSupported()).toEqual(SUPPORTED)
})

test('a refusal that the official client throws is the same answer as with ours', async () => {
  const invalid = { isValid: false, invalidReason: 'invalid_exact_evm_signature', payer: '0xB0' }
  const failed = {
    ...{ success: false, errorReason: 'settlement_pending', transaction: '0x02' },
    ...{ network: 'eip155:84532', payer: '0xB0' },
  }
  const answers = { '/verify': json(400, invalid), '/settle': json(402, failed) }
  const { server, verify, settle, other } = await scene(answers)
  expect(await verify()).toEqual({ answer: invalid, by: 0 })
  expect(await settle(0)).toEqual({ answer: failed, by: 0 })
  expect([server.asked.length, other.asked.length]).toEqual([2, 0])
})

test('a kind the official client is refused with 400 goes to the next', async () => {
  const invalid = { isValid: false, invalidReason: 'unsupported_scheme' }
  const { verify } = await scene({ '/verify': json(400, invalid) })
  expect(await verify()).toEqual({ answer: VALID, by: 1 })
})

const unknown = (code: string) => ({ code, outcome: 'unknown', retryable: false })

test.each<[string, Answering, object]>([
  ['VerifyError of a 500', failing(500), { ...unknown('http_500'), httpStatus: 500 }],
  ['FacilitatorResponseError', status(200, '{}'), unknown('unreadable_answer')],
  ['FacilitatorTimeoutError', silence, unknown('timeout')],
  ['fetch of a reset', reset, unknown('network_error')],
  ['an Error of a 503', status(503), { ...unknown('http_503'), httpStatus: 503 }],
  ['an Error of a 401', status(401), { code: 'http_401', outcome: 'misconfigured' }],
  [
    'an Error of a 429',
    json(429, {}),
    { code: 'http_429', outcome: 'unavailable', retryable: true },
  ],
])(
  '%s of the official client moves a verify on, and never a settle',
  async (_, answering, facts) => {
    const answers = { '/verify': answering, '/settle': answering }
    const { other, verify, settle } = await scene(answers, 100)
    expect(await verify()).toEqual({ answer: VALID, by: 1 })
    const error: unknown = await settle(0).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PaymentsError)
    expect(error).toMatchObject(facts)
    expect(other.countOf('/settle')).toBe(0)
  },
)

function failing(code: number): Answering {
  const reasons = {
    invalidReason: 'unexpected_verify_error',
    errorReason: 'internal_error',
  }
  return json(code, { isValid: false, success: false, ...reasons })
}

test('where nobody listens to the official client, a settle goes to the next', async () => {
  const { server, settle } = await scene({})
  await server.close()
  expect(await settle(0)).toEqual({ answer: SETTLED, by: 1 })
})

test.each([409, 500, 504])(
  'a settlement that the official client calls pending with %i is an answer, with its transaction',
  async (code) => {
    const failed = { success: false, errorReason: 'settlement_pending', transaction: '0x02' }
    const { settle } = await scene({
      '/settle': json(code, { ...failed, network: 'eip155:84532' }),
    })
    expect(await settle(0)).toMatchObject({ answer: failed, by: 0 })
  },
)

test('a conflict that the official client quotes is a refusal with its reason', async () => {
  const conflict = { code: 409, message: 'm', errors: [{ reason: 'credential_bound_elsewhere' }] }
  const answers = { '/verify': json(409, conflict), '/settle': json(409, conflict) }
  const { verify, settle } = await scene(answers)
  const reason = 'credential_bound_elsewhere'
  expect(await settle(0)).toMatchObject({ answer: { success: false, errorReason: reason }, by: 0 })
  expect(await verify()).toMatchObject({ answer: { isValid: false, invalidReason: reason }, by: 0 })
})

test.each([400, 500])(
  'what a %i quotes in errors of the official client stays there',
  async (code) => {
    const quoting: Answering = (response, { body }) =>
      json(code, {
        isValid: 0,
        success: 0,
        invalidReason: body,
        invalidMessage: body,
        error: body,
      })(response)
    const { facilitators } = await scene({ '/verify': quoting, '/settle': quoting })
    const call = { timeoutMs: 2_000, correlationId: 'call' }
    const error: unknown = await facilitators
      .settle(0, PAYMENT, REQUIREMENTS, call)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PaymentsError)
    expect(leaks(printed(error), [{ name: 'signature', value: SIGNATURE }])).toEqual([])
  },
)

test('extensions answered beside a payment are nothing to us', async () => {
  const withHeader =
    (body: object): Answering =>
    (response) => {
      response.setHeader('EXTENSION-RESPONSES', EXTENSION_RESPONSES)
      json(200, body)(response)
    }
  const { url } = await facilitatorServer({ '/settle': withHeader(SETTLED) })
  expect(await new HTTPFacilitatorClient({ url }).settle(PAYMENT, REQUIREMENTS)).toEqual(SETTLED)
})

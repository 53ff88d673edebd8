import { setTimeout as sleep } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import { PaymentsError } from '../../src/errors/payments-error.js'
import type { FacilitatorClient } from '../../src/facilitators/facilitator-client.js'
import { createFacilitators } from '../../src/facilitators/failover.js'
import { HTTPFacilitatorClient } from '../../src/facilitators/http-facilitator-client.js'
import {
  SETTLED,
  VALID,
  json,
  reset,
  silence,
  status,
  type Answering,
} from './support/facilitator-server.js'
import { SIGNATURE, SOLANA, UPTO, endless, over, paths, scene } from './support/facilitators.js'
import { leaks, printed } from '../support/secrets.js'

test('the first one is asked, and no other', async () => {
  const { servers, verify, settle } = await scene({}, {})
  expect(await verify()).toEqual({ answer: VALID, by: 0 })
  expect(await settle(0)).toEqual({ answer: SETTLED, by: 0 })
  expect(await settle(undefined)).toEqual({ answer: SETTLED, by: 0 })
  expect([paths(servers, '/verify'), paths(servers, '/settle')]).toEqual([
    [1, 0],
    [2, 0],
  ])
})

test('what is supported is not asked for by a payment', async () => {
  const { servers, verify, settle } = await scene({ '/verify': status(500) }, {})
  await verify()
  await settle(1)
  expect(paths(servers, '/supported')).toEqual([0, 0])
})

test('an empty list is refused', () => {
  expect(() => createFacilitators([], Date.now)).toThrow('expected at least one')
})

test.each<[string, Answering]>([
  ['an error', status(500)],
  ['a limit', status(429)],
  ['a wrong key', status(401)],
  ['a page', status(200)],
  ['an answer that is none', json(200, { isValid: 'yes' })],
  ['a reset', reset],
  ['silence', silence],
])(
  'after %s at verify the next one is asked, and that first for 30 seconds',
  async (_, answering) => {
    const { servers, clock, verify } = await scene({ '/verify': answering }, {})
    expect(await verify(600)).toEqual({ answer: VALID, by: 1 })
    clock.now += 29_999
    await verify(600)
    expect(paths(servers, '/verify')).toEqual([1, 2])
    clock.now += 1
    await verify(600)
    expect(paths(servers, '/verify')).toEqual([2, 3])
  },
)

test('where nobody listens the next one is asked', async () => {
  const { servers, verify } = await scene({}, {})
  await servers[0]?.close()
  expect(await verify()).toEqual({ answer: VALID, by: 1 })
})

test('one that keeps failing rests twice as long each time, five minutes at most, until it answers', async () => {
  const { servers, clock, verify } = await scene({ '/verify': status(500) }, {})
  const asked = () => servers[0]?.countOf('/verify')
  for (const [i, restMs] of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000].entries()) {
    await verify()
    expect(asked()).toBe(i + 1)
    clock.now += restMs - 1
    await verify()
    expect(asked()).toBe(i + 1)
    clock.now += 1
  }
  servers[0]?.answer({ '/verify': VALID })
  expect(await verify()).toMatchObject({ by: 0 })
  servers[0]?.answer({ '/verify': status(500) })
  expect(await verify()).toMatchObject({ by: 1 })
  clock.now += 30_000
  servers[0]?.answer({ '/verify': VALID })
  expect(await verify()).toMatchObject({ by: 0 })
})

test('of calls that fail together one counts', async () => {
  const { servers, clock, verify } = await scene({ '/verify': status(500) }, {})
  await Promise.all([verify(), verify(), verify(), verify()])
  clock.now += 30_000
  servers[0]?.answer({ '/verify': VALID })
  expect(await verify()).toMatchObject({ by: 0 })
})

test('where all rest, they are asked in their order', async () => {
  const { servers, verify } = await scene({ '/verify': status(500) }, { '/verify': status(503) })
  await expect(verify()).rejects.toMatchObject({ code: 'http_503', outcome: 'unknown' })
  servers[0]?.answer({ '/verify': VALID })
  expect(await verify()).toEqual({ answer: VALID, by: 0 })
  expect(paths(servers, '/verify')).toEqual([2, 1])
})

test('health is each instance\u2019s own', async () => {
  const { servers, verify } = await scene({ '/verify': status(500) }, {})
  await verify()
  await over(servers.map(({ url }) => new HTTPFacilitatorClient({ url }))).verify()
  expect(paths(servers, '/verify')).toEqual([2, 2])
})

test('a refusal is an answer, and no other is asked', async () => {
  const refusal = { isValid: false, invalidReason: 'invalid_exact_evm_insufficient_balance' }
  const { servers, verify } = await scene({ '/verify': json(400, refusal) }, {})
  expect(await verify()).toEqual({ answer: refusal, by: 0 })
  expect(await verify()).toEqual({ answer: refusal, by: 0 })
  expect(paths(servers, '/verify')).toEqual([2, 0])
})

test('a client of your own that throws a refusal is asked first again, and no other', async () => {
  const facts = { code: 'verification_refused', outcome: 'refused' } as const
  const refusing = jest
    .fn<FacilitatorClient['verify']>()
    .mockRejectedValue(new PaymentsError({ ...facts, httpStatus: 400, retryable: false }))
  const { verify } = over([{ ...endless(), verify: refusing }, endless()])
  await expect(verify()).rejects.toMatchObject(facts)
  await expect(verify()).rejects.toMatchObject(facts)
  expect(refusing).toHaveBeenCalledTimes(2)
})

test.each([undefined, null, 'yes', [], {}, { isValid: 'true' }, { isValid: 1 }])(
  'the answer %j of a client of your own is none',
  async (answer) => {
    const odd = { ...endless(), verify: async () => answer, settle: async () => answer }
    const { verify, settle } = over([odd])
    const facts = { code: 'unreadable_answer', outcome: 'unknown' }
    await expect(verify()).rejects.toMatchObject(facts)
    await expect(settle(0)).rejects.toMatchObject(facts)
  },
)

test.each([400, 413, 422])(
  'a bad request (%i) asks the next, and says nothing of health',
  async (code) => {
    const { servers, verify } = await scene({ '/verify': status(code) }, {})
    expect(await verify()).toMatchObject({ by: 1 })
    expect(await verify()).toMatchObject({ by: 1 })
    expect(paths(servers, '/verify')).toEqual([2, 2])
  },
)

test.each([
  'unsupported_scheme',
  'unsupported_network',
  'invalid_network',
  'invalid_scheme',
  'invalid_x402_version',
  'unsupported_scheme: upto',
  'verify/Unsupported_Network',
])('one that says %s is passed over, and stays healthy', async (invalidReason) => {
  const { servers, verify } = await scene({ '/verify': { isValid: false, invalidReason } }, {})
  expect(await verify()).toEqual({ answer: VALID, by: 1 })
  expect(await verify()).toEqual({ answer: VALID, by: 1 })
  expect(paths(servers, '/verify')).toEqual([2, 2])
})

test.each(['invalid_network_id', 'invalid_exact_evm_network_mismatch', 'invalid_payload', null])(
  'the reason %s is about the payment',
  async (invalidReason) => {
    const refusal = { isValid: false, invalidReason }
    const { verify } = await scene({ '/verify': refusal }, {})
    expect(await verify()).toEqual({ answer: refusal, by: 0 })
  },
)

test('where none serves the payment, that is the answer; where one failed, its failure', async () => {
  const unserved = { isValid: false, invalidReason: 'unsupported_scheme' }
  const { servers, verify } = await scene({ '/verify': unserved }, { '/verify': unserved })
  expect(await verify()).toEqual({ answer: unserved, by: 1 })
  servers[0]?.answer({ '/verify': status(503) })
  await expect(verify()).rejects.toMatchObject({ code: 'http_503' })
})

test('one without limits of its own leaves the others a fair share of the time', async () => {
  jest.useFakeTimers()
  try {
    const verify = jest.fn<FacilitatorClient['verify']>().mockResolvedValue(VALID)
    const answer = over([endless(), endless(), { ...endless(), verify }]).verify(900)
    await jest.advanceTimersByTimeAsync(900)
    expect(await answer).toEqual({ answer: VALID, by: 2 })
    expect(verify.mock.calls[0]?.[2]?.timeoutMs).toBe(225)
  } finally {
    jest.useRealTimers()
  }
})

test('one alone gets the whole time, and one timer', async () => {
  const verify = jest.fn<FacilitatorClient['verify']>().mockResolvedValue(VALID)
  const timers = jest.spyOn(globalThis, 'setTimeout')
  const started = timers.mock.calls.length
  await over([{ ...endless(), verify }]).verify(800)
  expect(timers.mock.calls.length - started).toBe(1)
  timers.mockRestore()
  const call = verify.mock.calls[0]?.[2]
  expect(call?.timeoutMs).toBeGreaterThan(700)
  expect(call?.timeoutMs).toBeLessThanOrEqual(800)
  expect(call?.correlationId).toMatch(/^call-\d+$/)
})

test('where all are silent, the call ends in its time', async () => {
  const { verify } = over([endless(), endless()])
  const startedAt = performance.now()
  await expect(verify(200)).rejects.toMatchObject({ code: 'timeout', outcome: 'unknown' })
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test('what a scheme needs is looked up once, and is of the first that serves the kind', async () => {
  const { servers, facilitators } = await scene({ '/supported': { kinds: [] } }, {})
  expect(await facilitators.extraOf(UPTO, 500)).toEqual({ facilitatorAddress: '0xFa' })
  expect(await facilitators.extraOf(UPTO, 500)).toEqual({ facilitatorAddress: '0xFa' })
  expect(await facilitators.extraOf(SOLANA, 500)).toBeUndefined()
  expect(paths(servers, '/supported')).toEqual([1, 1])
})

test('a kind that is served without anything needs nothing', async () => {
  const { facilitators } = await scene({}, {})
  expect(await facilitators.extraOf({ ...UPTO, scheme: 'exact' }, 500)).toBeUndefined()
  const v1 = { x402Version: 1, scheme: 'exact', network: 'base-sepolia' }
  expect(await facilitators.extraOf(v1, 500)).toBeUndefined()
})

test.each<[string, Answering]>([
  ['fails', status(500)],
  ['answers what it serves with a page', status(200)],
  ['is silent', silence],
])('where one %s, another says what a scheme needs', async (_, answering) => {
  const { servers, facilitators } = await scene({ '/supported': answering }, {})
  expect(await facilitators.extraOf(UPTO, 300)).toEqual({ facilitatorAddress: '0xFa' })
  await expect(facilitators.extraOf(SOLANA, 300)).rejects.toBeInstanceOf(PaymentsError)
  expect(paths(servers, '/supported')).toEqual([1, 1])
})

test('the healthy ones are asked first for what a scheme needs', async () => {
  const mine = { kinds: [{ ...UPTO, extra: { facilitatorAddress: '0xFb' } }] }
  const { facilitators, verify } = await scene({ '/verify': status(500) }, { '/supported': mine })
  expect(await facilitators.extraOf(UPTO, 500)).toEqual({ facilitatorAddress: '0xFa' })
  await verify()
  expect(await facilitators.extraOf(UPTO, 500)).toEqual({ facilitatorAddress: '0xFb' })
})

test('of a client that keeps nothing, what is supported is kept', async () => {
  const getSupported = jest.fn(async () => ({ kinds: [UPTO] }))
  const { clock, facilitators } = over([{ ...endless(), getSupported }])
  await Promise.all([facilitators.extraOf(UPTO, 500), facilitators.extraOf(SOLANA, 500)])
  clock.now += 5 * 60_000 - 1
  await facilitators.extraOf(UPTO, 500)
  expect(getSupported).toHaveBeenCalledTimes(1)
})

/** How a client of someone else may fail, quoting what it was sent. */
const QUOTING: [string, (secret: string) => unknown][] = [
  ['an error with it as message', (secret) => new Error(`request failed: ${secret}`)],
  ['an error with it as code', (secret) => Object.assign(new Error('no'), { code: secret })],
  ['an error with it as cause', (secret) => new Error('no', { cause: new Error(secret) })],
  [
    'a VerifyError with it as reason',
    (secret) => official('VerifyError', { invalidReason: secret }),
  ],
  ['a SettleError with it as reason', (secret) => official('SettleError', { errorReason: secret })],
  ['a plain text', (secret) => secret],
  ['nothing', () => undefined],
]
const official = (name: string, fields: object) =>
  Object.assign(new Error(JSON.stringify(fields)), { name, statusCode: 500, ...fields })

test.each(QUOTING)('%s is kept from everyone', async (_, quote) => {
  const raise = async () => {
    throw quote(SIGNATURE)
  }
  const { facilitators, verify, settle } = over([
    { verify: raise, settle: raise, getSupported: raise },
  ])
  const attempts = [verify(), settle(0), facilitators.extraOf(UPTO, 100)]
  for (const attempt of attempts) {
    const error: unknown = await attempt.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PaymentsError)
    expect(error).toMatchObject({ outcome: 'unknown', retryable: false })
    expect(
      leaks([printed(error), facilitators], [{ name: 'signature', value: SIGNATURE }]),
    ).toEqual([])
  }
  await sleep(0)
})

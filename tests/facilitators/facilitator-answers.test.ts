import { expect, test } from '@jest/globals'
import {
  memoryStore,
  requiresPayment,
  type Facilitator,
  type FacilitatorCall,
} from '../../src/index.js'
import type { RequiresPaymentOptions } from '../../src/index.js'
import { encodeToken } from '../../src/wire/x402.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  eventOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  textOf,
  toolCall,
} from '../support/seller.js'

// A facilitator is the seller's to choose: here one whose answers no real one gives on request.

const VERIFIED = { isValid: true, payer: '0x01', agentRequestId: 'top' }
const SETTLED = { success: true, transaction: '0x02', network: 'n', creditsRedeemed: '3' }
const VERSION_2 = encodeToken({ x402Version: 2, payload: { authorization: { from: '0x01' } } })
const VERSION_3 = encodeToken({
  x402Version: 2,
  payload: { authorization: { from: '0x01', nonce: '0x0a' } },
})

interface Asked {
  params: Record<string, unknown>
  call: FacilitatorCall | undefined
}

interface Seller {
  verify?: unknown[]
  settle?: unknown[]
  options?: Partial<RequiresPaymentOptions>
  token?: string
  remainingMs?: number
}

/** Sells one call. Errors among the answers are thrown; the last answer repeats. */
async function sellOnce({ verify = [VERIFIED], settle = [SETTLED], ...seller }: Seller) {
  const asked: { verify: Asked[]; settle: Asked[] } = { verify: [], settle: [] }
  const answering = (kind: 'verify' | 'settle', answers: unknown[]) =>
    (async (params: object, call?: FacilitatorCall) => {
      const answer = answers[Math.min(asked[kind].length, answers.length - 1)]
      asked[kind].push({ params: { ...params }, call })
      if (answer instanceof Error) throw answer
      return answer
    }) as Facilitator['verifyPermissions']
  const facilitator = {
    verifyPermissions: answering('verify', verify),
    settlePermissions: answering('settle', settle),
  }
  const logger = recordingLogger()
  const used: bigint[] = []
  const handler = requiresPayment(hello, {
    facilitator,
    scheme: 's',
    network: 'n',
    planId: '1',
    credits: 5,
    logger,
    paymentStore: memoryStore(),
    onAfterSettle: (credits) => used.push(credits),
    ...(seller.options as object),
  })
  const event = eventOf(toolCall('T___t'), { 'payment-signature': seller.token ?? VERSION_2 })
  const context = seller.remainingMs === undefined ? undefined : contextWith(seller.remainingMs)
  const output = await handler(event, context)
  return { output, asked, used, logs: logger.lines }
}

const failing = (code: string) => Object.assign(new Error('from outside'), { code })

test.each([
  ['credits redeemed', SETTLED, 3n],
  ['credits redeemed, as a number', { ...SETTLED, creditsRedeemed: 3 }, 3n],
  [
    'no credits but an order',
    { ...SETTLED, creditsRedeemed: '0', transaction: '', orderTx: 'pi_1' },
    0n,
  ],
  ['no credits but a transaction', { ...SETTLED, creditsRedeemed: '0' }, 0n],
  ['a transaction alone', { ...SETTLED, creditsRedeemed: undefined }, 0n],
  [
    'pay-as-you-go and a transaction',
    { ...SETTLED, creditsRedeemed: '0', billingModel: 'pay-as-you-go' },
    0n,
  ],
])('a settlement that names %s is delivered with that', async (_, settled, credits) => {
  const { output, used } = await sellOnce({ settle: [settled] })
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)?.['creditsRedeemed']).toBe(settled.creditsRedeemed?.toString())
  expect(used).toEqual([credits])
})

test.each([
  ['zero credits and nothing else', { ...SETTLED, creditsRedeemed: '0', transaction: '' }],
  ['zero credits of a credits plan', { ...SETTLED, creditsRedeemed: '0', billingModel: 'credits' }],
])('a settlement of %s is no settlement', async (_, settled) => {
  const { output, used } = await sellOnce({ settle: [settled] })
  expect(challengeOf(output)?.error).toBe('settlement failed')
  expect(used).toEqual([])
})

test.each([
  ['that names nothing', { success: true, transaction: '', network: 'n' }],
  ['that is no object', 'ok'],
  ['without success', { transaction: '0x02' }],
])('an answer to settle %s leaves the outcome unknown', async (_, settled) => {
  const { output } = await sellOnce({ settle: [settled] })
  expect(challengeOf(output)).toBeUndefined()
  expect(allTextOf(output)).toMatch(/unknown.*do not pay again/i)
})

test.each([
  [{ ...VERIFIED, agentRequest: { agentRequestId: 'nested' } }, 'nested'],
  [{ ...VERIFIED, agentRequest: { agentRequestId: '' } }, 'top'],
  [{ ...VERIFIED, agentRequestId: '' }, undefined],
])('verify answering %j settles with request id %s', async (verified, agentRequestId) => {
  const { asked } = await sellOnce({ verify: [verified] })
  expect(asked.settle[0]?.params['agentRequestId']).toBe(agentRequestId)
})

test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])(
  'after %s nothing was sent: settle is repeated, and the buyer is not charged',
  async (code) => {
    const { output, asked } = await sellOnce({ settle: [failing(code)] })
    expect(asked.settle).toHaveLength(3)
    expect(allTextOf(output)).toContain('You were not charged')
    expect(challengeOf(output)).toBeUndefined()
  },
)

test.each([
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ECONNABORTED',
  'network_error',
  'http_503',
  'http_302',
  'http_408',
  '__proto__',
  'constructor',
  'BCK.X402.0009',
  'BCK.HTTP.500',
  'http_402',
  'BCK.HTTP.402',
  '',
])('after "%s" a settlement is unknown, and never asked again', async (code) => {
  const { output, asked } = await sellOnce({ settle: [failing(code)] })
  expect(asked.settle).toHaveLength(1)
  expect(allTextOf(output)).toMatch(/outcome is unknown/)
  expect(challengeOf(output)).toBeUndefined()
})

test.each([
  ['BCK.X402.0005', 402],
  ['BCK.X402.0008', 500],
])('after %s a settlement is refused', async (code, httpStatus) => {
  const { output, logs } = await sellOnce({ settle: [failing(code)] })
  expect(challengeOf(output)?.error).toBe('settlement failed')
  expect(logs).toMatchObject([{ level: 'warn', details: { reason: code, httpStatus } }])
})

test('what an outside error says of itself is not logged', async () => {
  const { logs } = await sellOnce({ settle: [failing('http_502')] })
  expect(JSON.stringify(logs)).not.toContain('from outside')
  expect(logs.map(({ details }) => Object.keys(details as object))).toEqual([
    expect.not.arrayContaining(['error']),
  ])
})

test('an unknown settlement is logged with both ids, and asked about with the same', async () => {
  const { logs, asked } = await sellOnce({ settle: [failing('http_502')] })
  const { correlationId } = asked.settle[0]?.call ?? {}
  expect(asked.verify[0]?.call?.correlationId).toBe(correlationId)
  expect(logs).toMatchObject([{ details: { correlationId, agentRequestId: 'top' } }])
})

test('a lost answer of a single-use token is repeated, and its spent token proves nothing', async () => {
  const settle = [failing('ECONNRESET'), failing('BCK.X402.0059')]
  const { output, used, asked } = await sellOnce({ settle, token: VERSION_3 })
  expect(asked.settle).toHaveLength(2)
  expect(allTextOf(output)).toMatch(/outcome is unknown/)
  expect([receiptOf(output), challengeOf(output), used]).toEqual([undefined, undefined, []])
})

test.each<[string, object, string]>([
  ['pending', { errorReason: 'settlement_pending', transaction: '0x0b' }, 'settlement_pending'],
  ['used', { errorReason: 'BCK.X402.0059' }, 'nonce_used'],
  ['unknown', { errorReason: 'execution reverted' }, 'settlement_unknown'],
  ['unknown', { errorReason: 'Mint failed', orderTx: 'pi_1' }, 'settlement_unknown'],
  ['unknown', { errorReason: 'Burn failed', transaction: '0x0c' }, 'settlement_unknown'],
])('a settlement in credits that fails and is %s: %j', async (state, failed, code) => {
  const errors: unknown[] = []
  const onPaymentError = (error: unknown) => void errors.push(error)
  const settle = [{ success: false, ...failed }]
  const { output, asked } = await sellOnce({ settle, options: { onPaymentError } })
  const transaction = 'transaction' in failed ? failed.transaction : undefined
  expect(errors).toMatchObject([
    { code: 'settlement_unknown', state, transaction, cause: { code } },
  ])
  expect([challengeOf(output), asked.settle.length]).toEqual([undefined, 1])
})

test.each([' ', '', null, 5])('a token with the nonce %j is not single-use', async (nonce) => {
  const token = encodeToken({ x402Version: 2, payload: { authorization: { from: '0x01', nonce } } })
  const { asked } = await sellOnce({ settle: [failing('ECONNRESET')], token })
  expect(asked.settle).toHaveLength(1)
})

test('without a request id there is nothing to repeat a settle by', async () => {
  const { asked } = await sellOnce({
    verify: [{ isValid: true }],
    settle: [failing('ECONNRESET')],
    options: { retrySettleByRequestId: true },
  })
  expect(asked.settle).toHaveLength(1)
})

test('verify is asked again with the same correlation id', async () => {
  const { asked } = await sellOnce({ verify: [failing('BCK.X402.0006'), VERIFIED] })
  const ids = asked.verify.map(({ call }) => call?.correlationId)
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
})

test.each([
  [60_000, 5_000],
  [4_500, 3_500],
])('with %i ms left, verify may take %i', async (remainingMs, timeoutMs) => {
  const { asked } = await sellOnce({ remainingMs })
  expect(asked.verify[0]?.call?.timeoutMs).toBe(timeoutMs)
})

test.each([
  ['deliver', 'Hello!'],
  ['withhold', undefined],
] as const)('what was never sent follows the policy for refusals: %s', async (policy, text) => {
  const options = { onSettlementRefused: policy, onSettlementUnknown: 'withhold' } as const
  const { output } = await sellOnce({ settle: [failing('ECONNREFUSED')], options })
  const { isError, content } = responseOf(output).body.result ?? {}
  expect(isError === true ? undefined : content?.[0]?.text).toBe(text)
})

test('the answer waits for onAfterSettle', async () => {
  const done: string[] = []
  const onAfterSettle = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push('hook')
  }
  await sellOnce({ options: { onAfterSettle } })
  done.push('answer')
  expect(done).toEqual(['hook', 'answer'])
})

test('a reason that is too long to be one is not sent out', async () => {
  const reasons = ['no credits '.repeat(10).trim(), 'no credits '.repeat(20).trim()]
  const errors = reasons.map(async (invalidReason) => {
    const { output } = await sellOnce({ verify: [{ isValid: false, invalidReason }] })
    return challengeOf(output)?.error
  })
  expect(await Promise.all(errors)).toEqual([
    `verification failed: ${reasons[0] ?? ''}`,
    'verification failed: payment refused',
  ])
})

test('a facilitator that never answers settle is asked once, and the outcome is unknown', async () => {
  const silence = new Promise(() => undefined)
  const { output, asked } = await sellOnce({ settle: [silence], options: { settleTimeoutMs: 50 } })
  expect(asked.settle).toHaveLength(1)
  expect(allTextOf(output)).toMatch(/outcome is unknown/)
})

test('explicit nulls in a settlement mean what is absent', async () => {
  const names = ['errorReason', 'payer', 'transaction', 'network', 'remainingBalance', 'orderTx']
  const nulls = Object.fromEntries([...names, 'billingModel'].map((name) => [name, null]))
  const { output, used } = await sellOnce({
    verify: [{ isValid: true, invalidReason: null, payer: null, agentRequest: null }],
    settle: [{ ...nulls, success: true, creditsRedeemed: '2' }],
  })
  expect(textOf(output)).toBe('Hello!')
  expect(used).toEqual([2n])
})

test('an onAfterSettle that never ends does not hold back result and receipt', async () => {
  const onAfterSettle = () => new Promise(() => undefined)
  const { output } = await sellOnce({
    options: { onAfterSettle, settleReserveMs: 10 },
    remainingMs: 2_300,
    settle: [SETTLED],
  })
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({ success: true })
})

test('an onPaymentError that never ends does not hold back the answer', async () => {
  const onPaymentError = () => new Promise<undefined>(() => undefined)
  const { output } = await sellOnce({
    options: { onPaymentError },
    settle: [failing('http_502')],
    remainingMs: 3_100,
  })
  expect(allTextOf(output)).toMatch(/outcome is unknown/)
})

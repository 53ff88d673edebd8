import { expect, jest, test } from '@jest/globals'
import { requiresPayment } from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { amounts, asked } from '../../support/recorded.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  contextWith,
  eventOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  sell,
  silent,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

const TOOL = 'T___hello'

test('an unpaid call gets its challenge in every place a client may look', async () => {
  const local = await stack()
  const output = await sell(local)(local.paidEvent(TOOL, {}, null))
  const { statusCode, headers, body } = responseOf(output)
  const challenge = {
    x402Version: 2,
    error: 'payment required',
    resource: { url: `mcp://tool/${TOOL}` },
    accepts: [
      {
        scheme: 'nvm:erc4337',
        network: 'eip155:84532',
        planId: local.planId,
        extra: { version: '1', httpVerb: 'POST' },
      },
    ],
    extensions: { 'agentcore-x402/credits': { info: { credits: '1' } } },
  }
  const [json = '', marked = '', forPeople] = body.result?.content.map(({ text }) => text) ?? []
  expect([output.interceptorOutputVersion, statusCode]).toEqual(['1.0', 200])
  expect(headers).toEqual({
    'Content-Type': 'application/json',
    'payment-required': expect.any(String),
    'Cache-Control': 'no-store',
  })
  expect(challengeHeaderOf(output)).toEqual(challenge)
  expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, result: { isError: true } })
  expect(body.result?._meta).toEqual({ x402: true, 'x402/error': challenge })
  expect([body.result?.structuredContent, JSON.parse(json)]).toEqual([challenge, challenge])
  expect(marked.startsWith('PAYMENT_REQUIRED: ')).toBe(true)
  expect(JSON.parse(marked.slice('PAYMENT_REQUIRED: '.length))).toEqual({
    statusCode: 402,
    headers: {},
    body: challenge,
  })
  expect(forPeople).toContain(local.planId)
})

test('an unpaid call reaches neither the facilitator nor the handler', async () => {
  const local = await stack()
  const handler = jest.fn(hello)
  await sell(local, handler)(local.paidEvent(TOOL, {}, null))
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test('a challenge too long for a header is sent in the body only', async () => {
  const local = await stack()
  const handler = sell(local, hello, { description: 'long '.repeat(1_000) })
  const output = await handler(local.paidEvent(TOOL, {}, null))
  expect(responseOf(output).headers).toEqual({
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  })
  expect(challengeOf(output)?.accepts).toHaveLength(1)
})

test('a paid call is verified, run, settled and answered with its receipt', async () => {
  const local = await stack()
  const token = local.accessToken()
  const output = await sell(local, hello, { credits: 2 })(local.paidEvent(TOOL, {}, token))
  const [settlement] = local.ledger.settlements
  const receipt = {
    success: true,
    transaction: settlement?.transaction,
    network: 'eip155:84532',
    payer: local.subscriberAddress,
    creditsRedeemed: '2',
    remainingBalance: '98',
    billingModel: 'credits',
  }
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toEqual({ ...receipt, transactionHash: settlement?.transaction })
  expect(responseOf(output).body.result?._meta).toEqual({
    x402: { ...receipt, transactionHash: settlement?.transaction },
    'x402/payment-response': receipt,
  })
  expect(challengeOf(output)).toBeUndefined()
  expect(amounts(local)).toEqual({ verify: ['2'], settle: ['2'] })
  expect(asked(local, 'settle')[0]?.x402AccessToken).toBe(token)
  expect(local.balance()).toBe(98n)
})

test('challenge, verify and settle name the same terms', async () => {
  const local = await stack()
  const handler = sell(local, hello, {
    agentId: 'agent-1',
    endpoint: 'https://seller.example/mcp',
    description: 'Says hello',
    mimeType: 'application/json',
  })
  const output = await handler(local.paidEvent(TOOL, {}, null))
  await handler(local.paidEvent(TOOL))
  const { error, ...terms } = challengeOf(output) ?? {}
  expect(error).toBe('payment required')
  expect(terms).toMatchObject({
    resource: {
      url: 'https://seller.example/mcp',
      description: 'Says hello',
      mimeType: 'application/json',
    },
    accepts: [{ extra: { version: '1', agentId: 'agent-1', httpVerb: 'POST' } }],
  })
  for (const route of ['verify', 'settle'] as const) {
    expect(asked(local, route)[0]?.paymentRequired).toEqual({ ...terms, extensions: {} })
  }
  expect(local.balance()).toBe(99n)
})

test.each<[string, string, (local: Local) => Record<string, unknown>]>([
  [
    'refused by the facilitator',
    'verification failed: Plan expired',
    (local) => {
      local.faults.set({ route: 'verify', kind: 'refuse', reason: 'Plan expired' })
      return local.paidEvent(TOOL)
    },
  ],
  [
    'of a payer without credits',
    'verification failed: Insufficient credits',
    (local) =>
      local.paidEvent(
        TOOL,
        {},
        local.accessToken({ from: local.ledger.addAccount({ walletCents: 0n }).address }),
      ),
  ],
  [
    'for another plan',
    'verification failed: BCK.X402.0013',
    (local) =>
      local.paidEvent(
        TOOL,
        {},
        local.accessToken({ planId: local.ledger.addPlan({ name: 'Other' }).planId }),
      ),
  ],
  [
    'the facilitator cannot read',
    'verification failed: BCK.X402.0010',
    (local) => local.paidEvent(TOOL, {}, 'no-token'),
  ],
  [
    'longer than 64 KiB',
    'payment malformed',
    (local) => local.paidEvent(TOOL, {}, 'a'.repeat(65_537)),
  ],
  [
    'that comes twice in one call, differently,',
    'two different payments in one call',
    (local) =>
      eventOf(
        toolCall(TOOL, {
          headers: {
            'payment-signature': local.accessToken(),
            'x-payment': local.accessToken(),
          },
        }),
      ),
  ],
])('a payment %s is answered with a challenge that says so', async (_, error, eventFor) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler)(eventFor(local))
  expect(challengeOf(output)?.error).toBe(error)
  expect(challengeHeaderOf(output)?.['error']).toBe(error)
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { result: { isError: true } } })
  expect(receiptOf(output)).toBeUndefined()
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local).settle).toEqual([])
  expect(local.balance()).toBe(100n)
})

test.each<[string, Fault]>([
  ['breaks the connection at verify', { route: 'verify', kind: 'reset', times: 9 }],
  ['answers verify with an error page', { route: 'verify', kind: 'html', times: 9 }],
  ['answers verify with half a JSON', { route: 'verify', kind: 'garbage', times: 9 }],
  ['fails at verify', { route: 'verify', kind: 'error', status: 500, times: 9 }],
  ['is overloaded at verify', { route: 'verify', kind: 'error', status: 429, times: 9 }],
  [
    'rejects the API key of the seller',
    { route: 'verify', kind: 'error', status: 401, code: 'BCK.APIKEY.0004', times: 9 },
  ],
  ['is too slow at verify', { route: 'verify', kind: 'delay', delayMs: 500 }],
  ['fails at the plan look-up', { route: 'plan', kind: 'error', status: 500, times: 9 }],
  ['does not know the plan', { route: 'plan', kind: 'error', status: 404, times: 9 }],
  ['answers the plan look-up with half a JSON', { route: 'plan', kind: 'garbage', times: 9 }],
])('no payment is asked for when the facilitator %s', async (_, fault) => {
  const local = await stack()
  local.faults.set(fault)
  const handler = jest.fn(hello)
  const output = await sell(local, handler, { verifyTimeoutMs: 200 })(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(/try again later.*not charged/i)
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { result: { isError: true } } })
  expect(challengeOf(output)).toBeUndefined()
  expect(challengeHeaderOf(output)).toBeUndefined()
  expect(handler).not.toHaveBeenCalled()
  expect(local.ledger.settlements).toEqual([])
})

test('no payment is asked for when nothing listens where the facilitator was', async () => {
  const local = await stack()
  const handler = sell(local)
  await handler(local.paidEvent(TOOL))
  await local.close()
  const output = await handler(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(/try again later/i)
  expect(challengeOf(output)).toBeUndefined()
})

test.each([
  ['a database hiccup', { status: 500, code: 'BCK.X402.0006' }],
  ['what the facilitator calls retryable', { status: 503, code: 'BCK.X402.0051' }],
])('verify is asked once more after %s', async (_, error) => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'error', ...error })
  const output = await sell(local)(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test.each([
  ['throws', () => Promise.reject(new Error('password hunter2'))],
  [
    'throws at once',
    () => {
      throw new Error('password hunter2')
    },
  ],
  [
    'throws what is no error',
    () => {
      throw { message: 'password hunter2' } as unknown as Error
    },
  ],
])('a handler that %s is not charged for and its message stays inside', async (_, handler) => {
  const local = await stack()
  const logger = recordingLogger()
  const onPaymentError = jest.fn<() => undefined>()
  const output = await sell(local, handler, { logger, onPaymentError })(local.paidEvent(TOOL))
  expect(responseOf(output).body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {
      isError: true,
      content: [{ type: 'text', text: 'The tool failed. You were not charged.' }],
    },
  })
  expect(logger.lines).toMatchObject([{ level: 'error', details: { tool: TOOL } }])
  expect(onPaymentError).not.toHaveBeenCalled()
  expect(amounts(local).settle).toEqual([])
  expect(local.balance()).toBe(100n)
})

test('settle carries the request id of verify, never one the client sent', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken(), 'x-nvm-agent-request-id': 'stolen' }
  await sell(local)(eventOf(toolCall(TOOL), headers))
  expect(asked(local, 'settle')[0]?.agentRequestId).toMatch(/^[0-9a-f-]{36}$/)
})

test.each(['verify', 'settle'] as const)(
  'a reason of %s that quotes the payment does not go out',
  async (route) => {
    const local = await stack()
    const token = local.accessToken()
    local.faults.set({ route, kind: 'refuse', reason: `bad ${token}` })
    const output = await sell(local)(local.paidEvent(TOOL, {}, token))
    expect(challengeOf(output)).toBeDefined()
    expect(JSON.stringify(output)).not.toContain(token)
    expect(decodeHeader(responseOf(output).headers['payment-required'] ?? '')?.['error']).toBe(
      route === 'verify' ? 'verification failed: payment refused' : 'settlement failed',
    )
  },
)

test.each([
  ['less than the reserve and two seconds are left', 2_999, {}],
  ['a larger reserve leaves too little', 6_999, { settleReserveMs: 5_000 }],
])('the handler is not started when %s', async (_, leftMs, options) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler, options)(local.paidEvent(TOOL), contextWith(leftMs))
  expect(amounts(local)).toEqual({ verify: ['1'], settle: [] })
  expect(handler).not.toHaveBeenCalled()
  expect(allTextOf(output)).toMatch(/not charged/)
  expect(challengeOf(output)).toBeUndefined()
})

test.each([
  ['three seconds', 3_000, {}],
  ['the reserve and two seconds', 2_200, { settleReserveMs: 200 }],
])('%s are enough to start the handler', async (_, leftMs, options) => {
  const local = await stack()
  const output = await sell(local, hello, options)(local.paidEvent(TOOL), contextWith(leftMs))
  expect(textOf(output)).toBe('Hello!')
})

test('a facilitator that never answers is given up on', async () => {
  const never = () => new Promise<never>(() => undefined)
  const handler = requiresPayment(hello, {
    facilitator: { verifyPermissions: never, settlePermissions: never },
    scheme: 'nvm:erc4337',
    network: 'eip155:84532',
    planId: 'plan-1',
    verifyTimeoutMs: 20,
    logger: silent,
  })
  const output = await handler(eventOf(toolCall(TOOL), { 'payment-signature': 'token' }))
  expect(allTextOf(output)).toMatch(/try again later/i)
})

import { expect, jest, test } from '@jest/globals'
import type { InterceptorOutput, PaymentError } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { amounts } from '../../support/recorded.js'
import {
  allTextOf,
  challengeOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  sell,
  stack,
  textOf,
} from '../../support/seller.js'

const TOOL = 'T___hello'
const fail = (): never => {
  throw new Error('hunter2')
}
const failLater = () => Promise.reject(new Error('hunter2'))

test('hooks are called around verify, handler and settle, each awaited', async () => {
  const local = await stack()
  const order: string[] = []
  const note = (what: string) => async () => {
    await Promise.resolve()
    order.push(what)
  }
  const handler = sell(
    local,
    () => {
      order.push('handler')
      return 'ok'
    },
    {
      onBeforeVerify: note('before verify'),
      onAfterVerify: note('after verify'),
      onAfterSettle: note('after settle'),
      onPaymentError: () => void order.push('payment error'),
    },
  )
  await handler(local.paidEvent(TOOL))
  expect(order).toEqual(['before verify', 'after verify', 'handler', 'after settle'])
})

test('hooks see the terms, the verification and the settlement of the call', async () => {
  const local = await stack()
  const onBeforeVerify = jest.fn<(...args: unknown[]) => void>()
  const onAfterVerify = jest.fn<(...args: unknown[]) => void>()
  const onAfterSettle = jest.fn<(...args: unknown[]) => void>()
  const hooks = { onBeforeVerify, onAfterVerify, onAfterSettle }
  const token = local.accessToken()
  await sell(local, hello, hooks)(local.paidEvent(TOOL, {}, token))
  const transport = { shape: 'gateway', protocol: 'mcp', realStatus: false }
  const named = { id: 1, method: 'tools/call', tool: TOOL, label: TOOL, transport }
  const call = { ...named, event: expect.any(Object) }
  const accepts = [expect.objectContaining({ planId: local.planId })]
  expect(onBeforeVerify.mock.calls).toEqual([
    [expect.objectContaining({ x402Version: 2, accepts }), call],
  ])
  expect(onAfterVerify.mock.calls).toEqual([
    [expect.objectContaining({ isValid: true, payer: local.subscriberAddress }), call],
  ])
  expect(onAfterSettle.mock.calls).toEqual([
    [1n, expect.objectContaining({ success: true, remainingBalance: '99' }), call],
  ])
  const seen = [onBeforeVerify, onAfterVerify, onAfterSettle].map(({ mock }) => mock.calls)
  const withDigits = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value
  expect(JSON.stringify(seen, withDigits)).not.toContain(token)
})

test('onAfterSettle is told what was redeemed, not what was asked', async () => {
  const local = await stack({ plan: { minAmount: 5n, maxAmount: 5n } })
  const used: bigint[] = []
  await sell(local, hello, { onAfterSettle: (credits) => void used.push(credits) })(
    local.paidEvent(TOOL),
  )
  expect(amounts(local).settle).toEqual(['1'])
  expect(used).toEqual([5n])
  expect(local.balance()).toBe(95n)
})

test.each([
  ['onBeforeVerify', fail, []],
  ['onBeforeVerify', failLater, []],
  ['onAfterVerify', fail, ['1']],
  ['onAfterVerify', failLater, ['1']],
])('a call that %s throws at is refused before the handler', async (hook, thrower, verified) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler, { [hook]: thrower })(local.paidEvent(TOOL))
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { result: { isError: true } } })
  expect(allTextOf(output)).toMatch(/not charged/)
  expect(JSON.stringify(output)).not.toContain('hunter2')
  expect(challengeOf(output)).toBeUndefined()
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local)).toEqual({ verify: verified, settle: [] })
})

test.each([fail, failLater])(
  'an onAfterSettle that throws is only logged',
  async (onAfterSettle) => {
    const local = await stack()
    const logger = recordingLogger()
    const output = await sell(local, hello, { logger, onAfterSettle })(local.paidEvent(TOOL))
    expect(textOf(output)).toBe('Hello!')
    expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: '1' })
    expect(logger.lines).toMatchObject([{ level: 'error', details: { error: expect.any(Error) } }])
    expect(local.balance()).toBe(99n)
  },
)

test('a logger that throws costs a paid buyer neither result nor receipt', async () => {
  const local = await stack()
  const logger = { debug: fail, info: fail, warn: fail, error: fail }
  const handler = sell(local, hello, { logger, onAfterSettle: fail })
  const output = await handler(local.paidEvent(TOOL))
  expect(local.balance()).toBe(99n)
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({ success: true })
})

const FAILURES: [string, string, string, (local: Local) => Record<string, unknown>][] = [
  ['a missing payment', 'payment_required', 'debug', (local) => local.paidEvent(TOOL, {}, null)],
  [
    'a malformed payment',
    'payment_malformed',
    'debug',
    (local) => local.paidEvent(TOOL, {}, 'a'.repeat(65_537)),
  ],
  [
    'a refused payment',
    'verification_refused',
    'info',
    (local) => {
      local.faults.set({ route: 'verify', kind: 'refuse' })
      return local.paidEvent(TOOL)
    },
  ],
  [
    'an outage',
    'facilitator_unavailable',
    'error',
    (local) => {
      local.faults.set({ route: 'verify', kind: 'html', times: 9 })
      return local.paidEvent(TOOL)
    },
  ],
  [
    'a failed plan look-up',
    'plan_unavailable',
    'error',
    (local) => {
      local.faults.set({ route: 'plan', kind: 'html', times: 9 })
      return local.paidEvent(TOOL)
    },
  ],
  [
    'a refused settlement',
    'settlement_refused',
    'warn',
    (local) => {
      local.faults.set({ route: 'settle', kind: 'refuse' })
      return local.paidEvent(TOOL)
    },
  ],
  [
    'an unknown settlement',
    'settlement_unknown',
    'error',
    (local) => {
      local.faults.set({ route: 'settle', kind: 'html' })
      return local.paidEvent(TOOL)
    },
  ],
]

test.each(FAILURES)('%s is logged by its code, without the payment', async (...row) => {
  const [, code, level, eventFor] = row
  const local = await stack()
  const logger = recordingLogger()
  const event = eventFor(local)
  const output = await sell(local, hello, { logger })(event)
  // A mistake behind the failure is said in a line of its own.
  const lines = logger.lines.filter(({ message }) => !message.includes('. Expected '))
  expect(lines).toMatchObject([{ level, details: { code, tool: TOOL } }])
  const { headers } = (event['mcp'] as { gatewayRequest: { headers: Record<string, string> } })
    .gatewayRequest
  for (const token of Object.values(headers)) {
    expect(JSON.stringify([logger.lines, output])).not.toContain(token)
  }
})

test('a paid call that works logs nothing', async () => {
  const local = await stack()
  const logger = recordingLogger()
  await sell(local, hello, { logger })(local.paidEvent(TOOL))
  expect(logger.lines).toEqual([])
})

const OWN: InterceptorOutput = {
  interceptorOutputVersion: '1.0',
  mcp: { transformedGatewayResponse: { statusCode: 418, headers: {}, body: { own: true } } },
}

test.each(FAILURES)('onPaymentError may answer %s itself', async (...row) => {
  const [, code, , eventFor] = row
  const local = await stack()
  const errors: PaymentError[] = []
  const onPaymentError = async (error: PaymentError) => {
    errors.push(error)
    return OWN
  }
  expect(await sell(local, hello, { onPaymentError })(eventFor(local))).toMatchObject(OWN)
  expect(errors.map((error) => error.code)).toEqual([code])
})

test.each([
  ['returns nothing', () => undefined],
  ['throws', fail],
  ['rejects', failLater],
])('the default answer goes out when onPaymentError %s', async (_, onPaymentError) => {
  const local = await stack()
  const output = await sell(local, hello, { onPaymentError })(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(output)?.accepts[0]?.planId).toBe(local.planId)
  expect(JSON.stringify(output)).not.toContain('hunter2')
})

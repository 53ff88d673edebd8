import { expect, jest, test } from '@jest/globals'
import { composeInterceptors, createInterceptor } from '../../../src/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { TOOL, content, delivered, forwardedBy, rawEvent } from '../../support/doors.js'
import { outcomeOf } from '../../support/outcome.js'
import {
  SHOWN,
  bothPhases,
  hello,
  intercept,
  interceptorOptions,
  result,
} from './support/phases.js'
import { takeInLog } from './support/printed-log.js'
import { amounts } from '../../support/recorded.js'
import { challengeOf, receiptOf, responseOf, stack, toolCall } from '../../support/seller.js'

type Fields = Record<string, unknown>

takeInLog()
const output = (left: Fields) => ({ interceptorOutputVersion: '1.0', mcp: left })
const onRequest = (left: Fields) => output({ transformedGatewayRequest: left })
const onResponse = (left: Fields) => output({ transformedGatewayResponse: left })
const phaseOf = (event: unknown) =>
  (event as { mcp: Fields }).mcp['gatewayResponse'] === null ? 'request' : 'response'
/** An interceptor that lets everything through as it is, and remembers what it saw. */
const watching = () => jest.fn<(event: unknown) => unknown>(() => output({}))

const BROKEN: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('hunter2')
    },
  ],
  ['rejects', () => Promise.reject(new Error('hunter2'))],
  ['answers nothing', () => undefined],
  ['answers no output', () => ({ transformedGatewayRequest: {} })],
]

test.each(BROKEN)('what a seller let through is gone when one before it %s', async (_, broken) => {
  const local = await stack()
  const handle = composeInterceptors(broken, intercept(local))
  const { output: answer, forwarded } = await bothPhases(handle, local.paidEvent(TOOL))
  expect(forwarded).toBeUndefined()
  expect(JSON.stringify(answer)).not.toMatch(/Hello!|hunter2/)
  expect(local.balance()).toBe(100n)
})

test.each(BROKEN)('nothing is charged when one behind the seller %s', async (_, broken) => {
  for (const phase of ['request', 'response']) {
    const local = await stack()
    const inPhase = (event: unknown) => (phaseOf(event) === phase ? broken() : output({}))
    const handle = composeInterceptors(intercept(local), inPhase)
    const { output: answer } = await bothPhases(handle, local.paidEvent(TOOL))
    expect(responseOf(answer).body.error?.code).toBe(-32603)
    expect([amounts(local).settle, local.balance()]).toEqual([[], 100n])
  }
})

const rename = (event: unknown) =>
  phaseOf(event) === 'request'
    ? onRequest({ headers: { mine: 'yes' } })
    : onResponse({ headers: { mine: 'too' } })

test.each(SHOWN)('a sale goes through others that echo nothing (%s request)', async (shown) => {
  const local = await stack()
  const handle = composeInterceptors(
    createInterceptor(interceptorOptions(local)),
    rename,
    watching(),
  )
  const event = local.paidEvent(TOOL)
  const { output: answer, forwarded } = await bothPhases(handle, event, hello, { shown })
  expect(outcomeOf(answer)).toBe('settled')
  expect(forwarded?.['headers']).toEqual({ mine: 'yes', 'x-agentcore-x402': expect.any(String) })
  expect(responseOf(answer).headers).toMatchObject({ mine: 'too' })
  expect(amounts(local)).toEqual({
    verify: shown === 'transformed' ? ['1'] : ['1', '1'],
    settle: ['1'],
  })
})

test.each(SHOWN)('a seller that comes last sells too (%s request)', async (shown) => {
  const local = await stack()
  const handle = composeInterceptors(rename, watching(), intercept(local))
  const paid = rawEvent(
    toolCall(TOOL, {}, { _meta: { 'x402/payment': decodeHeader(local.accessToken()) } }),
  )
  const { output: answer } = await bothPhases(handle, paid, hello, { shown })
  expect(receiptOf(answer)).toBeUndefined()
  expect(responseOf(answer).body.result?._meta?.['x402']).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test.each(SHOWN)('what others make of a response is what is sold (%s request)', async (shown) => {
  const raise = (event: unknown) => {
    if (phaseOf(event) === 'request') return output({})
    const told = { content, _meta: { creditsToCharge: 7 } }
    return onResponse({ body: { jsonrpc: '2.0', id: 1, result: told } })
  }
  const local = await stack()
  const seller = intercept(local, { credits: 2, maxCredits: 5 })
  const handle = composeInterceptors(seller, raise)
  const { output: answer } = await bothPhases(handle, local.paidEvent(TOOL), result({}), { shown })
  expect(outcomeOf(answer)).toBe('settled')
  expect(amounts(local).settle).toEqual(['5'])
})

test('who answers before the seller is charged for as the target would be', async () => {
  const cached = (event: unknown) =>
    phaseOf(event) === 'request' ? onResponse(delivered()) : output({})
  const local = await stack()
  const handle = composeInterceptors(cached, intercept(local))
  const unpaid = await bothPhases(handle, local.paidEvent(TOOL, {}, null))
  expect(challengeOf(unpaid.output)?.error).toBe('payment required')
  const { output: answer } = await bothPhases(handle, local.paidEvent(TOOL))
  expect([outcomeOf(answer), local.balance()]).toEqual(['settled', 99n])
})

test('others before the target never see a payment, nor the text it came in', async () => {
  const local = await stack()
  const token = local.accessToken()
  const _meta = { 'x402/payment': decodeHeader(token) }
  const carried = [
    rawEvent(toolCall(TOOL), { 'payment-signature': token, 'X-Payment': token }),
    rawEvent(toolCall(TOOL, { headers: { 'PAYMENT-SIGNATURE': token } })),
    rawEvent(toolCall(TOOL, {}, { _meta }), null),
    rawEvent({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } }, 'none'),
    rawEvent(toolCall('T___free', { headers: { 'x-payment': token } }, { _meta }), {
      'x-payment': token,
    }),
  ]
  const tools = { free: 'free' }
  for (const event of carried) {
    const spies = [watching(), watching()]
    const handle = composeInterceptors(intercept(local, { tools, planId: local.planId }), ...spies)
    const { headers } = forwardedBy(await handle(event))
    for (const spy of spies) {
      expect(spy).toHaveBeenCalledTimes(1)
      const seen = JSON.stringify(spy.mock.calls).replaceAll(headers['x-agentcore-x402'] ?? '-', '')
      expect(seen).not.toMatch(/payment|eyJ/i)
    }
  }
})

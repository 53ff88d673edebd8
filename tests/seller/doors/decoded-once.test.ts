import { afterEach, expect, jest, test } from '@jest/globals'
import { requiresPayment, type RequiresPaymentOptions } from '../../../src/index.js'
import { encodeToken } from '../../../src/wire/x402.js'
import { hello, receiptOf, silent, toolCall, eventOf } from '../../support/seller.js'
import { TOOL } from '../../support/outcome.js'

/** A facilitator outside this process: what it would decode is not ours to count. */
const facilitator = {
  verifyPermissions: async () => ({ isValid: true, payer: '0x01' }),
  settlePermissions: async () => ({ success: true, transaction: '0x02', creditsRedeemed: '1' }),
}
const PLAN = { facilitator, scheme: 'nvm:erc4337', network: 'eip155:84532', planId: '1' }

const accepted = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: '1' }
const reusable = { x402Version: 2, accepted, payload: { authorization: { from: '0x01' } } }
const singleUse = {
  ...reusable,
  payload: { authorization: { from: '0x01', nonce: `0x${'ab'.repeat(32)}` } },
}

/** How often a payment was read from its base64. */
function decodings({ mock }: { mock: { calls: unknown[][] } }, token: string): number {
  return mock.calls.filter(([text, encoding]) => text === token && encoding === 'base64').length
}

afterEach(() => {
  jest.restoreAllMocks()
})

test.each<[string, object, Partial<RequiresPaymentOptions>, (token: string) => object]>([
  ['a reusable token', reusable, {}, (token) => ({ 'payment-signature': token })],
  ['a single-use token', singleUse, {}, (token) => ({ 'payment-signature': token })],
  [
    'a token in the header of the caller',
    singleUse,
    { tokenHeader: ['authorization', 'payment-signature'] },
    (token) => ({ authorization: `Bearer ${token}` }),
  ],
])('%s is decoded once, from its header to the receipt', async (_, payment, options, headersOf) => {
  const token = encodeToken(payment)
  const handler = requiresPayment(hello, { ...PLAN, logger: silent, ...options } as never)
  const from = jest.spyOn(Buffer, 'from')
  const headers = headersOf(token) as Record<string, string>
  const output = await handler(eventOf(toolCall(TOOL), headers))
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(decodings(from, token)).toBe(1)
})

test('a payment in the arguments is decoded once', async () => {
  const token = encodeToken(singleUse)
  const handler = requiresPayment(hello, { ...PLAN, logger: silent })
  const from = jest.spyOn(Buffer, 'from')
  const output = await handler(eventOf(toolCall(TOOL, { headers: { 'payment-signature': token } })))
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(decodings(from, token)).toBe(1)
})

test('a payment in _meta is an object already: its text is never decoded', async () => {
  const handler = requiresPayment(hello, { ...PLAN, logger: silent })
  const from = jest.spyOn(Buffer, 'from')
  const body = toolCall(TOOL, {}, { _meta: { 'x402/payment': singleUse } })
  const output = await handler(eventOf(body))
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(decodings(from, encodeToken(singleUse))).toBe(0)
})

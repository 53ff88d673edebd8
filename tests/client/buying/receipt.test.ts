import { expect, test } from '@jest/globals'
import {
  createBudget,
  payingMcp,
  receiptOf,
  type Budget,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { refusing, shop, type Tool } from '../support/mcp-shop.js'

const TOOL = 'T___hello'
const TERMS = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: '1' }
const CHALLENGE = {
  x402Version: 2,
  resource: { url: `mcp://tool/${TOOL}` },
  accepts: [TERMS],
  extensions: { 'agentcore-x402/credits': { info: { credits: '3' } } },
}
const LIMITS: PaymentLimits = { plans: ['1'], credits: { maxAmountPerPayment: 5n, total: 50n } }
const TRUSTING: PaymentLimits = { ...LIMITS, trustReceipts: true }
const PAID = { success: true, transaction: '0xabc', network: 'eip155:84532' }

const withReceipt = (receipt: unknown) => ({ _meta: { 'x402/payment-response': receipt } })
const pay = () =>
  Promise.resolve({ meta: { 'x402/payment': { x402Version: 2, accepted: TERMS, payload: {} } } })

/** What a seller says who answers a paid call like this. */
async function receiptFor(
  answer: Awaited<ReturnType<Tool>>,
  limits: PaymentLimits | Budget = LIMITS,
) {
  const tool: Tool = ({ _meta }) =>
    _meta?.['x402/payment'] === undefined ? refusing(CHALLENGE) : answer
  const { client } = await shop({ [TOOL]: tool })
  return receiptOf(await payingMcp(client, pay, limits).callTool({ name: TOOL }))
}

test.each<[string, object, object]>([
  ['a transaction alone', PAID, { paid: 'yes', amount: '3', transaction: '0xabc' }],
  ['an empty transaction', { ...PAID, transaction: '' }, { paid: 'yes', amount: '3' }],
  ['fewer credits', { ...PAID, creditsRedeemed: '2' }, { paid: 'yes', amount: '2' }],
  ['credits as a number', { ...PAID, creditsRedeemed: 2 }, { paid: 'yes', amount: '2' }],
  ['more credits', { ...PAID, creditsRedeemed: '4' }, { paid: 'yes', amount: '4', agreed: '3' }],
  ['no credits', { ...PAID, creditsRedeemed: '0' }, { paid: 'yes', amount: '3' }],
  ['an amount of another unit', { ...PAID, amount: '7' }, { paid: 'yes', amount: '3' }],
  ['nulls', { ...PAID, payer: null, creditsRedeemed: null }, { paid: 'yes', amount: '3' }],
  ['failure', { success: false, errorReason: 'expired' }, { paid: 'no', reason: 'expired' }],
  ['failure without a reason', { success: false }, { paid: 'no', reason: 'refused' }],
  [
    'failure with a reason that could be a secret',
    { success: false, errorReason: `bad 0x${'9c41d7'.repeat(21)}` },
    { paid: 'no', reason: 'refused' },
  ],
])('a receipt that says %s is taken for what it says', async (_, receipt, told) => {
  expect(await receiptFor({ content: [], ...withReceipt(receipt) }, TRUSTING)).toMatchObject(told)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'paid'],
  ['no success', { transaction: '0xabc' }],
  ['a text for success', { ...PAID, success: 'true' }],
  ['success without a transaction', { success: true }],
  ['a transaction that is no text', { ...PAID, transaction: 1 }],
  ['credits that are none', { ...PAID, creditsRedeemed: '1.5' }],
  ['negative credits', { ...PAID, creditsRedeemed: -1 }],
  ['an amount that is an object', { ...PAID, amount: {} }],
])('a receipt that is %s leaves the outcome unknown', async (_, receipt) => {
  expect(await receiptFor({ content: [], ...withReceipt(receipt) })).toMatchObject({
    paid: 'unknown',
    amount: '3',
    agreed: '3',
    unit: { planId: '1' },
  })
})

test.each([
  [PAID, { spent: 3n, held: 0n }],
  [
    { ...PAID, creditsRedeemed: '2' },
    { spent: 2n, held: 0n },
  ],
  [{ success: false }, { spent: 0n, held: 0n }],
  [{}, { spent: 0n, held: 3n }],
])('a budget that trusts follows the receipt %j', async (receipt, standing) => {
  const budget = createBudget(TRUSTING)
  await receiptFor({ content: [], ...withReceipt(receipt) }, budget)
  expect(budget.standing()).toMatchObject([standing])
})

test.each([
  [PAID, { spent: 3n, held: 0n }],
  [
    { ...PAID, creditsRedeemed: '2' },
    { spent: 3n, held: 0n },
  ],
  [{ success: false }, { spent: 0n, held: 3n }],
  [{}, { spent: 0n, held: 3n }],
])(
  'without trust nothing lowers what is counted, as with the receipt %j',
  async (receipt, standing) => {
    const budget = createBudget(LIMITS)
    await receiptFor({ content: [], ...withReceipt(receipt) }, budget)
    expect(budget.standing()).toMatchObject([standing])
  },
)

test('what a seller charges beyond its word is counted also where receipts are not trusted', async () => {
  const budget = createBudget(LIMITS)
  await receiptFor({ content: [], ...withReceipt({ ...PAID, creditsRedeemed: '9' }) }, budget)
  expect(budget.standing()).toMatchObject([{ spent: 9n, held: 0n }])
})

test('a challenge that comes with a receipt of success was paid', async () => {
  const receipt = await receiptFor({ ...refusing(CHALLENGE), ...withReceipt(PAID) })
  expect(receipt).toMatchObject({ paid: 'yes', amount: '3' })
})

test.each([
  ['a receipt', { content: [], ...withReceipt({ success: false }) }],
  ['a challenge', refusing(CHALLENGE)],
])('%s that a paid tool quotes in its text is not its own', async (_, quoted) => {
  const budget = createBudget(LIMITS)
  const answer = { content: [{ type: 'text' as const, text: JSON.stringify(quoted) }] }
  expect(await receiptFor(answer, budget)).toMatchObject({ paid: 'unknown' })
  expect(budget.standing()).toMatchObject([{ spent: 0n, held: 3n }])
})

test('an error result can be paid for', async () => {
  const receipt = await receiptFor({ isError: true, content: [], ...withReceipt(PAID) })
  expect(receipt.paid).toBe('yes')
})

test('of a result from elsewhere only what stands in it is known', async () => {
  expect(receiptOf(withReceipt({ ...PAID, creditsRedeemed: '2' }))).toEqual({
    paid: 'yes',
    amount: '2',
    transaction: '0xabc',
    network: 'eip155:84532',
    creditsRedeemed: '2',
  })
  expect(receiptOf({ content: [] })).toEqual({ paid: 'unknown', reason: 'no receipt' })
  expect(receiptOf(undefined)).toEqual({ paid: 'unknown', reason: 'no receipt' })
})

test('a receipt of a payment in the transport is told, and not counted as ours', async () => {
  const charging: Tool = () => ({ content: [], ...withReceipt(PAID) })
  const { client } = await shop({ [TOOL]: charging })
  const result = await payingMcp(client, pay, LIMITS).callTool({ name: TOOL })
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
})

test('the result itself is not touched, and a changed receipt changes nothing', async () => {
  const { client } = await shop({ [TOOL]: () => ({ content: [] }) })
  const result = await payingMcp(client, pay, LIMITS).callTool({ name: TOOL })
  expect(Object.keys(result)).toEqual(['content'])
  receiptOf(result).paid = 'yes'
  expect(receiptOf(result).paid).toBe('no')
})

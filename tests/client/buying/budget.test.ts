import { expect, test } from '@jest/globals'
import {
  createBudget,
  payingMcp,
  receiptOf,
  type Intent,
  type PayFunction,
  type PaymentLimits,
} from '../../../src/client/index.js'
import type { PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { buyer } from '../support/client.js'
import { connect, rejection, shop, soldFor, type Tool } from '../support/mcp-shop.js'
import { leaks, secretsOfToken } from '../../support/secrets.js'
import { hello, sell, stack } from '../../support/seller.js'
import { encodeToken } from '../../../src/wire/x402.js'

const TOOL = 'T___hello'
const CALL = { name: TOOL, arguments: {} }

const limitsOf = (
  { planId }: Local,
  maxAmountPerPayment: bigint,
  total: bigint,
): PaymentLimits => ({
  plans: [planId],
  credits: { maxAmountPerPayment, total },
})

test('of twenty parallel calls exactly those are paid that the budget is good for', async () => {
  const local = await stack()
  const { client, paid } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const budget = createBudget(limitsOf(local, 1n, 7n))
  const paying = payingMcp(client, buyer(local), budget)
  const endings = await Promise.allSettled(Array.from({ length: 20 }, () => paying.callTool(CALL)))
  const failures = endings.filter(({ status }) => status === 'rejected')
  expect(failures).toHaveLength(13)
  for (const failure of failures) {
    expect(failure).toMatchObject({ reason: { code: 'limit_exceeded', limit: 'total' } })
  }
  expect(paid()).toHaveLength(7)
  expect(local.balance()).toBe(93n)
  const unit = { planId: local.planId }
  expect(budget.standing()).toEqual([{ unit, total: 7n, spent: 7n, held: 0n, left: 0n }])
})

test('a call dearer than maxAmountPerPayment is refused before anybody is asked to pay', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: soldFor('5', sell(local, hello, { credits: 5 })) })
  const paying = payingMcp(client, buyer(local), limitsOf(local, 4n, 100n))
  expect(await rejection(paying.callTool(CALL))).toMatchObject({
    name: 'PaymentLimitError',
    limit: 'maxAmountPerPayment',
    amount: '5',
    allowed: '4',
    paymentRequired: { accepts: [{ planId: local.planId }] },
  })
  expect(calls).toHaveLength(1)
  expect(local.calls.filter(({ route }) => route === 'permissions')).toEqual([])
})

test('several clients can share one budget', async () => {
  const local = await stack()
  const { client, url } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const budget = createBudget(limitsOf(local, 1n, 3n))
  const clients = [client, await connect(url)].map((one) => payingMcp(one, buyer(local), budget))
  const calls = clients.flatMap((one) => [one.callTool(CALL), one.callTool(CALL)])
  const endings = await Promise.allSettled(calls)
  expect(endings.map(({ status }) => status).sort()).toEqual([
    ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  ])
  expect(local.balance()).toBe(97n)
})

test('the same limits given twice are two budgets', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const limits = limitsOf(local, 1n, 1n)
  for (const paying of [limits, limits].map((one) => payingMcp(client, buyer(local), one))) {
    expect(receiptOf(await paying.callTool(CALL)).paid).toBe('yes')
    await expect(paying.callTool(CALL)).rejects.toMatchObject({ limit: 'total' })
  }
})

test('a refused payment is counted, or released where receipts are trusted', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const limits = limitsOf(local, 1n, 1n)
  const trusting = createBudget({ ...limits, trustReceipts: true })
  for (const [budget, held] of [[createBudget(limits), 1n] as const, [trusting, 0n] as const]) {
    local.faults.set({ route: 'settle', kind: 'refuse' })
    const result = await payingMcp(client, buyer(local), budget).callTool(CALL)
    expect(receiptOf(result).paid).toBe('no')
    expect(budget.standing()).toMatchObject([{ spent: 0n, held }])
  }
})

test('a smaller amount is credited only where receipts are trusted', async () => {
  const local = await stack()
  const cheap: PaidHandler = () => ({ content: [], _meta: { creditsToCharge: 2 } })
  const { client } = await shop({
    [TOOL]: soldFor('1', sell(local, cheap, { maxCredits: 5 }), '5'),
  })
  const limits = limitsOf(local, 5n, 10n)
  const trusting = createBudget({ ...limits, trustReceipts: true })
  for (const [budget, spent] of [[createBudget(limits), 5n] as const, [trusting, 2n] as const]) {
    await payingMcp(client, buyer(local), budget).callTool(CALL)
    expect(budget.standing()).toMatchObject([{ spent, held: 0n }])
  }
})

test('a price is set aside while the payer is at work', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const budget = createBudget(limitsOf(local, 1n, 1n))
  const payments = buyer(local)
  let held: bigint | undefined
  const pay: PayFunction = (...asked) => {
    held = budget.standing()[0]?.held
    return payments.pay(...asked)
  }
  await payingMcp(client, pay, budget).callTool(CALL)
  expect(held).toBe(1n)
})

test('confirm is asked about every call, and its no is final', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const asked: Intent[] = []
  const answers: unknown[] = [true, false, 'yes', undefined]
  const confirm = (intent: Intent) => {
    asked.push(intent)
    return Promise.resolve(answers.shift() as boolean)
  }
  const budget = createBudget({ ...limitsOf(local, 1n, 9n), confirm })
  const paying = payingMcp(client, buyer(local), budget)
  expect(receiptOf(await paying.callTool(CALL)).paid).toBe('yes')
  for (let i = 0; i < 3; i++) {
    await expect(paying.callTool(CALL)).rejects.toMatchObject({ limit: 'confirm', amount: '1' })
  }
  expect(asked[0]).toMatchObject({
    amount: 1n,
    unit: { planId: local.planId },
    tool: TOOL,
    requirement: { planId: local.planId },
    paymentRequired: { resource: { url: `mcp://tool/${TOOL}` } },
  })
  expect(calls).toHaveLength(5)
  expect(budget.standing()).toMatchObject([{ spent: 1n, held: 0n }])
})

test('confirm is asked about dear calls only, where the limits say which', async () => {
  const local = await stack()
  const cheap = soldFor('2', sell(local, hello, { credits: 2 }))
  const dear = soldFor('3', sell(local, hello, { credits: 3 }))
  const { client } = await shop({ cheap, dear })
  const credits = { maxAmountPerPayment: 5n, total: 9n, confirmAbove: 2n }
  const asked: bigint[] = []
  const confirm = ({ amount }: Intent) => asked.push(amount) > 0
  const limits = { plans: [local.planId], credits, confirm }
  const paying = payingMcp(client, buyer(local), limits)
  for (const name of ['cheap', 'dear']) await paying.callTool({ name })
  expect(asked).toEqual([3n])
})

test('what confirm throws comes out unchanged, and nothing is set aside', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const failure = new Error('no terminal')
  const confirm = () => Promise.reject(failure)
  const budget = createBudget({ ...limitsOf(local, 1n, 1n), confirm })
  const call = payingMcp(client, buyer(local), budget).callTool(CALL)
  expect(await rejection(call)).toBe(failure)
  expect(budget.standing()).toMatchObject([{ held: 0n }])
})

/** Sells, and then something happens to the paid answer. */
const losing =
  (tool: Tool, lose: () => unknown): Tool =>
  async (params) => {
    const result = await tool(params)
    if (params._meta?.['x402/payment'] !== undefined) await lose()
    return result
  }

test('where the answer of a paid call is lost its price stays set aside', async () => {
  const local = await stack()
  const sale = await shop({ [TOOL]: losing(soldFor('1', sell(local)), () => sale.hangUp()) })
  const budget = createBudget(limitsOf(local, 1n, 2n))
  const paying = payingMcp(sale.client, buyer(local), budget)
  const failure = await rejection(paying.callTool(CALL))
  expect(failure).toMatchObject({
    name: 'PaidCallError',
    code: 'paid_call_failed',
    message: expect.stringContaining('the outcome of the payment is unknown'),
    receipt: { paid: 'unknown', amount: '1', unit: { planId: local.planId } },
    cause: expect.any(Error),
  })
  expect(budget.standing()).toMatchObject([{ spent: 0n, held: 1n, left: 1n }])
  expect(local.balance()).toBe(99n)
  const [payment] = sale.paid()
  const token = encodeToken(payment?._meta?.['x402/payment'])
  expect(leaks(failure, secretsOfToken(token))).toEqual([])
})

test('a paid call that takes too long has an unknown outcome', async () => {
  const local = await stack()
  const { client } = await shop({
    [TOOL]: losing(soldFor('1', sell(local)), () => new Promise(() => undefined)),
  })
  const paying = payingMcp(client, buyer(local), limitsOf(local, 1n, 1n))
  expect(await rejection(paying.callTool(CALL, undefined, { timeout: 200 }))).toMatchObject({
    code: 'paid_call_failed',
    receipt: { paid: 'unknown' },
    cause: { name: 'McpError', code: -32001 },
  })
})

test('an abort before the payment is sent releases it, also with a payer that does not end', async () => {
  const local = await stack()
  const { client, paid } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const controller = new AbortController()
  const pay: PayFunction = () => {
    controller.abort(new Error('never mind'))
    return new Promise(() => undefined)
  }
  const budget = createBudget(limitsOf(local, 1n, 1n))
  const { signal } = controller
  const call = payingMcp(client, pay, budget).callTool(CALL, undefined, { signal })
  expect(await rejection(call)).toBe(signal.reason)
  expect(budget.standing()).toMatchObject([{ held: 0n, left: 1n }])
  expect(paid()).toEqual([])
})

test('a payment made just as the caller gives up is not sent', async () => {
  const local = await stack()
  const { client, paid } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const controller = new AbortController()
  const payments = buyer(local)
  const pay: PayFunction = async (...asked) => {
    const payment = await payments.pay(...asked)
    controller.abort()
    return payment
  }
  const { signal } = controller
  const paying = payingMcp(client, pay, limitsOf(local, 1n, 1n))
  expect(await rejection(paying.callTool(CALL, undefined, { signal }))).toBe(signal.reason)
  expect(paid()).toEqual([])
})

test('an abort after the payment was sent leaves its outcome unknown', async () => {
  const local = await stack()
  const controller = new AbortController()
  const { signal } = controller
  const giveUp = () => controller.abort()
  const { client } = await shop({ [TOOL]: losing(soldFor('1', sell(local)), giveUp) })
  const budget = createBudget(limitsOf(local, 1n, 1n))
  const call = payingMcp(client, buyer(local), budget).callTool(CALL, undefined, { signal })
  expect(await rejection(call)).toMatchObject({ receipt: { paid: 'unknown' } })
  expect(budget.standing()).toMatchObject([{ held: 1n, left: 0n }])
})

test('a server that quotes the payment in an error does not get it into ours', async () => {
  const local = await stack()
  const tool = soldFor('1', sell(local))
  const { client, paid } = await shop({
    [TOOL]: (params) => {
      const payment = params._meta?.['x402/payment']
      if (payment !== undefined) throw new Error(`cannot use ${JSON.stringify(payment)}`)
      return tool(params)
    },
  })
  const paying = payingMcp(client, buyer(local), limitsOf(local, 1n, 1n))
  const failure = await rejection(paying.callTool(CALL))
  expect(failure).toMatchObject({ receipt: { paid: 'unknown' }, cause: { code: -32603 } })
  const token = encodeToken(paid()[0]?._meta?.['x402/payment'])
  expect(leaks(failure, secretsOfToken(token))).toEqual([])
})

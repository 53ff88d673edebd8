import { afterEach, expect, test } from '@jest/globals'
import { createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import { Payments } from '../../../src/index.js'
import { functionUrl } from '../../local/support/function-url.js'
import { hello, sell, stack } from '../../support/seller.js'

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

const call = (name: string) => ({
  method: 'POST',
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, arguments: {} },
  }),
})

test('a Payments pays sellers of Nevermined plans over HTTP, within a budget of credits', async () => {
  const local = await stack()
  const shop = await functionUrl(sell(local, hello, { credits: 3 }))
  opened.push(shop)
  const payments = Payments.getInstance({
    nvmApiKey: local.subscriberApiKey,
    backendUrl: local.url,
  })
  const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 3n, total: 5n } }
  const budget = createBudget(limits)
  const fetch = payingFetch(payments, budget)
  const before = local.balance()
  const response = await fetch(shop.url, call('hello'))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ id: 7, result: { content: [{ type: 'text' }] } })
  expect(receiptOf(response)).toMatchObject({
    paid: 'yes',
    amount: '3',
    unit: { planId: local.planId },
  })
  expect(before - local.balance()).toBe(3n)
  await expect(fetch(shop.url, call('hello'))).rejects.toMatchObject({ limit: 'total' })
  expect(before - local.balance()).toBe(3n)
})

test('a payment that a trusted seller could not settle gives the credits back to the budget', async () => {
  const local = await stack()
  const shop = await functionUrl(sell(local, hello, { credits: 3 }))
  opened.push(shop)
  const nvmApiKey = local.subscriberApiKey
  const payments = Payments.getInstance({ nvmApiKey, backendUrl: local.url })
  const limits = {
    plans: [local.planId],
    credits: { maxAmountPerPayment: 3n, total: 5n },
    trustReceipts: true,
  }
  const budget = createBudget(limits)
  local.faults.set({ route: 'settle', kind: 'refuse', reason: 'plan closed' })
  const response = await payingFetch(payments, budget)(shop.url, call('hello'))
  expect(response.status).toBe(402)
  expect(receiptOf(response)).toMatchObject({ paid: 'no', reason: 'plan closed' })
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals'
import { PaymentManager } from '../../../src/agentcore/index.js'
import { Payments } from '../../../src/index.js'
import { startLocal, type Local, type LocalOptions } from '../../../src/local/index.js'
import {
  ask,
  exactBody,
  fundedAccount,
  SHOP,
  uptoBody,
} from '../../seller/money/support/x402-payments.js'
import { SETTLE, permissionBody, raw } from '../nevermined/support/raw.js'
import { keepClock } from '../../support/clock.js'
import { walletAndSession } from '../../support/payment-user.js'
import { responseOf, sell, textOf } from '../../support/seller.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

let folder: string
const running: Local[] = []
const folders: string[] = []
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-kept-')), 'state')
  folders.push(path.dirname(folder))
})
afterEach(() => Promise.all(running.splice(0).map((local) => local.close())))
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))))

/** Starts a stack that keeps its state, after the one before has ended. */
async function start(options: LocalOptions = {}): Promise<Local> {
  await Promise.all(running.splice(0).map((local) => local.close()))
  const local = await startLocal({ folder, ...options })
  keepClock(local, undefined)
  running.push(local)
  return local
}

const namesOf = ({
  nvmApiKey,
  subscriberApiKey,
  planId,
  sellerAddress,
  paymentsService,
}: Local) => {
  return { nvmApiKey, subscriberApiKey, planId, sellerAddress, ...paymentsService.firstManager() }
}

test('keys, plan and payment manager are the same after a restart, and new without a folder', async () => {
  const first = namesOf(await start())
  expect(namesOf(await start())).toEqual(first)
  const other = await startLocal()
  running.push(other)
  const values = Object.values(first)
  expect(Object.values(namesOf(other)).filter((value) => values.includes(value))).toEqual([])
})

test('a token of before pays after a restart, and the balance goes on', async () => {
  const before = await start({ credits: 7n })
  const token = before.accessToken()
  expect(textOf(await sell(before)(before.paidEvent('hello', {}, token)))).toBe('Hello!')
  expect(before.balance()).toBe(6n)
  const after = await start()
  expect(after.balance()).toBe(6n)
  expect(textOf(await sell(after)(after.paidEvent('hello', {}, token)))).toBe('Hello!')
  expect(after.balance()).toBe(5n)
  expect(after.ledger.settlements).toHaveLength(2)
})

test('a single-use token that was used stays used', async () => {
  const before = await start()
  const resource = { url: 'https://shop.example/mcp' }
  const x402AccessToken = before.accessToken({ version: 3, resource })
  const settle = async (local: Local) => {
    const body = permissionBody(local, { resource, body: { x402AccessToken } })
    return (await raw(local, SETTLE, { body })).body
  }
  expect(await settle(before)).toMatchObject({ success: true })
  const after = await start()
  expect(await settle(after)).toMatchObject({ code: 'BCK.X402.0059' })
  expect(after.balance()).toBe(before.balance())
})

test('a token goes on to order credits from its delegation', async () => {
  const before = await start({ credits: 0n })
  const payments = Payments.getInstance({
    nvmApiKey: before.subscriberApiKey,
    backendUrl: before.url,
  })
  const { delegationId } = before.ledger.addDelegation(before.subscriberAddress, {
    spendingLimitCents: 100n,
  })
  const { accessToken } = await payments.x402.getX402AccessToken(before.planId, undefined, {
    delegationConfig: { delegationId },
  })
  const after = await start()
  const output = await sell(after)(after.paidEvent('hello', {}, accessToken))
  expect(textOf(output)).toBe('Hello!')
  expect(after.balance()).toBe(99n)
  expect(after.ledger.delegations.get(delegationId)?.amountSpentCents).toBe(100n)
})

test('options that are given change what was kept, and the others leave it', async () => {
  const before = await start({ credits: 3n, plan: { minAmount: 2n } })
  const { planId } = before
  const refilled = await start({ credits: 50n })
  expect([refilled.planId, refilled.balance()]).toEqual([planId, 50n])
  expect(refilled.ledger.plan(planId).minAmount).toBe(2n)
  const dearer = await start({ plan: { minAmount: 5n } })
  expect([dearer.planId, dearer.balance()]).toEqual([planId, 50n])
  expect(dearer.ledger.plan(planId).minAmount).toBe(5n)
  const other = await start({ plan: { planId: '42' } })
  expect([other.planId, other.balance()]).toEqual(['42', 100n])
})

test('money stays where it went, and payments stay used', async () => {
  const before = await start()
  const account = await fundedAccount(before)
  const paid = await exactBody(before, account)
  const metered = await uptoBody(before, account)
  expect((await ask(before, 'settle', paid)).body).toMatchObject({ success: true })
  expect((await ask(before, 'settle', metered)).body).toMatchObject({ success: true })
  const buyerHas = await before.x402.balanceOf(before.x402.buyer.address)
  const after = await start()
  expect(await after.x402.balanceOf(account.address)).toBe(980_000n)
  expect(await after.x402.balanceOf(SHOP)).toBe(20_000n)
  expect(await after.x402.balanceOf(after.x402.buyer.address)).toBe(buyerHas)
  expect((await ask(after, 'verify', paid)).body).toMatchObject({ isValid: false })
  expect((await ask(after, 'settle', metered)).body).toMatchObject({ success: false })
  expect(after.x402.settlements).toEqual(before.x402.settlements)
})

test('a wallet of the payments service signs after a restart, within what its session has left', async () => {
  const before = await start()
  const { paymentManagerArn, paymentConnectorId } = before.paymentsService.firstManager()
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  const managerAt = ({ url: endpoint }: Local) =>
    new PaymentManager({ paymentManagerArn, userId: 'ada', endpoint, credentials })
  const ids = await walletAndSession(managerAt(before), paymentConnectorId, { limit: '0.03' })
  const pay = async (local: Local) => {
    const { paymentRequirements } = await exactBody(local, await fundedAccount(local), {
      amount: '20000',
    })
    const challenge = {
      ...{ x402Version: 2, error: '', resource: { url: 'https://shop.example/quote' } },
      accepts: [paymentRequirements],
    }
    const paymentRequiredRequest = { statusCode: 402, headers: {}, body: JSON.stringify(challenge) }
    return managerAt(local).generatePaymentHeader({ ...ids, paymentRequiredRequest })
  }
  await pay(before)
  const wallet = before.paymentsService.instruments()[0]
  const after = await start()
  expect(after.paymentsService.instruments()).toEqual([wallet])
  expect(await after.x402.balanceOf(wallet?.address ?? '')).toBe(10_000_000n)
  await expect(pay(after)).rejects.toThrow('exceeds the remaining budget')
  const { paymentSessionId } = await managerAt(after).createPaymentSession({
    expiryTimeInMinutes: 60,
  })
  ids.paymentSessionId = paymentSessionId
  expect(Object.values(await pay(after))).toEqual([expect.stringMatching(/^ey/)])
})

test('reset begins anew', async () => {
  const first = await start({ credits: 3n })
  const token = first.accessToken()
  const anew = await start({ reset: true })
  expect(namesOf(anew)).not.toEqual(namesOf(first))
  expect(anew.balance()).toBe(100n)
  const output = responseOf(await sell(anew)(anew.paidEvent('hello', {}, token)))
  expect(output.body.result?.isError).toBe(true)
})

import { expect, test } from '@jest/globals'
import {
  HTTPFacilitatorClient,
  Payments,
  isPlanRequirement,
  memoryStore,
  type PaidHandler,
} from '../../../src/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { FUNCTION_URL } from '../../support/events.js'
import {
  assetIn,
  callWith,
  centsOrPlan,
  challengeFrom,
  moneyChallenge,
  moneyShop,
  paymentFor,
} from '../money/support/money.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import {
  AGAIN,
  PRICE,
  WAYS,
  buy,
  fault,
  receivedBy,
  sale,
  type Way,
} from '../money/support/sales.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  hello,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

const upfront = { flow: 'upfront' } as const

/** A handler that counts its runs. */
function counted(): { runs: () => number; handler: PaidHandler } {
  let runs = 0
  const handler: PaidHandler = (...args) => {
    runs += 1
    return hello(...args)
  }
  return { runs: () => runs, handler }
}

test.each(WAYS)(
  'a call paid in %s is settled before the handler runs, in one trip',
  async (way) => {
    const before: unknown[] = []
    const shop = await sale(way, upfront, async () => {
      before.push(shop.asked(), await shop.spent())
      return 'Hello!'
    })
    const output = await buy(shop)
    expect(before).toEqual([['settle'], PRICE[way]])
    expect(textOf(output)).toBe('Hello!')
    expect(receivedBy(shop, output)).toBe(PRICE[way])
    expect(shop.asked()).toEqual(['settle'])
    expect(await shop.spent()).toBe(PRICE[way])
    expect(shop.refunds).toEqual([])
  },
)

test.each(WAYS)('the receipt of a call paid upfront in %s is in every place', async (way) => {
  const shop = await sale(way, upfront)
  const output = await buy(shop)
  const { transaction } = receiptOf(output) ?? {}
  const _meta = responseOf(output).body.result?._meta ?? {}
  expect(transaction).toMatch(/^0x[\da-f]{64}$/)
  expect(_meta['x402']).toMatchObject({ success: true, transaction })
  expect(_meta['x402/payment-response']).toMatchObject({ success: true, transaction })
  expect(_meta['agentcore-x402/refund-due']).toBeUndefined()
  expect(responseOf(output).headers['Cache-Control']).toBe('private')
})

test('the handler is told what was paid, by whom, and under which id', async () => {
  const told: unknown[] = []
  const shop = await sale('money', upfront, (_event, _context, payment) => {
    told.push(payment)
    return 'Hello!'
  })
  await buy(shop)
  const [settle] = shop.local.x402.calls.filter(({ route }) => route === 'settle')
  expect(told).toEqual([
    {
      payer: shop.account.address,
      planId: undefined,
      network: 'eip155:84532',
      scheme: 'exact',
      credits: 0n,
      maxCredits: undefined,
      amount: 10_000n,
      asset: shop.local.x402.asset.address,
      paymentId: undefined,
      agentRequestId: undefined,
      correlationId: settle?.headers['x-correlation-id'],
      signal: undefined,
    },
  ])
  expect(Object.isFrozen(told[0])).toBe(true)
})

test('that it is paid upfront is announced of money, and not of plans', async () => {
  const local = await stack()
  const shop = await moneyShop({ ...centsOrPlan(local), ...upfront }, hello, local)
  const challenge = await challengeFrom(shop)
  expect(assetIn(challenge).extra).toEqual({ name: 'USDC', version: '2', paymentFlow: 'upfront' })
  const plan = challenge.accepts.find(isPlanRequirement)
  expect(plan?.extra).toEqual({ version: '1', httpVerb: 'POST' })
})

test('a payment for work that is paid afterwards is none for work that is paid upfront', async () => {
  const runs = counted()
  const local = await stack()
  const shop = await moneyShop(upfront, runs.handler, local)
  const challenge = await challengeFrom(shop)
  const { paymentFlow, ...extra } = assetIn(challenge).extra
  const accepted = { ...assetIn(challenge), extra }
  const output = await shop.handler(callWith(await paymentFor(shop, challenge, {}, { accepted })))
  expect(paymentFlow).toBe('upfront')
  expect(moneyChallenge(output).error).toBe('verification failed: extra_mismatch')
  expect([runs.runs(), local.x402.calls, await shop.taken()]).toEqual([0, [], 0n])
})

test.each(WAYS)('a settlement in %s that is refused runs nothing and asks anew', async (way) => {
  const { runs, handler } = counted()
  const shop = await sale(way, upfront, handler)
  const event = await shop.paidCall()
  fault(shop, { route: 'settle', kind: 'refuse', reason: 'insufficient_funds' })
  const output = await shop.handler(event)
  expect(outcomeOf(output)).toBe('refused')
  expect(challengeOf(output)?.error).toBe('settlement failed')
  expect(receiptOf(output)).toMatchObject({ success: false, errorReason: 'insufficient_funds' })
  expect(allTextOf(output)).toContain('you were not charged')
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([0, ['settle'], 0n])
})

const NOT_ASKED: [Way, () => Promise<object>][] = [
  ['money', async () => ({ facilitators: [new HTTPFacilitatorClient({ url: await gone() })] })],
  [
    'plans',
    async () => {
      const { nvmApiKey, ...local } = await stack()
      const payments = Payments.getInstance({ nvmApiKey, backendUrl: await gone() })
      // The plan is looked up elsewhere.
      return { payments: { facilitator: payments.facilitator, plans: plansOf(nvmApiKey, local) } }
    },
  ],
]

test.each(NOT_ASKED)(
  'a settlement in %s that nobody can be asked for runs nothing and asks for nothing',
  async (way, options) => {
    const { runs, handler } = counted()
    const shop = await sale(way, upfront, handler)
    const event = await shop.paidCall()
    const other = await sale(way, { ...upfront, ...(await options()) }, handler, shop.local)
    const output = await other.handler(event)
    expect(outcomeOf(output)).toBe('not charged')
    expect(challengeOf(output)).toBeUndefined()
    expect([runs(), shop.asked(), await shop.spent()]).toEqual([0, [], 0n])
  },
)

test.each(WAYS)('a settlement in %s of unknown outcome runs nothing', async (way) => {
  const { runs, handler } = counted()
  const shop = await sale(way, upfront, handler)
  const event = await shop.paidCall()
  fault(shop, { route: 'settle', kind: 'garbage', times: 9 })
  const output = await shop.handler(event)
  expect(outcomeOf(output)).toBe('unknown')
  expect([runs(), await shop.spent()]).toEqual([0, PRICE[way]])
  expect(shop.refunds).toEqual([])
})

test('a spent token is no proof that our own settlement in plans spent it: nothing runs', async () => {
  const { runs, handler } = counted()
  const shop = await sale('plans', upfront, handler)
  fault(shop, { route: 'settle', kind: 'lost-answer' })
  expect(outcomeOf(await buy(shop))).toBe('unknown')
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([0, ['settle', 'settle'], 1n])
})

test('a settlement in money that is still pending is asked for again, and the call is served', async () => {
  const { runs, handler } = counted()
  const shop = await sale('money', upfront, handler)
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ kind: 'pending' })
  const output = await shop.handler(event)
  expect([textOf(output), receivedBy(shop, output)]).toEqual(['Hello!', 10_000n])
  expect([runs(), shop.asked()]).toEqual([1, ['settle', 'settle']])
  expect(await shop.spent()).toBe(10_000n)
})

test.each(WAYS)('a payment in %s that is spent buys nothing more', async (way) => {
  const { runs, handler } = counted()
  const shop = await sale(way, upfront, handler)
  const event = await shop.paidCall()
  const first = await shop.handler(event)
  const again = await shop.handler(event)
  expect(outcomeOf(again)).toBe(AGAIN[way])
  expect(receiptOf(again)?.['transaction']).toBe(receiptOf(first)?.['transaction'])
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([1, ['settle'], PRICE[way]])
})

test.each(WAYS)(
  'a payment in %s that another container has spent buys nothing more',
  async (way) => {
    const { runs, handler } = counted()
    const shop = await sale(way, { ...upfront, paymentStore: memoryStore() }, handler)
    const apart = { ...upfront, paymentStore: memoryStore() }
    const other = await sale(way, apart, handler, shop.local)
    const event = await shop.paidCall()
    await shop.handler(event)
    expect(outcomeOf(await other.handler(event))).toBe('used')
    expect([runs(), await shop.spent()]).toEqual([1, PRICE[way]])
  },
)

test.each(WAYS)('without time for the work nothing in %s is settled', async (way) => {
  const { runs, handler } = counted()
  const shop = await sale(way, upfront, handler)
  const output = await buy(shop, contextWith(2_999))
  expect(outcomeOf(output)).toBe('not charged')
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([0, [], 0n])
  expect(textOf(await buy(shop, contextWith(3_000)))).toBe('Hello!')
})

test('a hook that objects keeps money from being moved', async () => {
  const { runs, handler } = counted()
  const asked: unknown[] = []
  const onBeforeVerify = (required: unknown) => {
    asked.push(required)
    throw new Error('not today')
  }
  const shop = await sale('money', { ...upfront, onBeforeVerify }, handler)
  const output = await buy(shop)
  expect(allTextOf(output)).toBe('The seller refused this call. You were not charged.')
  expect(asked).toMatchObject([{ x402Version: 2, accepts: [{ scheme: 'exact', amount: '10000' }] }])
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([0, [], 0n])
})

test('a hook after the settlement has no say any more', async () => {
  const told: unknown[] = []
  const onAfterSettle = (credits: bigint, { amount }: { amount?: unknown }) => {
    told.push([credits, amount])
    throw new Error('too late')
  }
  const shop = await sale('money', { ...upfront, onAfterSettle })
  expect(textOf(await buy(shop))).toBe('Hello!')
  expect(told).toEqual([[0n, '10000']])
  expect(shop.lines).toMatchObject([{ level: 'error', message: 'onAfterSettle threw' }])
})

test.each(WAYS)('what is free runs without a payment in %s', async (way) => {
  const { runs, handler } = counted()
  const shop = await sale(way, { ...upfront, tools: { [TOOL]: 'free' } }, handler)
  const output = await shop.handler(callWith())
  expect([textOf(output), receiptOf(output)]).toEqual(['Hello!', undefined])
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([1, [], 0n])
})

test('one payment in two calls at once is settled once and served once', async () => {
  const { runs, handler } = counted()
  const shop = await sale('money', upfront, handler)
  const event = await shop.paidCall()
  const outputs = await Promise.all([shop.handler(event), shop.handler(event)])
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'already paid'])
  expect([runs(), shop.asked(), await shop.spent()]).toEqual([1, ['settle'], 10_000n])
})

test('over HTTP a refused settlement is a 402, and an unknown one or an outage a 503', async () => {
  const { runs, handler } = counted()
  const shop = await sale('money', upfront, handler)
  const sent = async (token: string | null, more = shop.handler) => {
    const body = toolCall(TOOL)
    return FUNCTION_URL.said(await more(FUNCTION_URL.event({ token, body }), undefined))
  }
  const payment = async () =>
    encodeHeader(await paymentFor(shop, await challengeFrom({ handler: shop.handler })))
  const { faults } = shop.local.x402
  const statuses = []
  statuses.push((await sent(null)).status)
  faults.set({ route: 'settle', kind: 'refuse' })
  statuses.push((await sent(await payment())).status)
  faults.set({ route: 'settle', kind: 'garbage', times: 9 })
  statuses.push((await sent(await payment())).status)
  faults.clear()
  const facilitators = [new HTTPFacilitatorClient({ url: await gone() })]
  const away = await sale('money', { ...upfront, facilitators }, handler, shop.local)
  statuses.push((await sent(await payment(), away.handler)).status)
  expect([statuses, runs()]).toEqual([[402, 402, 503, 503], 0])
  const { status, headers } = await sent(await payment())
  expect([status, runs()]).toEqual([200, 1])
  expect(headers).toMatchObject({
    'payment-response': expect.any(String),
    'cache-control': 'private',
  })
})

/** Where nobody listens any more. */
async function gone(): Promise<string> {
  const local = await stack()
  await local.close()
  return local.x402.url
}

function plansOf(nvmApiKey: string, { url: backendUrl }: { url: string }) {
  return Payments.getInstance({ nvmApiKey, backendUrl }).plans
}

import { expect, jest, test } from '@jest/globals'
import type { VerifyResponse } from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import { TOOL, answered, content, rawEvent } from '../../support/doors.js'
import { countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { answering, paid } from './support/paid-phases.js'
import { SHOWN, hello, result, type Target } from './support/phases.js'
import { amounts, asked, correlationIds } from '../../support/recorded.js'
import {
  challengeOf,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

type Fields = Record<string, unknown>

const fail = (): never => {
  throw new Error('hunter2')
}

const UNSETTLED: [string, Fault, string][] = [
  ['says success: false', { kind: 'refuse', reason: 'Too poor' }, 'refused'],
  ['fails', { kind: 'error', status: 402, code: 'BCK.CREDITS.0003' }, 'refused'],
  ['is lost', { kind: 'reset' }, 'unknown'],
  ['cannot be asked for', { kind: 'error', status: 401, code: 'BCK.APIKEY.0004' }, 'not charged'],
]
test.each(SHOWN.flatMap((shown) => UNSETTLED.map((row) => [...row, shown] as const)))(
  'content is withheld when settle %s (%s, %s, %s request)',
  async (_, fault, told, shown) => {
    const local = await stack()
    local.faults.set({ ...fault, route: 'settle' })
    const { output } = await paid(shown, {}, hello, { local })
    expect(outcomeOf(output)).toBe(told)
    const receipt = receiptOf(output)
    if (fault.kind === 'refuse') expect(receipt).toMatchObject({ errorReason: fault.reason })
    expect(local.balance()).toBe(100n)
  },
)

test.each(SHOWN)('a spent single-use payment buys nothing new (%s request)', async (shown) => {
  const local = await stack()
  const target = jest.fn(hello)
  const token = singleUse(local)
  const call = (args: Fields) => {
    const event = () => local.paidEvent(TOOL, args, token)
    return paid(shown, {}, target, { local, event })
  }
  const [first, same, other] = [await call({}), await call({}), await call({ n: 1 })]
  const told = [first, same, other].map(({ output }) => outcomeOf(output))
  expect(told).toEqual(['settled', 'settled', 'conflict'])
  expect(receiptOf(same.output)).toEqual(receiptOf(first.output))
  expect([target.mock.calls.length, countOf(local, 'settle')]).toEqual([1, 1])
  expect(local.balance()).toBe(99n)
})

test.each(SHOWN)('settle names the request verify was about (%s request)', async (shown) => {
  const ids: unknown[] = []
  const onAfterVerify = ({ agentRequestId }: VerifyResponse) => void ids.push(agentRequestId)
  const { local } = await paid(shown, { onAfterVerify })
  expect(asked(local, 'settle').map(({ agentRequestId }) => agentRequestId)).toEqual(ids.slice(-1))
  expect(ids).toEqual(ids.map(() => expect.any(String)))
  expect(new Set(correlationIds(local)).size).toBe(ids.length)
})

test.each(SHOWN)(
  'a client cannot say which request settle is about (%s request)',
  async (shown) => {
    const first = await paid(shown)
    const { local } = first
    const old = local.ledger.settlements[0]?.agentRequestId
    const event = () =>
      rawEvent(toolCall(TOOL), {
        'payment-signature': local.accessToken(),
        'x-nvm-agent-request-id': old,
        'X-Nvm-Agent-Request-Id': old,
      })
    const { output } = await paid(shown, {}, hello, { local, event })
    expect(outcomeOf(output)).toBe('settled')
    expect(asked(local, 'settle')[1]?.agentRequestId).not.toBe(old)
    expect(local.balance()).toBe(98n)
  },
)

test.each(
  SHOWN.flatMap((it) => [-5, 1.9, true, 1e30, '2.5', 'abc', null].map((n) => [n, it] as const)),
)(
  'a target that asks for %p credits loses no result, and the quote is settled (%s request)',
  async (creditsToCharge, shown) => {
    const target = result({ content, _meta: { creditsToCharge } })
    const { local, output } = await paid(shown, { credits: 2, maxCredits: 5 }, target)
    expect(outcomeOf(output)).toBe('settled')
    expect(amounts(local).settle).toEqual(['2'])
  },
)

test.each(SHOWN)('no more is settled than was verified (%s request)', async (shown) => {
  const greedy = result({ content, _meta: { creditsToCharge: 5 } })
  const { local } = await paid(shown, {}, greedy)
  expect(amounts(local).settle).toEqual(['1'])
})

test.each(SHOWN)(
  'text of a buyer that a target repeats sets no price (%s request)',
  async (shown) => {
    const echo: Target = ({ body }) => {
      const { text } = (body['params'] as { arguments: Fields }).arguments
      return answered({ content: [...content, { type: 'text', text }] }, body['id'])
    }
    const event = (local: Local) => local.paidEvent(TOOL, { text: '{"creditsToCharge":0}' })
    const { local } = await paid(shown, { credits: 3 }, echo, { event })
    expect(local.balance()).toBe(97n)
  },
)

test.each(SHOWN)('a failed answer is not charged (%s request)', async (shown) => {
  const error = { code: -32000, message: 'no' }
  const failures = [
    result({ content, isError: true }),
    answering({ body: { jsonrpc: '2.0', id: 1, error } }),
    answering({ statusCode: 500 }),
  ]
  for (const failure of failures) {
    const { local, output } = await paid(shown, {}, failure)
    expect(receiptOf(output)).toBeUndefined()
    expect(amounts(local)).toEqual({ verify: ['1'], settle: [] })
  }
})

test.each(SHOWN.flatMap((shown) => [200, 201, 202, 204, 206].map((it) => [it, shown] as const)))(
  'an answer with status %i is settled (%s request)',
  async (statusCode, shown) => {
    const { local, output } = await paid(shown, {}, answering({ statusCode }))
    expect(outcomeOf(output)).toBe('settled')
    expect(responseOf(output).statusCode).toBe(statusCode)
    expect(local.balance()).toBe(99n)
  },
)

test.each(SHOWN)(
  'a plan paid by card is sold as one, beside others too (%s request)',
  async (shown) => {
    const local = await stack()
    const card = local.ledger.addPlan({ fiatProvider: 'braintree' }).planId
    for (const options of [{ planIds: [card] }, { planIds: [local.planId, card] }]) {
      local.ledger.credit(card, local.subscriberAddress, 1n)
      const event = () => local.paidEvent(TOOL, {}, local.accessToken({ planId: card }))
      const { output } = await paid(shown, options, hello, { local, event })
      expect(outcomeOf(output)).toBe('settled')
      expect(asked(local, 'settle').at(-1)?.paymentRequired.accepts.at(-1)).toMatchObject({
        scheme: 'nvm:card-delegation',
        network: 'braintree',
      })
    }
    expect(local.ledger.balance(card, local.subscriberAddress)).toBe(0n)
  },
)

test.each(SHOWN)(
  'two targets’ tools of one name have prices of their own (%s request)',
  async (shown) => {
    const tools = { A___get: { credits: 2 }, B___get: { credits: 3 }, get: { credits: 4 } }
    for (const [tool, credits] of [
      ['A___get', 2],
      ['B___get', 3],
      ['C___get', 4],
    ] as const) {
      const local = await stack()
      const event = () => local.paidEvent(tool)
      await paid(shown, { planId: local.planId, tools }, hello, { local, event })
      expect(local.balance()).toBe(100n - BigInt(credits))
    }
  },
)

test.each(SHOWN)(
  'a hook that throws after settle costs the buyer nothing (%s request)',
  async (shown) => {
    const { output } = await paid(shown, { onAfterSettle: fail })
    expect(outcomeOf(output)).toBe('settled')
  },
)

test.each(['onBeforeVerify', 'onAfterVerify'])('a %s that throws is a refusal', async (hook) => {
  const target = jest.fn(hello)
  const { output } = await paid('transformed', { [hook]: fail }, target)
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { result: { isError: true } } })
  expect(JSON.stringify(output)).not.toContain('hunter2')
  expect(target).not.toHaveBeenCalled()
})

test('an outage asks nobody to pay and says nothing of its cause', async () => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'html', times: 9 })
  const { output } = await paid('original', {}, hello, { local })
  expect(outcomeOf(output)).toBe('not charged')
  expect(JSON.stringify(output)).not.toMatch(/html|502/i)
})

test('the error hook that throws leaves the default answer', async () => {
  const event = (local: Local) => local.paidEvent(TOOL, {}, null)
  const { output } = await paid('original', { onPaymentError: fail }, hello, { event })
  expect(challengeOf(output)?.error).toBe('payment required')
})

test('a price is asked once where the response phase is told, and a bad one refuses the call', async () => {
  const credits = jest.fn(() => 3)
  const { local } = await paid('transformed', { credits })
  expect(credits).toHaveBeenCalledTimes(1)
  expect(amounts(local)).toEqual({ verify: ['3'], settle: ['3'] })
  const target = jest.fn(hello)
  const bad = await paid('transformed', { credits: fail }, target)
  expect([outcomeOf(bad.output), bad.local.balance()]).toEqual(['not charged', 100n])
  expect(target).not.toHaveBeenCalled()
})

test.each(SHOWN)(
  'a price that cannot be had after the target ran gives nothing away (%s request)',
  async (shown) => {
    let calls = 0
    const credits = () => (++calls === 1 ? 1 : fail())
    const { local, output } = await paid(shown, { credits })
    const told = shown === 'transformed' ? 'settled' : 'not charged'
    expect(outcomeOf(output)).toBe(told)
    expect(local.balance()).toBe(told === 'settled' ? 99n : 100n)
  },
)

test.each(SHOWN)('zero credits ask the facilitator nothing (%s request)', async (shown) => {
  const { local, output } = await paid(shown, { credits: 0 })
  expect(textOf(output)).toBe('Hello!')
  expect(local.calls).toEqual([])
})

test.each([
  ['that ask the same', (): Fields => ({}), ['settled', 'settled']],
  ['that ask different things', (n: number): Fields => ({ n }), ['conflict', 'settled']],
])('one single-use payment in two calls at once %s buys one of them', async (_, args, expected) => {
  const local = await stack()
  const token = singleUse(local)
  const target = jest.fn(hello)
  const calls = [1, 2].map((id) => {
    const event = () => rawEvent(toolCall(TOOL, args(id), { id }), { 'payment-signature': token })
    return paid('transformed', {}, target, { local, event })
  })
  const outputs = (await Promise.all(calls)).map(({ output }) => output)
  expect(outputs.map(outcomeOf).sort()).toEqual(expected)
  expect(outputs.map((output) => responseOf(output).body.id)).toEqual([1, 2])
  expect([target.mock.calls.length, countOf(local, 'settle')]).toEqual([1, 1])
  expect(local.balance()).toBe(99n)
})

test('one that does not wait is told that the payment is in work', async () => {
  const local = await stack()
  const token = singleUse(local)
  const calls = [1, 2].map((id) => {
    const event = () => rawEvent(toolCall(TOOL, {}, { id }), { 'payment-signature': token })
    return paid('transformed', { waitForAnswerMs: 0 }, hello, { local, event })
  })
  const told = (await Promise.all(calls)).map(({ output }) => outcomeOf(output))
  expect(told.sort()).toEqual(['in work', 'settled'])
  expect(local.balance()).toBe(99n)
})

test('a settle that hangs is given up on, and its outcome said to be unknown', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'delay', delayMs: 500 })
  const { output } = await paid('transformed', { settleTimeoutMs: 50 }, hello, { local })
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['unknown', 1])
})

test('a settle that failed retryably is repeated', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'error', status: 503, code: 'BCK.X402.0052' })
  const { output } = await paid('transformed', {}, hello, { local })
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['settled', 2])
})

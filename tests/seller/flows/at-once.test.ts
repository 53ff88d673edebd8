import { expect, jest, test } from '@jest/globals'
import type { PaidHandler } from '../../../src/index.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { asked } from '../../support/recorded.js'
import { sell, stack, textOf } from '../../support/seller.js'

test('of 50 calls at once, only those are delivered that the balance pays for', async () => {
  const local = await stack({ credits: 20n })
  const handler = sell(local)
  const outputs = await Promise.all(
    Array.from({ length: 50 }, () => handler(local.paidEvent(TOOL))),
  )
  const told = outputs.map(outcomeOf)
  expect(told.filter((outcome) => outcome === 'settled')).toHaveLength(20)
  expect(local.balance()).toBe(0n)
  expect(told.filter((outcome) => outcome === 'unknown' || outcome === 'not charged')).toEqual([])
})

test('50 calls at once through one reusable token are settled one by one', async () => {
  const local = await stack()
  const handler = sell(local)
  const event = local.paidEvent(TOOL)
  const outputs = await Promise.all(Array.from({ length: 50 }, () => handler(event)))
  expect(outputs.map(outcomeOf)).toEqual(Array.from({ length: 50 }, () => 'settled'))
  expect(local.balance()).toBe(50n)
  expect(new Set(asked(local, 'settle').map(({ agentRequestId }) => agentRequestId)).size).toBe(50)
})

/** One single-use token in 20 calls at once, whose work says which run of it this is. */
async function twentyAtOnce(options: Parameters<typeof sell>[2] = {}) {
  const local = await stack()
  let runs = 0
  const run = jest.fn<PaidHandler>(() => `Hello! Run ${(runs += 1)}`)
  const handler = sell(local, run, options)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const outputs = await Promise.all(Array.from({ length: 20 }, () => handler(event)))
  return { local, run, outputs }
}

test('of 20 calls at once through one single-use token, one is run, and all get its answer', async () => {
  const { local, run, outputs } = await twentyAtOnce()
  expect(new Set(outputs.map(outcomeOf))).toEqual(new Set(['settled']))
  expect(new Set(outputs.map(textOf))).toEqual(new Set(['Hello! Run 1']))
  expect(run).toHaveBeenCalledTimes(1)
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

test('of 20 calls at once that do not wait for each other, one is delivered', async () => {
  const { local, run, outputs } = await twentyAtOnce({ waitForAnswerMs: 0 })
  const told = outputs.map(outcomeOf)
  expect(told.filter((outcome) => outcome === 'settled')).toHaveLength(1)
  expect(told.filter((outcome) => outcome === 'in work')).toHaveLength(19)
  expect(run).toHaveBeenCalledTimes(1)
  expect(local.balance()).toBe(99n)
})

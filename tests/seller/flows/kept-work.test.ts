import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { memoryStore, type InterceptorOutput } from '../../../src/index.js'
import type { Fault } from '../../../src/local/index.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { receiptOf, stack, textOf } from '../../support/seller.js'
import { bothPhases, intercept, result } from '../phases/support/phases.js'

// A target's answer whose settlement was refused is kept, and settled when the same payment comes again.

const REFUSED: Fault = { route: 'settle', kind: 'refuse', reason: 'insufficient_funds' }

/** A Gateway, and a target whose first answer could not be settled. */
async function keptWork() {
  const local = await stack()
  const handle = intercept(local, { paymentStore: memoryStore() })
  let runs = 0
  const run = () => result({ content: [{ type: 'text', text: `Hello! Run ${(runs += 1)}` }] })
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  /** The same payment, in a request of its own of the Gateway. */
  const call = async (requestId: string) => {
    const context = contextOf(requestId)
    return (await bothPhases(handle, event, (it) => run()(it), { context })).output
  }
  local.faults.set(REFUSED)
  expect(outcomeOf(await call('first'))).toBe('refused')
  local.faults.clear()
  return { local, handle, event, call, runs: () => runs }
}

const contextOf = (REQUEST_ID: string): Context =>
  ({ clientContext: { custom: { REQUEST_ID } } }) as unknown as Context

test('kept work is settled by the same payment, and not done again', async () => {
  const { local, call, runs } = await keptWork()
  const output = await call('second')
  expect([outcomeOf(output), textOf(output)]).toEqual(['settled', 'Hello! Run 1'])
  expect([runs(), local.balance()]).toEqual([1, 99n])
})

test('kept work whose settlement is lost is neither called unpaid nor asked to be paid for again', async () => {
  const { local, call, runs } = await keptWork()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  expect(outcomeOf(await call('second'))).toBe('unknown')
  expect(local.balance()).toBe(99n)
  // No word of verify is asked for: the money may have moved.
  local.faults.set({ route: 'verify', kind: 'error', times: 9 })
  const verifies = countOf(local, 'verify')
  expect(outcomeOf(await call('third'))).toBe('unknown')
  local.faults.clear()
  local.faults.set(REFUSED)
  expect(outcomeOf(await call('fourth'))).toBe('unknown')
  expect([countOf(local, 'verify') - verifies, runs(), local.balance()]).toEqual([0, 1, 99n])
})

test('a REQUEST with kept work that is handed over again gets the same answer, and no target runs', async () => {
  const { local, handle, event, runs } = await keptWork()
  const context = contextOf('second')
  const outputs: InterceptorOutput[] = []
  for (let times = 0; times < 3; times++) {
    outputs.push((await handle(structuredClone(event), context)) as InterceptorOutput)
  }
  for (const output of outputs) {
    expect([outcomeOf(output), textOf(output)]).toEqual(['settled', 'Hello! Run 1'])
  }
  expect(new Set(outputs.map((output) => receiptOf(output)?.['transaction'])).size).toBe(1)
  expect([runs(), countOf(local, 'settle'), local.balance()]).toEqual([1, 2, 99n])
})

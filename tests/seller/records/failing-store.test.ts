import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { memoryStore } from '../../../src/index.js'
import { bothPhases, intercept } from '../phases/support/phases.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { allTextOf, challengeOf, eventOf, recordingLogger, sell } from '../../support/seller.js'
import { stack, toolCall } from '../../support/seller.js'

type Operation = 'add' | 'read' | 'replace' | 'remove' | 'readAnswer'
type Ask = (...given: never[]) => Promise<unknown>

/** How a store fails: before it has written, or after. */
const FAILURES = {
  throws: () => Promise.reject(new Error('down')),
  'never ends': () => new Promise<never>(() => undefined),
  'loses its answer': async (ask: () => Promise<unknown>) => {
    await ask()
    throw new Error('connection lost')
  },
}

/** A store whose nth use of an operation fails. */
function failingStore(operation: Operation, nth: number, how: keyof typeof FAILURES) {
  const store = memoryStore() as unknown as Record<Operation, Ask>
  let uses = 0
  const use =
    (name: Operation): Ask =>
    (...given) => {
      const ask = () => store[name](...given)
      const fails = name === operation && ++uses === nth
      return fails ? FAILURES[how](ask) : ask()
    }
  const all = ['add', 'read', 'replace', 'remove', 'readAnswer'] as const
  return { scope: 'process', ...Object.fromEntries(all.map((name) => [name, use(name)])) }
}

/** A Lambda with little time left. At the beginning it is enough for all hooks. */
function shortContext(): Context {
  const end = performance.now() + 2_700
  const getRemainingTimeInMillis = () => end - performance.now()
  return { getRemainingTimeInMillis } as Context
}

const FLOWS = ['authorization', 'upfront', 'overlap'] as const
const USES = [
  ['add', 1],
  ['replace', 1],
  ['replace', 2],
  ['replace', 3],
] as const
const FAST = FLOWS.flatMap((flow) =>
  (['throws', 'loses its answer'] as const).flatMap((how) =>
    USES.map(([operation, nth]) => ({ flow, how, operation, nth })),
  ),
)
const SLOW = USES.map(([operation, nth]) => {
  const flow = nth === 2 ? 'upfront' : 'authorization'
  return { flow, how: 'never ends', operation, nth } as const
})

test.each([...FAST, ...SLOW])(
  "flow '$flow': a store whose $operation $nth $how costs the buyer nothing that he is not told of",
  async ({ flow, how, operation, nth }) => {
    const local = await stack()
    const paymentStore = failingStore(operation, nth, how)
    const options = { flow, paymentStore, settleReserveMs: 300 } as object
    const output = await sell(
      local,
      undefined,
      options,
    )(eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) }), shortContext())
    const isCharged = local.balance() < 100n
    const expected = isCharged
      ? ['settled', 'in work', 'refund']
      : ['come back', 'in work', 'not charged']
    const isRefund = /owes you a refund/.test(allTextOf(output))
    expect(expected).toContain(isRefund ? 'refund' : outcomeOf(output))
  },
)

test('an answer that is settled goes out though its record cannot be written, and the log says so', async () => {
  const local = await stack()
  const logger = recordingLogger()
  const paymentStore = failingStore('replace', 2, 'throws')
  const wrapped = sell(local, undefined, { paymentStore, logger } as object)
  const event = eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) })
  expect(outcomeOf(await wrapped(event))).toBe('settled')
  expect(logger.lines.map(({ message }) => message).join()).toMatch(
    /payment record could not be written/,
  )
  expect(local.balance()).toBe(99n)
})

test('the same through both phases of an interceptor', async () => {
  const local = await stack()
  const handle = intercept(local, { paymentStore: failingStore('replace', 3, 'throws') })
  const { output } = await bothPhases(handle, local.paidEvent(TOOL, {}, singleUse(local)))
  expect(outcomeOf(output)).toBe('settled')
  expect(local.balance()).toBe(99n)
})

test.each(['authorization', 'upfront'] as const)(
  "flow '%s': a settle without an answer is never called unpaid, whatever the store does",
  async (flow) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'lost-answer', times: 3 })
    const paymentStore = failingStore('replace', 2, 'throws')
    const output = await sell(local, undefined, { flow, paymentStore } as object)(
      eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) }),
    )
    expect(outcomeOf(output)).toBe('unknown')
    expect(countOf(local, 'settle')).toBeGreaterThan(0)
  },
)

test('a kept answer that cannot be read is neither called unpaid nor asked to be paid for again', async () => {
  const local = await stack()
  const paymentStore = failingStore('readAnswer', 1, 'throws')
  const wrapped = sell(local, undefined, { paymentStore } as object)
  const event = eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) })
  await wrapped(event)
  const again = await wrapped(event)
  expect([outcomeOf(again), challengeOf(again)]).toEqual(['come back', undefined])
  expect(outcomeOf(await wrapped(event))).toBe('settled')
  expect(local.balance()).toBe(99n)
})

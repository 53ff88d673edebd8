import type { Context } from 'aws-lambda'
import { expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type InterceptorOutput, memoryStore } from '../../../src/index.js'
import type { Local, LocalPlan } from '../../../src/local/index.js'
import { hello, sell, stack } from '../../support/seller.js'
import { RuntimeContext } from '../../support/events.js'
import { type Target, bothPhases, intercept, hello as target } from '../phases/support/phases.js'
import { countIn, crowd, paidEvents, toldIn } from './support/crowd.js'

// A hundred calls at once on a balance of ten.
const CALLS = 100
const BALANCE = 10
const WORK_MS = 500

type Door = 'decorator' | 'interceptor'

/**
 * A seller whose work takes a while. `isNamed`: whether the Gateway gives each request an id. `together`: no work ends
 * before so many have begun.
 */
function seller(
  door: Door,
  local: Local,
  { overdraftGuard = true, isNamed = true, together = 0 } = {},
) {
  let [runs, atWork, most] = [0, 0, 0]
  const begun = new EventEmitter()
  const allBegun = once(begun, 'all')
  const work = async (): Promise<void> => {
    most = Math.max(most, ++atWork)
    runs++
    if (runs >= together) begun.emit('all')
    await allBegun
    await sleep(WORK_MS)
    atWork--
  }
  const options = { paymentStore: memoryStore(), overdraftGuard }
  const wrapped = sell(
    local,
    async (...given) => {
      await work()
      return hello(...given)
    },
    options,
  )
  const handle = intercept(local, options)
  const throughGateway = async (event: Record<string, unknown>): Promise<InterceptorOutput> => {
    const answer: Target = async (request) => {
      await work()
      return target(request)
    }
    const context = new RuntimeContext(isNamed ? { REQUEST_ID: randomUUID() } : {})
    const how = { context: context as unknown as Context }
    return (await bothPhases(handle, event, answer, how)).output
  }
  const visit = door === 'decorator' ? wrapped : throughGateway
  return {
    visitAll: (events: readonly Record<string, unknown>[]) =>
      Promise.all(events.map((event) => visit(event))),
    runs: () => runs,
    most: () => most,
  }
}

const FIXED = { minAmount: 1n, maxAmount: 1n }

test.each<[Door, 'single-use' | 'reusable', Partial<LocalPlan>]>([
  ['decorator', 'single-use', {}],
  ['decorator', 'reusable', {}],
  ['decorator', 'single-use', FIXED],
  ['interceptor', 'single-use', {}],
  ['interceptor', 'reusable', {}],
  ['interceptor', 'reusable', FIXED],
])(
  'ten run, and the others are told to come back until the credits are gone: %s, %s, %j',
  async (door, token, plan) => {
    const local = await stack({ credits: BigInt(BALANCE), plan })
    const { visitAll, runs, most } = seller(door, local)
    const rounds = await crowd(paidEvents(local, CALLS, token), visitAll)
    const told = rounds.flat()
    expect(new Set(told)).toEqual(new Set(['settled', 'balance in use', 'no credits']))
    expect([countIn(told, 'settled'), runs(), most() <= BALANCE]).toEqual([BALANCE, BALANCE, true])
    expect(local.ledger.settlements).toHaveLength(BALANCE)
    expect(local.balance()).toBe(0n)
  },
  60_000,
)

test.each<Door>(['decorator', 'interceptor'])(
  'without the guard the work of the other ninety is done for nothing: %s',
  async (door) => {
    const local = await stack({ credits: BigInt(BALANCE) })
    const { visitAll, runs } = seller(door, local, { overdraftGuard: false, together: CALLS })
    const told = (await visitAll(paidEvents(local, CALLS))).map(toldIn)
    expect(countIn(told, 'settled')).toBe(BALANCE)
    expect(runs()).toBe(CALLS)
  },
  60_000,
)

test('calls that nothing tells apart run one after another', async () => {
  const local = await stack({ credits: BigInt(BALANCE) })
  const { visitAll, runs } = seller('interceptor', local, { isNamed: false })
  // One token, and one JSON-RPC id.
  const [first, ...later] = await crowd(paidEvents(local, 3, 'reusable'), visitAll)
  expect(first?.toSorted()).toEqual(['balance in use', 'balance in use', 'settled'])
  expect(countIn(later.flat(), 'settled')).toBe(2)
  expect([runs(), local.balance()]).toEqual([3, 7n])
})

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { countIn, crowd, paidEvents, toldIn } from '../../seller/guard/support/crowd.js'
import { bothPhases, hello } from '../../seller/phases/support/phases.js'
import { NOW_MS } from '../../support/clock.js'
import { eventually } from '../../support/outcome.js'
import { stack } from '../../support/seller.js'
import { describeTable } from '../support/describe-table.js'
import { running } from '../support/running.js'
import { SECRET, createTable } from '../support/table.js'
import { type CrowdContainers, type Guarded, crowdContainers } from './support/crowd-containers.js'

// A hundred calls at once on a balance of ten, in containers that share nothing but the table.
const CALLS = 100
const BALANCE = 10
const CONTAINERS = 3
const WORK_MS = 500

type Door = Guarded['door']
type Fields = Record<string, unknown>

describeTable('containers that guard a balance', () => {
  const db = running()
  let containers: CrowdContainers | undefined
  afterEach(() => containers?.close())

  async function opened(local: Local, more: Partial<Guarded>): Promise<CrowdContainers> {
    containers = await crowdContainers(CONTAINERS, {
      ...{ door: 'decorator', overdraftGuard: true, waitForAnswerMs: 2_000, workMs: WORK_MS },
      ...{ endpoint: db.engine.endpoint, table: await createTable(db.client), secret: SECRET },
      payments: { nvmApiKey: local.nvmApiKey, backendUrl: local.url },
      planId: local.planId,
      ...more,
    })
    return containers
  }

  test.each<[Door, 'single-use' | 'reusable']>([
    ['decorator', 'single-use'],
    ['decorator', 'reusable'],
    ['interceptor', 'single-use'],
    ['interceptor', 'reusable'],
  ])(
    'ten run, and the others are told to come back until the credits are gone: %s, %s',
    async (door, token) => {
      const local = await stack({ credits: BigInt(BALANCE) })
      const all = await opened(local, { door })
      const visitors = visitorsOf(door, all)
      const rounds = await crowd(paidEvents(local, CALLS, token), visitors.visitAll)
      const told = rounds.flat()
      expect(new Set(told)).toEqual(new Set(['settled', 'balance in use', 'no credits']))
      expect([countIn(told, 'settled'), visitors.runs()]).toEqual([BALANCE, BALANCE])
      expect(local.ledger.settlements).toHaveLength(BALANCE)
      expect(local.balance()).toBe(0n)
    },
    120_000,
  )

  test.each<Door>(['decorator', 'interceptor'])(
    'without the guard the work of the other ninety is done for nothing: %s',
    async (door) => {
      const local = await stack({ credits: BigInt(BALANCE) })
      const all = await opened(local, { door, overdraftGuard: false })
      const visitors = visitorsOf(door, all)
      const told = (await visitors.visitAll(paidEvents(local, CALLS))).map(toldIn)
      expect([countIn(told, 'settled'), visitors.runs()]).toEqual([BALANCE, CALLS])
    },
    120_000,
  )

  test('a container that is killed at work frees its credits when its lease is over', async () => {
    const clock = { ms: NOW_MS }
    const local = await stack({ credits: 1n, now: () => clock.ms })
    const all = await opened(local, { workMs: 60_000, waitForAnswerMs: 0 })
    const [lost, next] = paidEvents(local, 2)
    const told = async (container: number, event: unknown): Promise<string> => {
      const asked = { event, requestId: randomUUID(), nowMs: clock.ms }
      return toldIn((await all.visit(container, asked)) as InterceptorOutput)
    }
    void told(0, lost)
    await eventually(() => all.runs() === 1)
    await all.kill(0)
    expect(await told(1, next)).toBe('balance in use')
    clock.ms += LEASE_MS - 1_000
    expect(await told(1, next)).toBe('balance in use')
    clock.ms += 2_000
    void told(1, next)
    await eventually(() => all.runs() === 2)
  }, 60_000)

  test('an interceptor whose container is killed between its phases is settled by another one', async () => {
    const local = await stack({ credits: 1n })
    const all = await opened(local, { door: 'interceptor', waitForAnswerMs: 0 })
    const [event = {}] = paidEvents(local, 1)
    const { output } = await bothPhases(
      async (input) => {
        const asked = { event: input, requestId: 'one', nowMs: Date.now() }
        const container = isResponse(input) ? 1 : 0
        return all.visit(container, asked)
      },
      event,
      async (request) => {
        await all.kill(0)
        return hello(request)
      },
    )
    expect(toldIn(output)).toBe('settled')
    local.ledger.credit(local.planId, local.subscriberAddress, 1n)
    expect(
      toldIn(await visitorsOf('interceptor', all, 1).visit(paidEvents(local, 1)[0] ?? {})),
    ).toBe('settled')
  }, 60_000)
})

/** What Lambda leaves a call, and a margin. Unit: ms. */
const LEASE_MS = 30_000 + 10_000

function isResponse(event: unknown): boolean {
  const { mcp } = event as { mcp: Fields }
  return Boolean(mcp['gatewayResponse'])
}

/** Buyers whose calls go to all containers in turn. Each phase of a call goes to another container. */
function visitorsOf(door: Door, containers: CrowdContainers, first = 0) {
  let [next, targetRuns] = [first, 0]
  const visit = async (event: Fields): Promise<InterceptorOutput> => {
    const requestId = randomUUID()
    const container = door === 'interceptor' && first > 0 ? () => first : () => next++
    const handle = (input: unknown): Promise<unknown> =>
      containers.visit(container(), { event: input, requestId, nowMs: Date.now() })
    if (door === 'decorator') return (await handle(event)) as InterceptorOutput
    const { output } = await bothPhases(handle, event, async (request) => {
      targetRuns++
      await sleep(WORK_MS)
      return hello(request)
    })
    return output
  }
  return {
    visit,
    visitAll: (events: readonly Fields[]) => Promise.all(events.map(visit)),
    runs: () => targetRuns + containers.runs(),
  }
}

import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { type InterceptorOutput, memoryStore } from '../../../../src/index.js'
import type { LocalOptions } from '../../../../src/local/index.js'
import { NOW_MS } from '../../../support/clock.js'
import { GREETING, answered } from '../../../support/doors.js'
import { RuntimeContext } from '../../../support/events.js'
import { TOOL, eventually, singleUse } from '../../../support/outcome.js'
import { recordingLogger, sell, stack } from '../../../support/seller.js'
import { type ShownRequest, bothPhases, intercept } from '../../phases/support/phases.js'
import { toldIn } from './crowd.js'

export type Door = 'decorator' | 'interceptor'
export const DOORS: Door[] = ['decorator', 'interceptor']

/** How long a call reserves its credits at most. Unit: ms. */
export const LEASE_MS = { decorator: 30_000 + 10_000, interceptor: 900_000 } as const

type Fields = Record<string, unknown>
type Work = () => unknown
type Handle = (event: unknown, context?: Context) => Promise<unknown>

/** How one call differs from others. */
export interface CallOptions {
  /** What the handler or the target does, and answers. Default: it greets. */
  work?: Work
  /** The payment. Default: a single-use token of its own. */
  token?: string
  /** The call's argument. The same payment and argument are the same call. Default: one of its own. */
  id?: number
  /** Which request the response phase of an interceptor is shown. Default: as it was forwarded. */
  shown?: ShownRequest
  /** A further seller that shares the store. */
  handle?: Handle
}

/** A call whose work goes on until it is told to end. */
export interface AtWork {
  /** Ends the work with an answer. Default: it greets. @returns what the buyer is told */
  end: (answer?: unknown) => Promise<string>
}

/** A seller that guards balances, and does not wait for room. */
export async function guardedShop(door: Door, options: object = {}, local: LocalOptions = {}) {
  const clock = { ms: NOW_MS }
  const now = (): number => clock.ms
  const stand = await stack({ now, ...local })
  const logger = recordingLogger()
  const works = new Map<unknown, Work>()
  const paymentStore = memoryStore()
  let [calls, runs] = [0, 0]
  const work = (message: unknown): unknown => {
    runs++
    return works.get(idIn(message))?.() ?? GREETING
  }
  const opened = (more: object = {}): Handle => {
    const common = { paymentStore, overdraftGuard: true, waitForAnswerMs: 0, logger, now }
    const all = { ...common, ...options, ...more }
    if (door === 'interceptor') return intercept(stand, all)
    return sell(stand, ({ mcp }) => work(mcp.gatewayRequest.body) as Promise<string>, all)
  }
  const own = opened()

  async function visit(given: CallOptions): Promise<InterceptorOutput> {
    const { id = ++calls, work: its, token, shown = 'transformed', handle = own } = given
    if (its !== undefined) works.set(id, its)
    const event = stand.paidEvent(TOOL, { id }, token ?? singleUse(stand))
    const context = new RuntimeContext({ REQUEST_ID: randomUUID() }) as unknown as Context
    if (door === 'decorator') return (await handle(event, context)) as InterceptorOutput
    const target = async ({ body }: { body: Fields }) => answered(await work(body), body['id'])
    return (await bothPhases(handle, event, target, { context, shown })).output
  }

  const call = async (given: CallOptions = {}): Promise<string> => toldIn(await visit(given))

  /** Begins a call. It is at work when this returns. */
  async function begin(given: CallOptions = {}): Promise<AtWork> {
    const before = runs
    let end: (answer: unknown) => void = () => undefined
    const answer = new Promise((resolve) => (end = resolve))
    const told = call({ ...given, work: () => answer })
    await eventually(() => runs > before)
    return {
      end(given = GREETING) {
        end(given)
        return told
      },
    }
  }

  return { local: stand, clock, logger, opened, visit, call, begin, runs: () => runs }
}

export type GuardedShop = Awaited<ReturnType<typeof guardedShop>>

/**
 * Whether a call that needs all credits of the payer would be let in. Its work fails, so that it takes none.
 */
export async function isFree({ call }: GuardedShop): Promise<boolean> {
  const told = await call({ work: () => ({ ...GREETING, isError: true }) })
  if (told === 'balance in use') return false
  // The failed answer came through, and has no receipt.
  expect(told).toBe('contradictory')
  return true
}

/** An answer that names its price. */
export function charging(creditsToCharge: number): Fields {
  return { ...GREETING, _meta: { creditsToCharge } }
}

function idIn(message: unknown): unknown {
  const { params } = message as { params: { arguments: Fields } }
  return params.arguments['id']
}

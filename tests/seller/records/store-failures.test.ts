import { expect, test } from '@jest/globals'
import { memoryStore, type InterceptorOutput } from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import type { PaymentStore } from '../../../src/seller/options/payment-store.js'
import { NOW_MS } from '../../support/clock.js'
import { outcomeOf, singleUse, TOOL, type Outcome } from '../../support/outcome.js'
import { contextWith, hello, sell, stack } from '../../support/seller.js'
import { bothPhases } from '../phases/support/phases.js'
import { sharing } from '../phases/support/sealed-calls.js'
import { failingStore, type Asked, type Failure } from './support/failing-store.js'

// A store that fails at any one of its calls, or from one call on. Whatever is told has to be true of the ledger.

const INVOCATION_MS = 30_000
/** After every lease, also that of a target. */
const LATER_MS = 20 * 60_000

type Flow = 'authorization' | 'overlap' | 'upfront'
type Call = (event: Record<string, unknown>) => Promise<InterceptorOutput>
type ContainerOf = (local: Local, options: object) => Call

const SHARING = { shown: 'transformed', secret: true, store: false } as const

const DOORS: [string, Flow[], ContainerOf][] = [
  [
    'requiresPayment',
    ['authorization', 'overlap', 'upfront'],
    (local, options) => {
      const wrapped = sell(local, hello, options)
      return (event) => wrapped(event, contextWith(INVOCATION_MS))
    },
  ],
  [
    'createInterceptor',
    ['authorization', 'upfront'],
    (local, options) => {
      const handle = sharing(local, SHARING, options)
      return async (event) => (await bothPhases(handle, event)).output
    },
  ],
]

const SETTLES: [string, Fault | undefined][] = [
  ['works', undefined],
  ['is refused', { route: 'settle', kind: 'refuse', reason: 'insufficient_funds' }],
]

/** No call asks its store more often. */
const MOST_CALLS = 8

const FAILURES: [
  string,
  (nth: number, failure: Failure) => (asked: Asked) => Failure | undefined,
][] = [
  [
    'at',
    (wanted, failure) =>
      ({ nth }) =>
        nth === wanted ? failure : undefined,
  ],
  [
    'from',
    (wanted, failure) =>
      ({ nth }) =>
        nth >= wanted ? failure : undefined,
  ],
]

const CASES = DOORS.flatMap(([door, flows, containerOf]) =>
  flows.flatMap((flow) =>
    SETTLES.map(([settles, fault]) => ({ door, flow, settles, fault, containerOf })),
  ),
)

/** What may be said, by whether the payment was charged. */
const TRUE_OF: Record<'charged' | 'free', Outcome[]> = {
  charged: ['settled', 'already paid', 'unknown', 'used', 'in work'],
  free: ['refused', 'not charged', 'come back', 'unknown', 'used', 'in work'],
}

test.each(CASES)(
  '$door, $flow, where settle $settles: no failure of the store makes a word untrue or charges twice',
  async ({ flow, fault, containerOf }) => {
    const clock = { ms: NOW_MS }
    const now = () => clock.ms
    const local = await stack({ now, credits: 1_000n })
    const told: string[] = []
    for (const [word, failing] of FAILURES) {
      for (const failure of ['down', 'lost'] as const) {
        for (let nth = 1; nth <= MOST_CALLS; nth++) {
          const before = local.balance()
          const store = memoryStore()
          const containers = [failingStore(store, failing(nth, failure)), store].map((it) =>
            containerOf(local, optionsOf(flow, it, now)),
          )
          const event = local.paidEvent(TOOL, {}, singleUse(local))
          local.faults.clear()
          if (fault !== undefined) local.faults.set(fault)
          const title = `${failure} ${word} call ${nth}`
          for (const call of [containers[0], containers[1], containers[1]] as Call[]) {
            const outcome = outcomeOf(await call(event))
            const charged = before - local.balance()
            told.push(...wrongIn(outcome, charged).map((wrong) => `${title}: ${wrong}`))
            clock.ms += LATER_MS
          }
        }
      }
    }
    expect(told).toEqual([])
  },
)

function optionsOf(flow: Flow, paymentStore: PaymentStore, now: () => number): object {
  const shared = { flow, paymentStore, now, waitForAnswerMs: 0 }
  return flow === 'upfront' ? { ...shared, onRefundDue: () => undefined } : shared
}

function wrongIn(outcome: Outcome, charged: bigint): string[] {
  const allowed = TRUE_OF[charged > 0n ? 'charged' : 'free']
  return [
    ...(charged > 1n ? [`charged ${charged} times`] : []),
    ...(allowed.includes(outcome) ? [] : [`${outcome}, and charged ${charged}`]),
  ]
}

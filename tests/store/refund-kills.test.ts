import { expect, test } from '@jest/globals'
import { describeTable } from './support/describe-table.js'
import { type Selling, onePayment } from './support/one-payment.js'
import { running, runningSellers } from './support/running.js'

// Work that was paid in advance fails, and its container is killed right after one of its requests was carried out.
// Another process then gets the same payment: at once, when the lease is over, and once more.

interface Kill {
  /** The last request that is carried out. */
  step: string
  /** What the buyer is told by the killed call, and by the next one. All later ones say that a refund is due. */
  first: string
  soon: string
  /** How often the work is done. */
  runs: number
  /** How often the hook was called by then, and in the end. */
  hooks: [soon: number, end: number]
}

const kill = (step: string, more: Partial<Kill> = {}): Kill => ({
  ...{ step, first: 'no answer', soon: 'in work', runs: 1, hooks: [0, 1] },
  ...more,
})

const TWICE = { runs: 2 }
const OWED = { soon: 'refund due' }
/** Nobody knows that the hook was called. */
const HEARD: Partial<Kill> = { ...OWED, hooks: [1, 2] }
const NOTED: Partial<Kill> = { ...OWED, hooks: [1, 1] }

const BEFORE = ['PutItem unverified', 'UpdateItem settling', 'settle', 'UpdateItem paid']

const DECORATOR = [
  ...BEFORE.map((step) => kill(step)),
  kill('work', TWICE),
  kill('UpdateItem refund_due', OWED),
  kill('hook', HEARD),
  kill('UpdateItem refund_due again', NOTED),
]
const INTERCEPTOR = [
  ...BEFORE.map((step) => kill(step)),
  // Between its phases, the other phase is handed to another container.
  kill('work', { first: 'refund due', ...NOTED }),
  kill('PutItem paid', TWICE),
  kill('PutItem answer', TWICE),
  kill('UpdateItem refund_due answered', OWED),
  kill('hook', HEARD),
  kill('UpdateItem refund_due again', NOTED),
]

const FAILING = { flow: 'upfront', isFailing: true } as const
const CASES: [Selling, Kill[]][] = [
  [{ door: 'decorator', price: 'credits', ...FAILING }, DECORATOR],
  [{ door: 'decorator', price: 'money', ...FAILING }, DECORATOR],
  [{ door: 'interceptor', price: 'credits', ...FAILING }, INTERCEPTOR],
]

const named = ({ door, price }: Selling): string => `${door}, ${price}`

describeTable('a container that is killed while a refund is due', () => {
  const store = running()
  const containers = runningSellers()

  test.each(CASES.map(([selling, kills]) => ({ name: named(selling), selling, kills })))(
    'is killed at every step that there is: $name',
    async ({ selling, kills }) => {
      const { crossing, visit, charges } = await onePayment(selling, store.engine.endpoint)
      expect(await visit(containers.survivor)).toBe('refund due')
      expect(crossing.steps).toEqual(kills.map(({ step }) => step))
      expect([crossing.runs(), charges(), crossing.refunds.length]).toEqual([1, 1, 1])
      await crossing.close()
    },
  )

  test.each(
    CASES.flatMap(([selling, kills]) =>
      kills.map((one) => ({ name: named(selling), selling, ...one })),
    ),
  )(
    'charges once, owes once, and the seller hears of it under one id: $name, after $step',
    async ({ selling, step, first, soon, runs, hooks }) => {
      const victim = await containers.sellers.next()
      const { crossing, visit, passLease, charges } = await onePayment(
        selling,
        store.engine.endpoint,
      )
      crossing.at({ step, when: 'after' }, () => victim.kill())
      expect(await visit(victim, containers.survivor)).toBe(first)
      expect(victim.isAlive).toBe(false)
      expect([await visit(containers.survivor), crossing.refunds.length]).toEqual([soon, hooks[0]])
      passLease()
      expect([await visit(containers.survivor), await visit(containers.survivor)]).toEqual([
        'refund due',
        'refund due',
      ])
      expect([crossing.runs(), charges(), crossing.refunds.length]).toEqual([runs, 1, hooks[1]])
      expect(new Set(crossing.refunds).size).toBe(1)
      await crossing.close()
    },
  )
})

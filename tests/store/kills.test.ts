import { expect, test } from '@jest/globals'
import { describeTable } from './support/describe-table.js'
import { type Selling, onePayment } from './support/one-payment.js'
import { running, runningSellers } from './support/running.js'

// A container is killed right after one of its requests was carried out, and before it hears of that. Between two
// requests a container does nothing that anybody else could see, so these are all the moments there are. Another
// process then gets the same payment: at once, and when the lease is over.

interface Kill {
  /** The last request that is carried out. */
  step: string
  /** What the buyer is told at once, when the lease is over, and once more. */
  soon: string
  later: string
  again: string
  /** How often the work is done. */
  runs: number
  /** What the killed call itself came to. */
  first: string
}

/** A step after which nobody goes on before the lease is over. */
const kill = (step: string, more: Partial<Kill> = {}): Kill => ({
  ...{ step, first: 'no answer', soon: 'in work', later: 'settled', again: 'settled', runs: 1 },
  ...more,
})

const [DELIVERED, TWICE] = [{ soon: 'settled' }, { runs: 2 }]
/** Between its phases, an interceptor's container may end: the other phase is handed to another one. */
const BETWEEN = { first: 'settled', soon: 'settled' }

const AUTHORIZATION = [
  kill('PutItem unverified'),
  kill('verify'),
  kill('work', TWICE),
  kill('PutItem answer', TWICE),
  kill('UpdateItem settling answered'),
  kill('settle'),
  kill('UpdateItem settled', DELIVERED),
]
const UPFRONT = [
  kill('PutItem unverified'),
  kill('UpdateItem settling'),
  kill('settle'),
  kill('UpdateItem paid'),
  kill('work', TWICE),
  kill('PutItem answer', TWICE),
  kill('UpdateItem settled answered', DELIVERED),
]

/** As a Gateway calls it: what comes after the work is another phase. */
const inPhases = (kills: Kill[], before: Kill[], began: string): Kill[] =>
  kills.flatMap((one) =>
    one.step === 'work' ? [...before, kill('work', BETWEEN), kill(began, TWICE)] : [one],
  )
/** The request phase ends before the work: it is written down first that it may begin. */
const CLAIMED = [kill('UpdateItem claimed')]

/** What was paid on a chain can be rebuilt by strangers. A kept answer is not handed out for it, but its receipt is. */
const inMoney = (kills: Kill[], kept: RegExp): Kill[] =>
  kills.map((one) => {
    const told = (said: string): string => (said === 'settled' ? 'already paid' : said)
    const later = kept.test(one.step) ? told(one.later) : one.later
    return { ...one, soon: told(one.soon), later, again: told(one.again) }
  })

const CASES: [Selling, Kill[]][] = [
  [{ door: 'decorator', flow: 'authorization', price: 'credits' }, AUTHORIZATION],
  [
    { door: 'decorator', flow: 'authorization', price: 'money' },
    inMoney(AUTHORIZATION, /settling|settle|settled/),
  ],
  [{ door: 'decorator', flow: 'upfront', price: 'credits' }, UPFRONT],
  [{ door: 'decorator', flow: 'upfront', price: 'money' }, inMoney(UPFRONT, /settled answered/)],
  [
    { door: 'interceptor', flow: 'authorization', price: 'credits' },
    inPhases(AUTHORIZATION, CLAIMED, 'PutItem unverified again'),
  ],
  [
    { door: 'interceptor', flow: 'authorization', price: 'money' },
    inMoney(
      inPhases(AUTHORIZATION, CLAIMED, 'PutItem unverified again'),
      /work|settling|settle|settled/,
    ),
  ],
  [
    { door: 'interceptor', flow: 'upfront', price: 'credits' },
    inPhases(UPFRONT, [], 'PutItem paid'),
  ],
]

const named = ({ door, flow, price }: Selling): string => `${door}, ${flow}, ${price}`

describeTable('a container that is killed', () => {
  const store = running()
  const containers = runningSellers()

  test.each(CASES.map(([selling, kills]) => ({ name: named(selling), selling, kills })))(
    'is killed at every step that there is: $name',
    async ({ selling, kills }) => {
      const { crossing, visit, charges } = await onePayment(selling, store.engine.endpoint)
      expect(await visit(containers.survivor)).toBe('settled')
      // Work that takes a while is noted beside it. On a busy machine that happens here.
      const expected = kills.map(({ step }) => step)
      const isNoted = (step: string): boolean =>
        step === 'UpdateItem claimed' && !expected.includes(step)
      expect(crossing.steps.filter((step) => !isNoted(step))).toEqual(expected)
      expect([crossing.runs(), charges()]).toEqual([1, 1])
      await crossing.close()
    },
  )

  test.each(
    CASES.flatMap(([selling, kills]) =>
      kills.map((one) => ({ name: named(selling), selling, ...one })),
    ),
  )(
    'takes no money twice, and loses no answer that was paid for: $name, after $step',
    async ({ selling, step, first, soon, later, again, runs }) => {
      const victim = await containers.sellers.next()
      const { crossing, visit, passLease, charges } = await onePayment(
        selling,
        store.engine.endpoint,
      )
      crossing.at({ step, when: 'after' }, () => victim.kill())
      expect(await visit(victim, containers.survivor)).toBe(first)
      expect(victim.isAlive).toBe(false)
      expect(await visit(containers.survivor)).toBe(soon)
      passLease()
      expect([await visit(containers.survivor), await visit(containers.survivor)]).toEqual([
        later,
        again,
      ])
      expect([crossing.runs(), charges()]).toEqual([runs, 1])
      await crossing.close()
    },
  )
})

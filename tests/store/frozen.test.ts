import { expect, test } from '@jest/globals'
import { describeTable } from './support/describe-table.js'
import { type Selling, onePayment } from './support/one-payment.js'
import { running, runningSellers } from './support/running.js'

// Lambda freezes containers, and thaws them when nobody waits any more. A container is frozen right before one of its
// requests is carried out; its lease ends, another one takes the payment over, and the frozen one goes on.

const CASES: [Selling, steps: string[]][] = [
  [
    { door: 'decorator', flow: 'authorization', price: 'credits' },
    ['verify', 'work', 'PutItem answer', 'UpdateItem settling answered'],
  ],
  [
    { door: 'decorator', flow: 'authorization', price: 'money' },
    ['work', 'UpdateItem settling answered'],
  ],
  [{ door: 'decorator', flow: 'upfront', price: 'credits' }, ['UpdateItem settling']],
]

describeTable('a container that is frozen', () => {
  const store = running()
  const containers = runningSellers()

  /** @returns what the two containers said, and how often settle was sent before and after the frozen one went on. */
  async function frozenAt(selling: Selling, step: string) {
    const { crossing, visit, passLease, charges } = await onePayment(selling, store.engine.endpoint)
    const container = await containers.sellers.next()
    const settles = (): number => crossing.steps.filter((one) => one.startsWith('settle')).length
    let other = ''
    let settlesBefore = 0
    crossing.at({ step, when: 'before' }, async () => {
      container.freeze()
      passLease()
      other = await visit(containers.survivor)
      settlesBefore = settles()
      container.thaw()
    })
    const frozen = await visit(container)
    const again = await visit(containers.survivor)
    await crossing.close()
    const settled = { before: settlesBefore, after: settles() }
    return { frozen, other, again, settled, charges: charges() }
  }

  test.each(
    CASES.flatMap(([selling, steps]) =>
      steps.map((step) => ({ name: `${selling.flow}, ${selling.price}`, selling, step })),
    ),
  )(
    'neither settles nor delivers what another one has taken over: $name, at $step',
    async ({ selling, step }) => {
      const { frozen, other, again, settled, charges } = await frozenAt(selling, step)
      expect(other).toBe('settled')
      // Claim and verify are sent at once. A claim that arrives after the other call finds its stored answer.
      const stored = step === 'verify' ? ['settled'] : []
      expect(['in work', 'used', 'already paid', ...stored]).toContain(frozen)
      expect(settled).toEqual({ before: 1, after: 1 })
      expect(again).toBe(selling.price === 'money' ? 'already paid' : 'settled')
      expect(charges).toBe(1)
    },
  )

  test.each(['settle', 'UpdateItem settled'])(
    'delivers nothing, and charges nothing more, if its settle was under way: at %s',
    async (step) => {
      const selling = { door: 'decorator', flow: 'authorization', price: 'credits' } as const
      const { frozen, other, again, charges } = await frozenAt(selling, step)
      expect([other, again, charges]).toEqual(['settled', 'settled', 1])
      expect(['in work', 'used', 'unknown']).toContain(frozen)
    },
  )
})

import { expect, jest, test } from '@jest/globals'
import { countOf, outcomeOf, singleUse } from '../../../support/outcome.js'
import { stack } from '../../../support/seller.js'
import { bothPhases, hello, type Target } from '../support/phases.js'
import { NAMED_SHARINGS, callWith, sharing } from '../support/sealed-calls.js'

// The response phase is handed the refusals of the request phase, too.
test.each(NAMED_SHARINGS)(
  'calls that are refused do not end the work of the one that holds their payment ($name)',
  async ({ how }) => {
    const local = await stack()
    const handle = sharing(local, how, { waitForAnswerMs: 0 })
    const headers = { 'payment-signature': singleUse(local) }
    const event = (n: number) => callWith(headers, { args: { n } })
    const refused = jest.fn(hello)
    const told: string[] = []
    const slow: Target = async (request) => {
      for (const n of [2, 2, 3, 1]) {
        const { output } = await bothPhases(handle, event(n), refused, how)
        told.push(outcomeOf(output))
      }
      return hello(request)
    }
    const { output } = await bothPhases(handle, event(1), slow, how)
    expect(told).toEqual(['conflict', 'conflict', 'conflict', 'in work'])
    expect(outcomeOf(output)).toBe('settled')
    expect(refused).not.toHaveBeenCalled()
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

import { expect, test } from '@jest/globals'
import { describeTable } from '../store/support/describe-table.js'
import { isClean, reportOf } from './report.js'
import { BROKEN_RULES, SEEN_IN_RECORDS } from './sharing/broken-rules.js'
import { sharedPlanOf } from './sharing/shared-plan.js'
import { simulate } from './simulate.js'

const SHARED = { isShared: true, containers: 2, seed: 14, lanes: 12 }
/** So many calls on a busy machine. Unit: ms. */
const PATIENCE_MS = 180_000

describeTable('containers that share a table', () => {
  test(
    'sell as one where nothing fails',
    async () => {
      const outcome = await simulate({ ...SHARED, calls: 60, isCalm: true })
      expect(isClean(outcome) ? '' : reportOf(outcome)).toBe('')
      // A buyer who comes back with money gets the receipt alone.
      const { delivery, receipt = 0, ...others } = Object.fromEntries(outcome.answers)
      expect(others).toEqual({})
      expect([delivery ?? 0, receipt]).toEqual([outcome.visits - receipt, receipt])
    },
    PATIENCE_MS,
  )

  test(
    'an amount in the records is compared with the ledger to the unit',
    async () => {
      const few = { ...SHARED, calls: 20, lanes: 2, isCalm: true, broken: SEEN_IN_RECORDS }
      const { broken } = await simulate(few)
      const found = broken.get('record and ledger differ') ?? []
      const sold = new Set(found.map(({ plan: { credit } }) => credit))
      expect(sold).toEqual(new Set(['single-use token', 'exact', 'upto']))
      expect([...broken.keys()]).toEqual(['record and ledger differ'])
    },
    PATIENCE_MS,
  )

  test.each(BROKEN_RULES.filter((rule) => rule !== SEEN_IN_RECORDS))(
    'a rule of the store that is broken on purpose is found out: %s',
    async (broken) => {
      const outcome = await simulate({ ...SHARED, calls: 400, stopsAtFirst: true, broken })
      expect(isClean(outcome)).toBe(false)
      expect(reportOf(outcome)).toMatch(/\(npm run chaos -- --seed 14 --call \d+ --shared/)
    },
    PATIENCE_MS,
  )
})

test('the same seed kills the same containers at the same requests', () => {
  const planned = (seed: number) => Array.from({ length: 40 }, (_, id) => sharedPlanOf(seed, id, 2))
  expect(planned(3)).toEqual(planned(3))
  expect(planned(4)).not.toEqual(planned(3))
  const outages = planned(3).flatMap(({ steps }) => steps.map(({ outage }) => outage))
  expect(outages.some(({ halt }) => halt !== undefined)).toBe(true)
  expect(outages.some(({ table }) => table.size > 0)).toBe(true)
})

import { expect, test } from '@jest/globals'
import { describeTable } from '../store/support/describe-table.js'
import { isClean, reportOf } from './report.js'
import { BROKEN_RULES } from './sharing/broken-rules.js'
import { sharedPlanOf } from './sharing/shared-plan.js'
import { simulate } from './simulate.js'

const SHARED = { isShared: true, containers: 2, seed: 14, lanes: 12 }
/** So many calls on a busy machine. Unit: ms. */
const PATIENCE_MS = 180_000

describeTable('containers that share a table', () => {
  test('sell as one where nothing fails', async () => {
    const outcome = await simulate({ ...SHARED, calls: 60, isCalm: true })
    expect(isClean(outcome) ? '' : reportOf(outcome)).toBe('')
    // A buyer who comes back with money gets the receipt alone.
    const { delivery, receipt = 0, ...others } = Object.fromEntries(outcome.answers)
    expect(others).toEqual({})
    expect([delivery ?? 0, receipt]).toEqual([outcome.visits - receipt, receipt])
  })

  test.each(BROKEN_RULES)(
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

import { expect, test } from '@jest/globals'
import { planOf } from './plan.js'
import { isClean, reportOf } from './report.js'
import { simulate } from './simulate.js'

test('where nothing fails, every call is delivered and charged', async () => {
  const outcome = await simulate({ seed: 14, calls: 120, isCalm: true, lanes: 12 })
  expect(isClean(outcome) ? '' : reportOf(outcome)).toBe('')
  expect([...outcome.answers]).toEqual([['delivery', 120]])
  expect(outcome).toMatchObject({ calls: 120, visits: 120, signedAnew: 0 })
})

test('a seller who delivers without a settlement is found out', async () => {
  const deliver = { onSettlementRefused: 'deliver', onSettlementUnknown: 'deliver' }
  const selling = ({ flow }: { flow: string }) => (flow === 'upfront' ? {} : deliver)
  const outcome = await simulate({ seed: 14, calls: 60, lanes: 12, selling })
  expect(outcome.broken.get('given away')).not.toBeUndefined()
  const report = reportOf(outcome)
  expect(report).toMatch(
    /given away: call \d+ of seed 14 \(npm run chaos -- --seed 14 --call \d+\)/,
  )
  expect(report).not.toContain('Nothing went wrong with money.')
})

test('the same seed plays the same calls, and one of them can be played alone', async () => {
  const planned = (seed: number) => Array.from({ length: 40 }, (_, id) => planOf(seed, id, 2))
  expect(planned(3)).toEqual(planned(3))
  expect(planned(4)).not.toEqual(planned(3))
  const outcome = await simulate({ seed: 3, calls: 40, only: 7 })
  expect(outcome).toMatchObject({ seed: 3, calls: 1 })
  expect(outcome.visits).toBeGreaterThan(0)
})

import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { run } from '../support/built.js'
import { describeTable } from '../store/support/describe-table.js'

const CALLS = 5_000
/** So many calls on a busy machine. Unit: ms. */
const PATIENCE_MS = 600_000

describeTable('containers that share a table, are killed, frozen and apart in time', () => {
  test(
    'of 5 000 calls every answer about money is right',
    async () => {
      const options = ['--calls', String(CALLS), '--seed', '14']
      const command = ['.config/run-ts.mjs', 'tests/chaos/soak.ts', ...options]
      // The report tells what happened to the first calls that were answered wrongly.
      const { stdout } = await run(process.execPath, command).catch(
        (error: unknown) => error as { stdout: string },
      )
      expect(stdout).toContain('"violations": []')
      const report = JSON.parse(await readFile('.cache/soak.json', 'utf8')) as Report
      expect(report).toMatchObject({ calls: CALLS, seed: 14, violations: [] })
      expect(Object.keys(report.kills).length).toBeGreaterThan(20)
      expect(report.faults['down']).toBeGreaterThan(0)
    },
    PATIENCE_MS,
  )
})

interface Report {
  kills: Record<string, number>
  faults: Record<string, number>
}

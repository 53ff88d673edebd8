import { expect, test } from '@jest/globals'
import { run } from '../support/built.js'

/** A thousand calls on a busy machine. Unit: ms. */
const PATIENCE_MS = 180_000

test(
  'whatever fails, of 1 000 calls every answer about money is right',
  async () => {
    const command = ['.config/run-ts.mjs', 'tests/chaos/run.ts', '--calls', '1000', '--seed', '14']
    // The report tells what happened to the first calls that were answered wrongly.
    const { stdout } = await run(process.execPath, command).catch(
      (error: unknown) => error as { stdout: string },
    )
    expect(stdout).toContain('Nothing went wrong with money.')
    expect(stdout).toMatch(/^1000 calls, .* Seed 14\.$/m)
  },
  PATIENCE_MS,
)

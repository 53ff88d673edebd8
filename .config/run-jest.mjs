// Runs Jest:
//   node .config/run-jest.mjs [jest arguments]
//   npm run test:jest -- tests/seller
// With --coverage alone it measures its own process and the children the tests start, and checks the thresholds.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { runAlone } from './run-alone.mjs'

const args = process.argv.slice(2)
const whole = args.length === 1 && args[0] === '--coverage'
const v8 = path.resolve('.cache/coverage/v8')
// Many tests run dist/.
if (!args.includes('--listTests')) build()
rmSync('.cache/coverage', { recursive: true, force: true })

const jest = await runAlone(
  ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--watchman=false', ...args],
  {
    ...process.env,
    // One seed for the whole run. tests/support/seed.ts gives it to fast-check.
    FC_SEED: process.env.FC_SEED ?? String(Math.floor(Math.random() * 2 ** 31)),
    // Inherited by the children that tests start.
    ...(whole && { NODE_V8_COVERAGE: v8 }),
    NODE_NO_WARNINGS: '1',
  },
)
process.exitCode = jest === 0 && whole ? await runAlone(['.config/coverage.mjs']) : jest

function build() {
  const { status } = spawnSync(process.execPath, ['.config/build.mjs', '--if-stale'], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

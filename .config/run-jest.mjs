// Runs Jest:
//   node .config/run-jest.mjs [jest arguments]
// With --coverage alone it measures its own process and the children the tests start, and checks the thresholds.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'

const args = process.argv.slice(2)
const whole = args.length === 1 && args[0] === '--coverage'
const v8 = path.resolve('.cache/coverage/v8')
rmSync('.cache/coverage', { recursive: true, force: true })

const jest = run(
  ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--watchman=false', ...args],
  // Inherited by the children that tests start.
  { ...process.env, ...(whole && { NODE_V8_COVERAGE: v8 }), NODE_NO_WARNINGS: '1' },
)
process.exitCode = jest === 0 && whole ? run(['.config/coverage.mjs'], process.env) : jest

function run(nodeArgs, env) {
  return spawnSync(process.execPath, nodeArgs, { stdio: 'inherit', env }).status ?? 1
}

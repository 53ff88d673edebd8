// Runs Jest with coverage of its own process and of the children the tests start:
//   node .config/run-jest.mjs [jest arguments]
// With arguments only the tests they name run, and thresholds are not checked.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'

const args = process.argv.slice(2)
const whole = args.length === 0
const v8 = path.resolve('.cache/coverage/v8')
rmSync('.cache/coverage', { recursive: true, force: true })

const jest = run(
  [
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '--watchman=false',
    ...(whole ? ['--coverage'] : args),
  ],
  // Inherited by the children that tests start.
  { ...process.env, ...(whole && { NODE_V8_COVERAGE: v8 }), NODE_NO_WARNINGS: '1' },
)
process.exitCode = jest === 0 && whole ? run(['.config/coverage.mjs'], process.env) : jest

function run(nodeArgs, env) {
  return spawnSync(process.execPath, nodeArgs, { stdio: 'inherit', env }).status ?? 1
}

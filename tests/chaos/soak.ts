/**
 * `npm run soak`: 100 000 sales through containers that share a table, in as many processes as there are cores. The
 * containers are killed and frozen, their clocks differ, and the table fails. Each batch has a table engine of its own.
 * The report goes to .cache/soak.json. It exits with 1 where a call was answered wrongly.
 *
 *   npm run soak -- --calls 5000 --seed 7          the same seed plays the same calls
 *   npm run soak -- --broken 'no fencing'          a rule of the store is broken on purpose
 */
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs, promisify } from 'node:util'
import { IS_INSTALLED } from '../store/support/engine.js'
import { type Figures, NO_FIGURES, added } from './figures.js'

const run = promisify(execFile)

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    workers: { type: 'string', default: String(availableParallelism()) },
    broken: { type: 'string' },
  },
})
const REPORT = '.cache/soak.json'
const BATCH = 2_500
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

if (IS_INSTALLED) await soak()
else console.log('skipped: no DynamoDB engine (node .config/install-peers.mjs tests/peers)')

async function soak(): Promise<void> {
  const startedAt = performance.now()
  const calls = Number(values.calls)
  const starts = Array.from({ length: Math.ceil(calls / BATCH) }, (_, at) => at * BATCH)
  let all = NO_FIGURES
  const work = async (): Promise<void> => {
    for (let from = starts.shift(); from !== undefined; from = starts.shift()) {
      const figures = await played(from, Math.min(BATCH, calls - from))
      all = added(all, figures)
      const found = `${all.calls} calls, ${all.violations.length} violations`
      process.stderr.write([found, ...figures.stories, ''].join('\n'))
    }
  }
  await Promise.all(Array.from({ length: Number(values.workers) }, work))
  const seconds = (performance.now() - startedAt) / 1_000
  const { stories, ...figures } = all
  const seed = Number(values.seed)
  const replay = `npm run soak -- --seed ${seed} --calls ${calls}`
  const rate = Math.round((calls / seconds) * 10) / 10
  const report = { seed, replay, seconds: Math.round(seconds), callsPerSecond: rate, ...figures }
  await mkdir('.cache', { recursive: true })
  await writeFile(REPORT, `${JSON.stringify(report, undefined, 2)}\n`)
  console.log([JSON.stringify(report, undefined, 2), ...stories.slice(0, 10)].join('\n\n'))
  process.exitCode = all.violations.length === 0 ? 0 : 1
}

/** One batch, in a process of its own. */
async function played(from: number, calls: number): Promise<Figures> {
  const broken = values.broken === undefined ? [] : ['--broken', values.broken]
  const numbers = ['--seed', values.seed, '--from', String(from), '--calls', String(calls)]
  const how = ['--shared', '--containers', '2', '--lanes', '12', '--json', ...broken]
  const command = ['.config/run-ts.mjs', 'tests/chaos/run.ts', ...numbers, ...how]
  const options = { maxBuffer: MAX_OUTPUT_BYTES }
  // It ends with 1 where a call was answered wrongly.
  const { stdout, stderr } = await run(process.execPath, command, options).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Figures
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

/** What the tests of a run do: they leave a folder and a process behind. Its ids are printed. */
const TESTS = `
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
mkdtempSync(tmpdir() + '/left-')
const forever = 'setInterval(() => undefined, 1000)'
const { pid } = spawn(process.execPath, ['--eval', forever], { stdio: 'ignore' })
console.log(JSON.stringify([process.pid, pid]))
setInterval(() => undefined, 1000)
`
const RUN = `
import { runAlone } from './.config/run-alone.mjs'
process.exitCode = await runAlone(['--input-type=module', '--eval', ${JSON.stringify(TESTS)}])
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-interrupted-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A run of tests, and the processes that it has started. */
async function begun() {
  const env = { ...process.env, TMPDIR: folder, npm_lifecycle_event: 'test' }
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const args = ['--input-type=module', '--eval', RUN]
  const run = spawn(process.execPath, args, { env, stdio: [...stdio], detached: true })
  const [line] = (await once(run.stdout, 'data')) as [Buffer]
  return { run, pids: JSON.parse(line.toString()) as number[] }
}

/** The dead that nobody has asked for do not count: in a container that may be for ever. */
function isThere(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const testOnLinux = process.platform === 'linux' ? test : test.skip

testOnLinux.each([
  ['SIGINT', 'the run', 130],
  ['SIGTERM', 'the run', 143],
  ['SIGHUP', 'the run', 129],
  ['SIGINT', 'its group', 130],
] as const)('%s to %s ends what the tests have started', async (signal, whom, exitCode) => {
  const { run, pids } = await begun()
  expect(pids.map(isThere)).toEqual([true, true])
  expect(await readdir(folder)).toHaveLength(1)
  const exit = once(run, 'exit')
  process.kill(whom === 'the run' ? (run.pid ?? 0) : -(run.pid ?? 0), signal)
  expect(await exit).toEqual([exitCode, null])
  await expect(ended(pids)).resolves.toBeUndefined()
  expect(await readdir(folder)).toEqual([])
})

/** A signal takes its time. */
async function ended(pids: number[]): Promise<void> {
  const giveUpAt = performance.now() + 5_000
  while (pids.some(isThere)) {
    if (performance.now() > giveUpAt) throw new Error(`still there: ${pids.filter(isThere).join()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

import { expect, test } from '@jest/globals'
import type { LambdaProcess } from '../../../src/local/lambda/process.js'
import { call, failureOf, lambdaOf, stateOf } from '../support/lambda.js'
import { eventually } from '../../support/outcome.js'

const PID = 'export const handler = () => process.pid'
/** Answers its process after a while. */
const SLOW = `export const handler = ({ ms }) => new Promise((done) => setTimeout(done, ms, process.pid))`

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Processes that answered so many invocations at once. */
function pids(lambda: LambdaProcess, ms: number, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => Number(await call(lambda, { ms }))))
}

test('one environment serves sequential invocations', async () => {
  const lambda = await lambdaOf(PID)
  const first = await call(lambda)
  for (let i = 0; i < 20; i++) expect(await call(lambda)).toBe(first)
})

test('parallel invocations run in environments of their own, which are reused', async () => {
  const lambda = await lambdaOf(SLOW)
  const first = await pids(lambda, 200, 3)
  expect(new Set(first).size).toBe(3)
  expect(new Set([...(await pids(lambda, 50, 3)), ...first]).size).toBe(3)
})

test('an invocation beyond the limit waits for an environment', async () => {
  const lambda = await lambdaOf(SLOW, { maxEnvironments: 2 })
  expect(new Set(await pids(lambda, 30, 6)).size).toBe(2)
})

test('where environments die, those that wait get new ones', async () => {
  const lambda = await lambdaOf('export const handler = () => process.exit(1)', {
    maxEnvironments: 1,
  })
  const failures = await Promise.all([1, 2, 3].map(() => failureOf(call(lambda))))
  failures.push(await failureOf(call(lambda)))
  expect(failures.map(([type]) => type)).toEqual(Array(4).fill('Runtime.ExitError'))
})

test('an environment that died while idle is replaced', async () => {
  const lambda = await lambdaOf(PID)
  const first = Number(await call(lambda))
  process.kill(first, 'SIGKILL')
  await eventually(() => !isRunning(first))
  expect(await call(lambda)).not.toBe(first)
})

const withPs = process.platform === 'win32' ? test.skip : test

withPs('a frozen environment stands still between invocations, and goes on after', async () => {
  const lambda = await lambdaOf(
    `let last = performance.now()
    let longestPause = 0
    setInterval(() => {
      longestPause = Math.max(longestPause, performance.now() - last)
      last = performance.now()
    }, 1)
    export const handler = () =>
      new Promise((done) => setTimeout(() => done([process.pid, longestPause]), 20))`,
    { freeze: true },
  )
  const [pid] = (await call(lambda)) as [number, number]
  await eventually(async () => (await stateOf(pid)).startsWith('T'))
  expect(await stateOf(pid)).toMatch(/^T/)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const [samePid, longestPause] = (await call(lambda)) as [number, number]
  expect(samePid).toBe(pid)
  expect(longestPause).toBeGreaterThan(190)
  await lambda.close()
  expect(isRunning(pid)).toBe(false)
})

withPs('without freezing, an environment goes on between invocations', async () => {
  const lambda = await lambdaOf(PID)
  expect(await stateOf(await call(lambda))).not.toMatch(/^T/)
})

test('closing ends idle environments, fails what runs or waits, and takes no more', async () => {
  const lines: string[] = []
  const lambda = await lambdaOf(
    `export const handler = ({ ms }) =>
      new Promise((done) => setTimeout(done, ms, process.pid), console.log('running'))`,
    { maxEnvironments: 2, onLog: (line) => lines.push(line) },
  )
  const [idle = 0, busy = 0] = await pids(lambda, 100, 2)
  const running = failureOf(call(lambda, { ms: 60_000 }))
  await eventually(() => lines.length === 3)
  const taken = failureOf(call(lambda, { ms: 60_000 }))
  const waiting = failureOf(call(lambda, { ms: 0 }))
  await lambda.close()
  const killed = [
    'Runtime.ExitError',
    'RequestId: * Error: Runtime exited with error: signal: killed',
  ]
  const closed = ['ResourceNotFoundException', 'The function was closed']
  expect(await Promise.all([running, taken, waiting])).toEqual([killed, closed, closed])
  expect(await failureOf(call(lambda))).toEqual(closed)
  expect([idle, busy].map(isRunning)).toEqual([false, false])
  await lambda.close()
})

test('closing waits for environments that are only starting', async () => {
  const lines: string[] = []
  const lambda = await lambdaOf(
    `console.log(process.pid)
    await new Promise((resolve) => setTimeout(resolve, 150))
    export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))`,
    { onLog: (line) => lines.push(line) },
  )
  const running = [failureOf(call(lambda)), failureOf(call(lambda))]
  await eventually(() => lines.length === 2)
  await lambda.close()
  expect((await Promise.all(running)).map(([type]) => type)).toEqual([
    'Runtime.ExitError',
    'Runtime.ExitError',
  ])
  expect(lines.map((pid) => isRunning(Number(pid)))).toEqual([false, false])
})

test('closing waits for an environment that an invocation has only just asked for', async () => {
  const lambda = await lambdaOf(PID)
  const pid = Number(await call(lambda))
  process.kill(pid, 'SIGKILL')
  await eventually(() => !isRunning(pid))
  let failed = false
  const failing = failureOf(call(lambda)).finally(() => (failed = true))
  await lambda.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(failed).toBe(true)
  expect((await failing)[0]).toBe('Runtime.ExitError')
})

test('closing kills what would not end by itself', async () => {
  const lambda = await lambdaOf(`process.on('exit', () => { for (;;); })\n${PID}`)
  const pid = Number(await call(lambda))
  await lambda.close()
  expect(isRunning(pid)).toBe(false)
})

test('closing gives a running invocation no time to end', async () => {
  const started: string[] = []
  const lambda = await lambdaOf(
    `export const handler = () => new Promise((done) => setTimeout(done, 300, console.log('started')))`,
    { onLog: (line) => started.push(line) },
  )
  const failing = failureOf(call(lambda))
  await eventually(() => started.length === 1)
  await lambda.close()
  expect(await failing).toEqual([
    'Runtime.ExitError',
    'RequestId: * Error: Runtime exited with error: signal: killed',
  ])
})

test('closing waits for no process that the function left behind', async () => {
  const lambda = await lambdaOf(
    `import { spawn } from 'node:child_process'
    export const handler = () => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'],
      { stdio: ['ignore', 'inherit', 'inherit'] }).pid`,
  )
  const left = Number(await call(lambda))
  await lambda.close()
  expect(isRunning(left)).toBe(true)
  process.kill(left, 'SIGKILL')
})

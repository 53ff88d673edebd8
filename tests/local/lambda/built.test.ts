import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../src/index.js'
import { startLambda } from '../../../src/local/lambda/process.js'
import { run } from '../../support/built.js'
import { bundle } from '../support/bundle.js'
import { BOOTSTRAP, call, stateOf, temporaryFolder } from '../support/lambda.js'
import { eventually } from '../../support/outcome.js'
import { challengeOf, receiptOf, stack, textOf } from '../../support/seller.js'

const PID = 'export const handler = () => process.pid'
/** Runs until it is ended. */
const ENDLESS = `console.log(process.pid)
setInterval(() => {}, 1000)
export const handler = () => new Promise(() => {})`
/** State of a process that has ended, whether or not its parent took note. */
const ENDED = /^(Z|$)/
const DIST = path.resolve('dist/local/lambda/process.js')

/** A process that starts a Lambda with the built package, and prints the Lambda's process. */
async function script(rest: string): Promise<string[]> {
  const file = path.join(await temporaryFolder(), 'index.mjs')
  await writeFile(file, `console.log('loading')\nsetInterval(() => {}, 1000)\n${PID}`)
  return [
    '--input-type=module',
    '--eval',
    `import { startLambda } from ${JSON.stringify(DIST)}
    const lambda = await startLambda({ file: ${JSON.stringify(file)}, freeze: ${process.platform !== 'win32'} })
    console.log(await lambda.invoke({ payload: '{}', timeoutMs: 5000 }))
    ${rest}`,
  ]
}

test('by default a function writes to stderr, and stdout stays ours', async () => {
  const { stdout, stderr } = await run(process.execPath, await script('await lambda.close()'))
  expect(stdout).toMatch(/^\d+\n$/)
  expect(stderr).toBe('loading\n')
})

test('a process that exits without closing leaves no environment behind', async () => {
  const { stdout } = await run(process.execPath, await script('process.exit()'))
  await eventually(async () => ENDED.test(await stateOf(stdout)))
  expect(await stateOf(stdout)).toMatch(ENDED)
})

test('an environment ends when the process that started it is killed', async () => {
  const args = (await script('')).map((text) => text.replace(/freeze: true/, 'freeze: false'))
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
  parent.kill('SIGKILL')
  await eventually(async () => ENDED.test(await stateOf(pid)))
  expect(await stateOf(pid)).toMatch(ENDED)
})

test('an environment ends with its parent also in the middle of a call', async () => {
  const file = path.join(await temporaryFolder(), 'index.mjs')
  await writeFile(file, ENDLESS)
  const source = `
    import { startLambda } from ${JSON.stringify(DIST)}
    const onLog = (line) => console.log(line)
    const lambda = await startLambda({ file: ${JSON.stringify(file)}, onLog })
    lambda.invoke({ payload: '{}', timeoutMs: 900_000 })
    setTimeout(() => console.log('running'), 100)`
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let printed = ''
  for await (const text of parent.stdout) {
    printed += String(text)
    if (printed.includes('running')) break
  }
  const pid = printed.split('\n')[0]
  expect(await stateOf(pid)).toMatch(/^[SR]/)
  parent.kill('SIGKILL')
  await eventually(async () => ENDED.test(await stateOf(pid)))
  expect(await stateOf(pid)).toMatch(ENDED)
})

test('a bundle built as for Lambda sells', async () => {
  const local = await stack()
  const lambda = await startLambda({
    file: await bundle('examples/minimal.ts'),
    bootstrap: BOOTSTRAP,
    env: {
      NVM_API_KEY: local.nvmApiKey,
      NVM_PLAN_ID: local.planId,
      NVM_BACKEND_URL: local.url,
    },
    onLog: () => undefined,
    freeze: process.platform !== 'win32',
  })
  const sell = async (token?: null) => {
    const event = local.paidEvent('Greeter___hello', { name: 'Ada' }, token)
    return (await call(lambda, event)) as InterceptorOutput
  }
  try {
    expect(challengeOf(await sell(null))?.accepts).toMatchObject([{ planId: local.planId }])
    const paid = await sell()
    expect(textOf(paid)).toBe('Hello, Ada!')
    expect(receiptOf(paid)).toMatchObject({ success: true })
    await Promise.all([sell(), sell()])
    expect(local.balance()).toBe(97n)
  } finally {
    await lambda.close()
  }
}, 30_000)

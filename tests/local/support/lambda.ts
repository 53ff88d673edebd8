import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import {
  startLambda,
  type LambdaProcess,
  type LambdaProcessOptions,
} from '../../../src/local/lambda/process.js'
import { LambdaError } from '../../../src/local/lambda/lambda.js'
import { built, run } from '../../support/built.js'

/** The compiled bootstrap, since it runs in a process without Jest. */
export const BOOTSTRAP = path.resolve('dist/local/lambda/bootstrap.js')

const folders: string[] = []
const running: LambdaProcess[] = []
beforeAll(built, 60_000)
afterAll(async () => {
  await Promise.all(running.splice(0).map((lambda) => lambda.close()))
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** Makes a folder that is removed when the test file ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-lambda-'))
  folders.push(folder)
  return folder
}

/** Writes a module into a new folder, and starts it. It is closed when the test file ends. */
export async function lambdaOf(
  source: string,
  options: Partial<LambdaProcessOptions> & { name?: string } = {},
): Promise<LambdaProcess> {
  const { name = 'index.mjs', ...rest } = options
  const file = path.join(await temporaryFolder(), name)
  await writeFile(file, source)
  const lambda = await startLambda({ file, bootstrap: BOOTSTRAP, onLog: () => undefined, ...rest })
  running.push(lambda)
  return lambda
}

/** Calls a function, and gives its answer. */
export async function call(
  lambda: LambdaProcess,
  event: unknown = {},
  timeoutMs = 10_000,
): Promise<unknown> {
  return JSON.parse(await lambda.invoke({ payload: JSON.stringify(event), timeoutMs }))
}

/** Type and message of a failure, without the id of the invocation. */
export async function failureOf(failing: Promise<unknown>): Promise<[string, string]> {
  const error: unknown = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof LambdaError)) throw new Error(`expected a LambdaError`, { cause: error })
  return [error.errorType, error.errorMessage.replace(/^RequestId: [\da-f-]{36} /, 'RequestId: * ')]
}

/** The state of a process as `ps` writes it; empty if there is no such process. */
export async function stateOf(pid: unknown): Promise<string> {
  const found = run('ps', ['-o', 'stat=', '-p', String(pid).trim()])
  return (await found.catch(() => ({ stdout: '' }))).stdout
}

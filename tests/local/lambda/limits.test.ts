import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { OptionsError } from '../../../src/index.js'
import { startLambda } from '../../../src/local/lambda/process.js'
import { call, failureOf, lambdaOf, temporaryFolder } from '../support/lambda.js'

const PID = 'export const handler = () => process.pid'
const MAX = 6 * 1024 * 1024

const ECHO = `export const handler = (event) =>
  event.length === undefined ? 'x'.repeat(event.size - 2) : event.length`

test('payloads are limited as in Lambda', async () => {
  const lambda = await lambdaOf(ECHO)
  const invoke = (payload: string) => lambda.invoke({ payload, timeoutMs: 10_000 })
  const largest = JSON.stringify('x'.repeat(MAX - 2))
  expect(await invoke(largest)).toBe(String(MAX - 2))
  expect(await failureOf(invoke(`${largest} `))).toEqual([
    'RequestEntityTooLargeException',
    'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
  ])
  expect(await failureOf(invoke('{'))).toEqual([
    'InvalidRequestContentException',
    'Could not parse request body into json',
  ])
})

test('responses are limited as in Lambda', async () => {
  const lambda = await lambdaOf(ECHO)
  expect(await call(lambda, { size: MAX + 100 })).toHaveLength(MAX + 98)
  expect(await failureOf(call(lambda, { size: MAX + 101 }))).toEqual([
    'Function.ResponseSizeTooLarge',
    'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  ])
  expect(await call(lambda, { size: 4 })).toBe('xx')
})

test('a client context too large for Lambda is refused', async () => {
  const lambda = await lambdaOf(PID)
  const invoke = (length: number) =>
    lambda.invoke({ payload: '{}', clientContext: 'x'.repeat(length), timeoutMs: 5000 })
  expect(await failureOf(invoke(3000))).toEqual([
    'InvalidParameterValueException',
    expect.stringContaining('3583'),
  ])
  expect(JSON.parse(await invoke(2600))).toBeGreaterThan(0)
})

test.each([
  ['file', { file: 'nowhere/index.mjs' }, 'there is no nowhere/index.mjs'],
  ['file', { file: 'package.json' }, 'expected a .js, .mjs or .cjs file'],
  ['file', { file: 'tests/my.handler.mjs' }, 'with no other dot'],
  ['memoryLimitMb', { memoryLimitMb: 64 }, 'expected a whole number from 128 to 10240'],
  ['initTimeoutMs', { initTimeoutMs: Infinity }, 'expected a whole number from 1 to 900000'],
  ['maxEnvironments', { maxEnvironments: 0 }, 'expected a whole number from 1 to 1000'],
])('a wrong %s is refused by name', async (option, wrong, expected) => {
  const error = await lambdaOf(PID, wrong).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(OptionsError)
  expect(error).toMatchObject({ option, message: expect.stringContaining(expected) })
})

test('a file that Lambda would pass over for another is refused', async () => {
  const folder = await temporaryFolder()
  const file = path.join(folder, 'index.mjs')
  await writeFile(file, PID)
  await writeFile(path.join(folder, 'index.js'), '')
  await expect(startLambda({ file })).rejects.toThrow('file: Lambda would load index.js beside it')
})

test.each([0, NaN, 900_001])('a timeout of %d ms is refused', async (timeoutMs) => {
  const invoking = (await lambdaOf(PID)).invoke({ payload: '{}', timeoutMs })
  await expect(invoking).rejects.toMatchObject({ option: 'timeoutMs' })
})

test('a Node that is not there cannot start', async () => {
  const [type, message] = await failureOf(lambdaOf(PID, { nodePath: '/nowhere/node' }))
  expect(type).toBe('Runtime.InvalidEntrypoint')
  expect(message).toContain('ENOENT')
})

test('any client of the Runtime API can run the handler, by its rules', async () => {
  const lambda = await lambdaOf(`throw new Error('not loaded')`, {
    bootstrap: await clientThatErrs(),
  })
  expect(await call(lambda)).toEqual({
    argument: 'index.handler',
    'GET /invocation/next': [403, 'InvalidStateTransition'],
    'POST /invocation/other/response': [400, 'InvalidRequestID'],
    'POST /invocation/other/error': [400, 'InvalidRequestID'],
    'GET /invocation/other/response': [404, 'NotFound'],
    'POST /elsewhere': [404, 'NotFound'],
  })
  expect(await failureOf(call(lambda))).toEqual(['Runtime.Odd', ''])
  expect(await failureOf(call(lambda))).toEqual(['Runtime.Unknown', ''])
})

/** Tries what a client must not do; then reports errors that say little. */
async function clientThatErrs(): Promise<string> {
  const file = path.join(await temporaryFolder(), 'bootstrap.mjs')
  await writeFile(
    file,
    `const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime'
    const ask = (method, route, body, headers) => fetch(base + route, { method, body, headers })
    const next = async () => (await ask('GET', '/invocation/next')).headers.get('lambda-runtime-aws-request-id')
    const first = await next()
    const found = { argument: process.argv[2] }
    for (const [method, route] of [
      ['GET', '/invocation/next'],
      ['POST', '/invocation/other/response'],
      ['POST', '/invocation/other/error'],
      ['GET', '/invocation/other/response'],
      ['POST', '/elsewhere'],
    ]) {
      const answer = await ask(method, route)
      found[method + ' ' + route] = [answer.status, (await answer.json()).errorType.split(' ')[0]]
    }
    await ask('POST', '/invocation/' + first + '/response', JSON.stringify(found))
    await ask('POST', '/invocation/' + (await next()) + '/error', 'no JSON', { 'Lambda-Runtime-Function-Error-Type': 'Runtime.Odd' })
    await ask('POST', '/invocation/' + (await next()) + '/error', '{"errorType":1}')
    await next()`,
  )
  return file
}

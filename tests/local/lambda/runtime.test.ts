import { expect, test } from '@jest/globals'
import { call, failureOf, lambdaOf } from '../support/lambda.js'

/** One function that does what its event says. */
const ACTIONS = `
  const actions = {
    pid: () => process.pid,
    throw: () => { throw new TypeError('no such city') },
    throwText: () => { throw 'a text' },
    named: () => { throw Object.assign(new Error('over quota'), { name: 'Quota Errör' }) },
    circular: () => { const it = {}; it.it = it; return it },
    bigint: () => 1n,
    code: () => () => 1,
    exit: () => process.exit(3),
    exitQuietly: () => process.exit(0),
    crash: () => process.abort(),
    never: () => new Promise(() => {}),
    stray: () => { Promise.reject(new Error('stray')); return new Promise((done) => setTimeout(done, 2000)) },
    hang: () => { for (;;); },
  }
  export const handler = async ({ action }) => actions[action]()
`

test('an ES module may await at its top level', async () => {
  const lambda = await lambdaOf(`
    const loaded = await new Promise((resolve) => setTimeout(resolve, 1, 'loaded'))
    export const handler = (event) => ({ event, loaded })`)
  expect(await call(lambda, { city: 'Rome ☀' })).toEqual({
    event: { city: 'Rome ☀' },
    loaded: 'loaded',
  })
  expect(lambda.initMs).toBeGreaterThan(0)
})

test.each([
  ['index.cjs', 'exports.handler = async (event) => event.x', undefined],
  ['index.js', 'exports.handler = async (event) => event.x', undefined],
  // An export that Node does not see without running the module.
  ['index.cjs', `module.exports = { ['run' + 1]: (event) => event.x }`, 'run1'],
  ['index.mjs', 'export const tools = { find: async (event) => event.x }', 'tools.find'],
])('%s runs: %s', async (name, source, handler) => {
  const lambda = await lambdaOf(source, { name, ...(handler && { handler }) })
  expect(await call(lambda, { x: 42 })).toBe(42)
})

test('no answer is null', async () => {
  expect(await call(await lambdaOf('export const handler = () => undefined'))).toBe(null)
  expect(await call(await lambdaOf('export const handler = () => null'))).toBe(null)
})

const EXIT = 'RequestId: * Error: Runtime exited'
const UNJSON = ['Runtime.JSONStringifyError', 'Unable to stringify response body']

test.each([
  ['throw', ['TypeError', 'no such city'], true],
  ['throwText', ['string', 'a text'], true],
  ['named', ['Quota Errör', 'over quota'], true],
  ['circular', UNJSON, true],
  ['bigint', UNJSON, true],
  ['code', UNJSON, true],
  ['exit', ['Runtime.ExitError', `${EXIT} with error: exit status 3`], false],
  ['exitQuietly', ['Runtime.ExitError', `${EXIT} without providing a reason`], false],
  ['crash', ['Runtime.ExitError', `${EXIT} with error: signal: aborted`], false],
  ['never', ['Runtime.ExitError', `${EXIT} without providing a reason`], false],
  ['stray', ['Runtime.ExitError', `${EXIT} with error: exit status 1`], false],
])('a function that does "%s" fails as %j, and answers again after', async (action, how, same) => {
  const lambda = await lambdaOf(ACTIONS)
  const pid = await call(lambda, { action: 'pid' })
  expect(await failureOf(call(lambda, { action }))).toEqual(how)
  expect((await call(lambda, { action: 'pid' })) === pid).toBe(same)
})

test.each(['hang', 'never, with a timer'])(
  'a function that does "%s" times out',
  async (action) => {
    const lambda = await lambdaOf(
      ACTIONS.replace(
        'never:',
        `'never, with a timer':
    () => new Promise(() => setInterval(() => {}, 1000)), never:`,
      ),
    )
    const pid = await call(lambda, { action: 'pid' })
    expect(await failureOf(call(lambda, { action }, 250))).toEqual([
      'Sandbox.Timedout',
      'RequestId: * Error: Task timed out after 0.25 seconds',
    ])
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
    expect(await call(lambda, { action: 'pid' })).not.toBe(pid)
  },
)

test.each([
  ['export const handler = (', 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
  ['export const other = 1', 'Runtime.HandlerNotFound', /^index.handler is undefined or not exp/],
  ['export const handler = 1', 'Runtime.HandlerNotFound', /^index.handler is not a function$/],
  [
    'export const handler = async (event, context, callback) => callback()',
    'Runtime.CallbackHandlerDeprecated',
    /^index.handler takes a callback .* Node.js 24: return a promise/,
  ],
  [`require('nowhere')`, 'Runtime.ImportModuleError', /^Error: Cannot find module 'nowhere'/],
  // What Lambda says of it too.
  [`import 'nowhere'`, 'Error', /^Cannot find package 'nowhere'/],
  [`throw new RangeError('no key')`, 'RangeError', /^no key$/],
  ['process.exit(7)', 'Runtime.ExitError', /^Runtime exited with error: exit status 7$/],
  [
    'await new Promise((resolve) => setTimeout(resolve, 60_000))',
    'Sandbox.Timedout',
    /^Init timed out after 0.40 seconds$/,
  ],
])('the module «%s» fails to start as %s', async (source, errorType, message) => {
  const name = source.startsWith('require') ? 'index.cjs' : 'index.mjs'
  const initTimeoutMs = errorType === 'Sandbox.Timedout' ? 400 : 10_000
  const [type, text] = await failureOf(lambdaOf(source, { name, initTimeoutMs }))
  expect(type).toBe(errorType)
  expect(text).toMatch(message)
})

test('an export with more than one name missing is not found', async () => {
  const starting = lambdaOf('export const a = 1', { handler: 'b.c.d' })
  expect(await failureOf(starting)).toEqual([
    'Runtime.HandlerNotFound',
    'index.b.c.d is undefined or not exported',
  ])
})

const TELL = `export const handler = (event, context) => ({
  context,
  left: context.getRemainingTimeInMillis(),
  trace: process.env._X_AMZN_TRACE_ID,
})`

interface Told {
  context: Record<string, unknown>
  left: number
  trace: string
}

test('the context is that of Lambda', async () => {
  const lambda = await lambdaOf(TELL, {
    functionName: 'greeter',
    memoryLimitMb: 256,
    env: { AWS_REGION: 'eu-west-1' },
  })
  const { context, left, trace } = (await call(lambda, {}, 7000)) as Told
  expect(context).toEqual({
    awsRequestId: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'greeter',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:greeter',
    logGroupName: '/aws/lambda/greeter',
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][\da-f]{32}$/),
    memoryLimitInMB: '256',
    xRayTraceId: trace,
  })
  expect(left).toBeGreaterThan(5000)
  expect(left).toBeLessThanOrEqual(7000)
  expect(trace).toMatch(/^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0$/)

  const again = (await call(lambda)) as Told
  expect(again.context['awsRequestId']).not.toBe(context['awsRequestId'])
  expect(again.trace).not.toBe(trace)
})

test('the client context arrives as it was given, whatever its letters', async () => {
  const lambda = await lambdaOf(TELL)
  const clientContext = {
    custom: { bedrockAgentCoreToolName: 'T___zażółć', list: ['€', '\u007f', '🙂'] },
  }
  const answer = await lambda.invoke({ payload: '{}', clientContext, timeoutMs: 5000 })
  expect((JSON.parse(answer) as Told).context['clientContext']).toEqual(clientContext)
  expect(((await call(lambda)) as Told).context).not.toHaveProperty('clientContext')
})

test('a function sees its own environment and none of ours', async () => {
  process.env['OUR_SECRET'] = 'hidden'
  const lambda = await lambdaOf('export const handler = () => process.env', {
    env: { NVM_PLAN_ID: '1', _HANDLER: 'other', TZ: 'Europe/Rome' },
  })
  delete process.env['OUR_SECRET']
  const env = (await call(lambda)) as Record<string, string>
  delete env['NODE_V8_COVERAGE'] // which Node hands on by itself
  expect(Object.keys(env).sort()).toEqual([
    'AWS_DEFAULT_REGION',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'AWS_LAMBDA_FUNCTION_VERSION',
    'AWS_LAMBDA_INITIALIZATION_TYPE',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'AWS_LAMBDA_RUNTIME_API',
    'AWS_REGION',
    'LAMBDA_TASK_ROOT',
    'LANG',
    'NODE_PATH',
    'NVM_PLAN_ID',
    'PATH',
    'TZ',
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
  ])
  expect(env).toMatchObject({
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0] ?? ''}.x`,
    AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    NVM_PLAN_ID: '1',
    TZ: 'Europe/Rome',
    _HANDLER: 'index.handler',
  })
})

test('the heap is held to the memory limit', async () => {
  const source = `import v8 from 'node:v8'
    export const handler = () => v8.getHeapStatistics().heap_size_limit`
  const small = Number(await call(await lambdaOf(source)))
  const large = Number(await call(await lambdaOf(source, { memoryLimitMb: 1024 })))
  expect(large - small).toBeGreaterThan(700 * 1024 * 1024)
})

test('what a function writes is captured by the line, errors with their stack', async () => {
  const lines: string[] = []
  const lambda = await lambdaOf(
    `console.log('loading')
    export const handler = () => {
      console.log('one\\ntwo')
      process.stderr.write('a warning\\n')
      throw Object.assign(new Error('failed'), { token: 'secret-token' })
    }`,
    { onLog: (line) => lines.push(line) },
  )
  await failureOf(call(lambda))
  await lambda.close()
  expect(lines).toEqual(expect.arrayContaining(['loading', 'one', 'two', 'a warning']))
  expect(lines).toContain('Invoke Error Error: failed')
  expect(lines.join('\n')).toMatch(/at .*handler .*index\.mjs:5/)
  expect(lines.join('\n')).not.toContain('secret-token')
})

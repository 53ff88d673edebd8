// The entry point of the process that runs a Lambda function. It is a client of Lambda's Runtime API. It loads
// the module and reports errors as AWS's runtime for Node.js 24 does, without its log format and streaming.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
import { existsSync } from 'node:fs'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

type Handler = (event: unknown, context: Record<string, unknown>) => unknown

const { env } = process
const BASE = `http://${env['AWS_LAMBDA_RUNTIME_API'] ?? ''}/2018-06-01/runtime`
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
/** How often the process looks whether its parent is still there. Unit: ms. */
const PARENT_CHECK_MS = 500

// Nothing waits for `main` at top level. So a handler that never settles ends the process if nothing is left
// to do.
void main()

async function main(): Promise<void> {
  endWithParent()
  env['AWS_EXECUTION_ENV'] = `AWS_Lambda_nodejs${process.versions.node.split('.')[0] ?? ''}.x`
  const handler = await load().catch(async (error: unknown) => {
    await fail('Init Error', '/init/error', error)
    process.exit(1)
  })
  for (;;) await serveOne(handler)
}

/**
 * Ends this process when its parent has died, which shows in another parent id. A runtime that waits for an
 * invocation also sees that its API is gone. But a handler could run for ever.
 */
function endWithParent(): void {
  const parent = process.ppid
  const check = () => {
    if (process.ppid !== parent) process.exit(0)
  }
  setInterval(check, PARENT_CHECK_MS).unref()
}

async function serveOne(handler: Handler): Promise<void> {
  const { headers, body } = await call('GET', '/invocation/next')
  const requestId = encodeURIComponent(String(headers['lambda-runtime-aws-request-id']))
  try {
    const result = await handler(JSON.parse(body), contextOf(headers))
    const { status } = await call('POST', `/invocation/${requestId}/response`, toJson(result))
    if (status !== 202) console.error(`The response was refused with HTTP status ${status}`)
  } catch (error) {
    await fail('Invoke Error', `/invocation/${requestId}/error`, error)
  }
}

/** An error of the runtime itself, under the name that Lambda gives it. */
class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = `Runtime.${name}`
  }
}

async function load(): Promise<Handler> {
  const setting = env['_HANDLER'] ?? ''
  const [moduleName = '', ...names] = setting.split('.')
  const module = await importModule(moduleName)
  // Node does not find every export of a CommonJS module. All of them are on its default export.
  const handler = exported(module, names) ?? exported(module, ['default', ...names])
  if (handler === undefined || handler === null) {
    throw new RuntimeError('HandlerNotFound', `${setting} is undefined or not exported`)
  }
  if (typeof handler !== 'function') {
    throw new RuntimeError('HandlerNotFound', `${setting} is not a function`)
  }
  if (handler.length > 2) {
    const message = `${setting} takes a callback as its third parameter, which Lambda no longer supports as of Node.js 24: return a promise. See https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html`
    throw new RuntimeError('CallbackHandlerDeprecated', message)
  }
  return handler as Handler
}

async function importModule(moduleName: string): Promise<unknown> {
  const root = path.resolve(env['LAMBDA_TASK_ROOT'] ?? '', moduleName)
  const file = ['.js', '.mjs', '.cjs'].map((ending) => root + ending).find((it) => existsSync(it))
  try {
    if (file === undefined) throw notFound(moduleName)
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error))
    // `require` fails with this code. In Lambda, the error of an ESM `import` keeps its own type, which is Error.
    const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
    throw missing ? new RuntimeError('ImportModuleError', String(error)) : error
  }
}

function notFound(moduleName: string): Error {
  return Object.assign(new Error(`Cannot find module '${moduleName}'`), {
    code: 'MODULE_NOT_FOUND',
  })
}

function exported(module: unknown, names: string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
    module,
  )
}

function contextOf(headers: IncomingHttpHeaders): Record<string, unknown> {
  const header = (name: string) => headers[`lambda-runtime-${name}`] as string | undefined
  const parsed = (text: string | undefined) => text && (JSON.parse(text) as unknown)
  const trace = header('trace-id')
  if (trace === undefined) delete env['_X_AMZN_TRACE_ID']
  else env['_X_AMZN_TRACE_ID'] = trace
  return {
    awsRequestId: header('aws-request-id'),
    callbackWaitsForEmptyEventLoop: true, // Lambda sets it up to Node.js 22.
    clientContext: parsed(header('client-context')),
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    identity: parsed(header('cognito-identity')),
    invokedFunctionArn: header('invoked-function-arn'),
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    xRayTraceId: trace,
    getRemainingTimeInMillis: () => Number(header('deadline-ms')) - Date.now(),
  }
}

function toJson(result: unknown): string {
  let json: unknown
  try {
    json = JSON.stringify(result ?? null)
  } catch {
    json = undefined
  }
  if (typeof json === 'string') return json
  throw new RuntimeError('JSONStringifyError', 'Unable to stringify response body')
}

async function fail(when: string, route: string, thrown: unknown): Promise<void> {
  const isError = thrown instanceof Error
  const errorType = isError ? thrown.name : typeof thrown
  const errorMessage = isError ? thrown.message : String(thrown)
  const stack = isError ? (thrown.stack ?? '') : ''
  // The error itself is not logged: it can have properties that do not belong into a log.
  console.error(`${when} ${stack || `${errorType}: ${errorMessage}`}`)
  const trace = stack.split('\n')
  await call('POST', route, JSON.stringify({ errorType, errorMessage, trace }), {
    'Lambda-Runtime-Function-Error-Type': /^[\w.]+$/.test(errorType) ? errorType : 'Error',
  })
}

interface Answer {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** Calls the Runtime API. If the API is gone, there is nobody left to work for, and the process ends. */
function call(
  method: string,
  route: string,
  body?: string,
  more?: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve) => {
    const gone = () => process.exit(0)
    const headers = { ...more, 'Content-Type': 'application/json' }
    const sent = request(BASE + route, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', gone)
      response.once('end', () => {
        const { statusCode: status, headers: received } = response
        resolve({ status, headers: received, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.once('error', gone).end(body)
  })
}

import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'

/** Any Lambda handler. It runs in this process, and gets a copy of its event, as from the real service. */
export type LambdaHandler = (event: unknown, context: Context) => unknown

/** One synchronous invocation. */
export interface LambdaInvocation {
  /** The event, as JSON text. */
  payload: string
  /**
   * The `context.clientContext` of the function.
   *
   * @default none
   */
  clientContext?: unknown
  /** How long the function may take. Unit: ms. */
  timeoutMs: number
}

/** A function that runs elsewhere, e.g. in a child process. */
export interface LambdaFunction {
  /**
   * Invokes the function once, and waits for its answer.
   *
   * @returns the function's answer, as JSON text.
   * @throws LambdaError if the function fails or takes too long.
   */
  invoke(invocation: LambdaInvocation): Promise<string>
}

/** A function that the local Gateway can invoke: a handler in this process, or a function elsewhere. */
export type Lambda = LambdaHandler | LambdaFunction

/**
 * Why an invocation failed, in Lambda's own terms. The message is the function's own. It may hold what
 * callers must not see.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export class LambdaError extends Error {
  override readonly name = 'LambdaError'
  /**
   * The type of the error, e.g. `TypeError`, `Runtime.ImportModuleError`, `Sandbox.Timedout` or
   * `Function.ResponseSizeTooLarge`.
   */
  readonly errorType: string
  /** The message of the error that the function threw, or what the service says. */
  readonly errorMessage: string

  constructor(errorType: string, errorMessage: string, options?: ErrorOptions) {
    super(errorMessage, options)
    this.errorType = errorType
    this.errorMessage = errorMessage
  }
}

/**
 * The most that an event or an answer of a synchronous invocation may have. Unit: bytes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_LAMBDA_PAYLOAD_BYTES = 6 * 1024 * 1024

/** Whether a handler takes the callback of the first Node runtimes. Lambda refuses to run such a handler. */
export function wantsCallback(lambda: Lambda): boolean {
  return typeof lambda === 'function' && lambda.length > 2
}

/** Invokes a function as the service does, with the limits of event and answer, and with the timeout. */
export async function invokeLambda(lambda: Lambda, invocation: LambdaInvocation): Promise<string> {
  const { payload, timeoutMs } = invocation
  if (Buffer.byteLength(payload) > MAX_LAMBDA_PAYLOAD_BYTES) {
    throw new LambdaError(
      'RequestTooLargeException',
      `Request must be smaller than ${MAX_LAMBDA_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
    )
  }
  const running = typeof lambda === 'function' ? run(lambda, invocation) : lambda.invoke(invocation)
  const answer = await within(timeoutMs, running)
  if (Buffer.byteLength(answer) > MAX_LAMBDA_PAYLOAD_BYTES) {
    throw new LambdaError(
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${MAX_LAMBDA_PAYLOAD_BYTES} bytes).`,
    )
  }
  return answer
}

/** Makes a Lambda context. Its remaining time begins with `timeoutMs`, and falls. */
export function localContext(timeoutMs = 30_000, clientContext?: unknown): Context {
  const endsAt = Date.now() + timeoutMs
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:local',
    logGroupName: '/aws/lambda/local',
    logStreamName: 'local',
    memoryLimitInMB: '128',
    ...(clientContext !== undefined && { clientContext }),
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
  } as Context // It lacks the callbacks of the first Node runtime.
}

async function run(
  handler: LambdaHandler,
  { payload, clientContext, timeoutMs }: LambdaInvocation,
): Promise<string> {
  let result: unknown
  try {
    // The event goes through text, as over the network. Nothing is shared with the caller.
    result = await handler(JSON.parse(payload), localContext(timeoutMs, copy(clientContext)))
  } catch (error) {
    throw error instanceof Error
      ? new LambdaError(error.name, error.message, { cause: error })
      : new LambdaError('Error', String(error))
  }
  return stringify(result)
}

function copy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify([result]).slice(1, -1) // In a list, `undefined` becomes `null`.
  } catch (error) {
    throw new LambdaError('Runtime.MarshalError', 'Unable to stringify response body', {
      cause: error,
    })
  }
}

/**
 * Waits for a handler until the time is up. A handler in this process cannot be stopped. It goes on, and
 * nobody waits for it.
 */
async function within<T>(timeoutMs: number, running: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<never>((_, reject) => {
    const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
    timer = setTimeout(() => reject(new LambdaError('Sandbox.Timedout', message)), timeoutMs)
  })
  try {
    return await Promise.race([running, timeUp])
  } finally {
    clearTimeout(timer)
  }
}

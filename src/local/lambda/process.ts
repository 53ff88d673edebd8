import { inCall } from '../../errors/in-call.js'
import { OptionsError } from '../../errors/payment-error.js'
import { LambdaPool } from './pool.js'
import { toSettings, type LambdaProcessOptions } from './settings.js'
import { LambdaError, type LambdaFunction, type LambdaInvocation } from './lambda.js'
import { MAX_PAYLOAD_BYTES } from './runtime-api.js'

export type { LambdaProcessOptions } from './settings.js'

/** A Lambda function that runs in processes of its own. */
export interface LambdaProcess extends LambdaFunction {
  /** From starting Node to the module loaded, of the first environment. Unit: ms. */
  initMs: number
  /** Ends its processes, and fails what they still run. */
  close(): Promise<void>
}

/**
 * Starts a Lambda in a child process behind a Runtime API on loopback, with the environment, context, limits
 * and errors it has in AWS; response streaming is not supported. Resolves when the module is loaded.
 *
 * One process runs one invocation at a time. Parallel invocations start further ones, which are kept and
 * reused; one whose invocation timed out is killed.
 *
 * @example
 * const lambda = await startLambda({ file: 'bundle/handler.mjs', env: { NVM_API_KEY: local.nvmApiKey } })
 * const output = await lambda.invoke({ payload: JSON.stringify(event), timeoutMs: 30_000 })
 * await lambda.close()
 * @throws OptionsError if an option is wrong; LambdaError if the module cannot be loaded.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export async function startLambda(options: LambdaProcessOptions): Promise<LambdaProcess> {
  const pool = new LambdaPool(
    inCall('startLambda', { ...options, options }, () => toSettings(options)),
  )
  const startedAt = performance.now()
  try {
    await pool.warm()
  } catch (error) {
    await pool.close()
    throw error
  }
  const initMs = performance.now() - startedAt
  return {
    initMs,
    close: () => pool.close(),
    async invoke(invocation) {
      checkInvocation(invocation)
      return pool.invoke(invocation)
    },
  }
}

/** What the Invoke API refuses before any function runs. */
function checkInvocation({ payload, clientContext, timeoutMs }: LambdaInvocation): void {
  if (!(timeoutMs >= 1 && timeoutMs <= 900_000)) {
    throw new OptionsError('timeoutMs', 'expected milliseconds from 1 to 900000')
  }
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    const message = `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`
    throw new LambdaError('RequestEntityTooLargeException', message)
  }
  // The API takes it in base64.
  const contextBytes = Buffer.byteLength(JSON.stringify(clientContext ?? null))
  if (4 * Math.ceil(contextBytes / 3) > MAX_CLIENT_CONTEXT_BYTES) {
    const message = `The client context must have at most ${MAX_CLIENT_CONTEXT_BYTES} bytes in base64`
    throw new LambdaError('InvalidParameterValueException', message)
  }
  try {
    JSON.parse(payload)
  } catch {
    const message = 'Could not parse request body into json'
    throw new LambdaError('InvalidRequestContentException', message)
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax */
const MAX_CLIENT_CONTEXT_BYTES = 3583

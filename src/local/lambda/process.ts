import { inCall } from '../../errors/in-call.js'
import { OptionsError } from '../../errors/payment-error.js'
import { LambdaPool } from './pool.js'
import { toSettings, type LambdaProcessOptions } from './settings.js'
import { LambdaError, type LambdaFunction, type LambdaInvocation } from './lambda.js'
import { MAX_PAYLOAD_BYTES } from './runtime-api.js'

export type { LambdaProcessOptions } from './settings.js'

/** A Lambda function that runs in processes of its own. */
export interface LambdaProcess extends LambdaFunction {
  /** How long the first environment took to start Node and to load the module. Unit: ms. */
  initMs: number
  /** Ends the processes. Invocations that are under way fail. */
  close(): Promise<void>
}

/**
 * Starts a Lambda in a child process behind a Runtime API on loopback. It has the environment, context,
 * limits and errors that it has in AWS. Response streaming is not supported. It resolves when the module is
 * loaded.
 *
 * One process runs one invocation at a time. Parallel invocations start further processes, which are kept and
 * used again. If an invocation times out, its process is killed.
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

/** Makes the checks of the Invoke API, which come before any function runs. */
function checkInvocation({ payload, clientContext, timeoutMs }: LambdaInvocation): void {
  if (!(timeoutMs >= 1 && timeoutMs <= 900_000)) {
    throw new OptionsError('timeoutMs', 'expected milliseconds from 1 to 900000')
  }
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    const message = `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`
    throw new LambdaError('RequestEntityTooLargeException', message)
  }
  // The API takes the context in base64.
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

/**
 * The most that a client context may have. Unit: bytes of its base64.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax
 */
const MAX_CLIENT_CONTEXT_BYTES = 3583

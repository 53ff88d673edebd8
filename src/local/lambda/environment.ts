import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LambdaSettings } from './settings.js'
import { LambdaError, type LambdaFunction, type LambdaInvocation } from './lambda.js'
import { startRuntimeApi, type RuntimeApi } from './runtime-api.js'

/** How long an idle process may take to end, and how long its last output may take to arrive. Unit: ms. */
const GRACE_MS = 1000

/** An execution environment: one process, which runs one invocation at a time. */
export class LambdaEnvironment implements LambdaFunction {
  readonly #settings: LambdaSettings
  readonly #api: RuntimeApi
  readonly #child: ChildProcess
  /**
   * Settles when the module is loaded.
   *
   * @throws LambdaError if it cannot be loaded.
   */
  readonly ready: Promise<void>
  /** Resolves when the process has ended, with the reason. */
  readonly ended: Promise<Ending>
  #idle = false

  static async start(settings: LambdaSettings): Promise<LambdaEnvironment> {
    return new LambdaEnvironment(settings, await startRuntimeApi())
  }

  private constructor(settings: LambdaSettings, api: RuntimeApi) {
    this.#settings = settings
    this.#api = api
    this.#child = startProcess(settings, api)
    this.ended = ending(this.#child).finally(() => api.close())
    this.ready = this.#init()
    this.ready.catch(() => undefined) // Whoever awaits it hears of it.
  }

  async #init(): Promise<void> {
    const loaded = this.#api.ready.then(() => this.#rest())
    try {
      await this.#until(loaded, this.#settings.initTimeoutMs)
    } catch (error) {
      await this.#end()
      throw error
    }
  }

  invoke(invocation: LambdaInvocation): Promise<string> {
    this.#idle = false
    if (this.#settings.freeze) this.#child.kill('SIGCONT')
    const requestId = randomUUID()
    const { payload, timeoutMs } = invocation
    const headers = invocationHeaders(invocation, this.#settings)
    const answer = this.#api.deliver({ requestId, headers, payload }).finally(() => this.#rest())
    return this.#until(answer, timeoutMs, requestId)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Lets an idle process end by itself. A busy process is killed. */
  close(): Promise<void> {
    if (!this.#idle) this.kill()
    return this.#end()
  }

  /** Waits for the runtime until it has answered, the process has ended, or the time is up. */
  async #until<T>(work: Promise<T>, timeoutMs: number, requestId?: string): Promise<T> {
    let late: LambdaError | undefined
    const timer = setTimeout(() => {
      late = timedOut(timeoutMs, requestId)
      this.kill()
    }, timeoutMs)
    const failed = this.ended.then(({ errorType, reason }): never => {
      throw late ?? new LambdaError(errorType, withId(reason, requestId))
    })
    try {
      return await Promise.race([work, failed])
    } finally {
      clearTimeout(timer)
    }
  }

  #rest(): void {
    this.#idle = true
    if (this.#settings.freeze) this.#child.kill('SIGSTOP')
  }

  async #end(): Promise<void> {
    this.#api.close() // A runtime that waits sees this, and ends.
    if (this.#settings.freeze) this.#child.kill('SIGCONT')
    const timer = setTimeout(() => this.kill(), GRACE_MS)
    await this.ended
    clearTimeout(timer)
    await lastOutput(this.#child)
  }
}

function startProcess({ command, args, taskRoot, env, onLog }: LambdaSettings, api: RuntimeApi) {
  const stream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${hex(16)}`
  const output = onLog === undefined ? 2 : 'pipe'
  const child = spawn(command, args, {
    cwd: taskRoot,
    env: { ...env, AWS_LAMBDA_LOG_STREAM_NAME: stream, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', output, output],
    windowsHide: true,
  })
  if (onLog !== undefined) {
    for (const input of [child.stdout, child.stderr]) {
      if (input !== null) createInterface({ input }).on('line', onLog)
    }
  }
  return child
}

interface Ending {
  errorType: string
  reason: string
}

/** Signals, by the words that Lambda has for them. */
const SIGNALS: Record<string, string> = { SIGKILL: 'killed', SIGABRT: 'aborted' }

/** Why the process ended, in Lambda's words. */
function ending(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message: reason }) =>
      resolve({ errorType: 'Runtime.InvalidEntrypoint', reason }),
    )
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`
      const reason =
        code === 0
          ? 'Runtime exited without providing a reason'
          : `Runtime exited with error: ${how}`
      resolve({ errorType: 'Runtime.ExitError', reason })
    })
  })
}

/**
 * Waits for the last output of a process. It can arrive after the end of the process. It may never arrive, if
 * a child of that process keeps the pipe open.
 */
async function lastOutput(child: ChildProcess): Promise<void> {
  const open = [child.stdout, child.stderr].flatMap((stream) =>
    stream?.closed === false ? [stream] : [],
  )
  const closed = Promise.all(open.map((stream) => once(stream, 'close')))
  const patience = new AbortController()
  await Promise.race([closed, sleep(GRACE_MS, undefined, { signal: patience.signal })])
  patience.abort()
  for (const stream of open) stream.destroy()
}

function timedOut(timeoutMs: number, requestId: string | undefined): LambdaError {
  const what = requestId === undefined ? 'Init' : 'Task'
  const reason = `${what} timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
  return new LambdaError('Sandbox.Timedout', withId(reason, requestId))
}

function withId(reason: string, requestId: string | undefined): string {
  return requestId === undefined ? reason : `RequestId: ${requestId} Error: ${reason}`
}

/**
 * The headers of an invocation.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next
 */
function invocationHeaders(
  { timeoutMs, clientContext }: LambdaInvocation,
  { invokedFunctionArn }: LambdaSettings,
): Record<string, string> {
  const root = `1-${Math.floor(Date.now() / 1000).toString(16)}-${hex(12)}`
  return {
    'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeoutMs),
    'Lambda-Runtime-Invoked-Function-Arn': invokedFunctionArn,
    'Lambda-Runtime-Trace-Id': `Root=${root};Parent=${hex(8)};Sampled=0`,
    ...(clientContext !== undefined && {
      'Lambda-Runtime-Client-Context': asciiJson(clientContext),
    }),
  }
}

/** Writes JSON in ASCII, so that a header can hold it. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

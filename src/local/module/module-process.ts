import { AsyncResource } from 'node:async_hooks'
import { fork, type ChildProcess } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { fileURLToPath } from 'node:url'
import type { Context } from 'aws-lambda'
import { claimRequest } from '../http/journal.js'
import { Unusable } from './load-failure.js'
import type { LoadedFile } from './loaded-files.js'
import type { CallMessage, ModuleMessage } from './messages.js'
import { fromJson, fromSent } from './sent-error.js'

export interface ModuleProcessOptions {
  /** The module. It exports `handler`. */
  file: string
  /** Options of Node, e.g. to load a loader. */
  execArgv: readonly string[]
  /** Whether the parent hears what sellers in it log, and what happens to their payments. */
  isFollowed: boolean
  /** Where its standard output goes: to that of this process, or to its standard error. */
  output: 'stdout' | 'stderr'
  /**
   * How long the module may take to load. Unit: ms.
   *
   * @default 30 000
   */
  maxLoadMs?: number
  /** Hears of each file that the module, or what it imports, is loaded from. */
  onFile: (loaded: LoadedFile) => void
}

/** What waits for the answer of a call. */
interface Waiting {
  /** Does something as a part of the call. */
  within: (task: () => void) => void
  resolve: (json: string) => void
  reject: (error: unknown) => void
}

type Question = Omit<CallMessage, 'id' | 'event'> & { readonly event: unknown }

const MAX_LOAD_MS = 30_000
/** How long a price may take, which may be looked up. Unit: ms. */
const MAX_PRICE_MS = 30_000
/** How long a process that was replaced may go on with its calls. Unit: ms. */
const RETIRE_MS = 60_000

/** A process of its own that runs a module of the user. It serves many calls at once, as this process would. */
export class ModuleProcess {
  /** What the module exports as `tools`. */
  tools: unknown
  /** Resolves when the process has ended. */
  readonly ended: Promise<string>
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0
  #isRetired = false

  /**
   * Starts a process, and loads the module in it.
   *
   * @throws what the module throws, or an Error if the process ends before.
   */
  static async start(options: ModuleProcessOptions): Promise<ModuleProcess> {
    const started = new ModuleProcess(options)
    try {
      started.tools = await started.#loaded(options)
      return started
    } catch (error) {
      started.kill()
      throw error
    }
  }

  private constructor({ file, execArgv, isFollowed, output }: ModuleProcessOptions) {
    const script = fileURLToPath(new URL('./child.js', import.meta.url))
    this.#child = fork(script, [file, ...(isFollowed ? ['followed'] : [])], {
      execArgv: [...execArgv],
      stdio: ['ignore', output === 'stdout' ? 1 : 2, 2, 'ipc'],
    })
    const kill = (): void => this.kill()
    process.once('exit', kill)
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
      this.#child.once('error', ({ message }) => resolve(message))
    })
    void this.ended.then((how) => {
      process.off('exit', kill)
      for (const { reject } of this.#waiting.values()) reject(endedError(how))
    })
  }

  #loaded({ onFile, maxLoadMs = MAX_LOAD_MS }: ModuleProcessOptions): Promise<unknown> {
    const late = AbortSignal.timeout(maxLoadMs)
    return new Promise((resolve, reject) => {
      const tooLong = new Unusable(`it was not loaded within ${maxLoadMs / 1_000} s`)
      late.addEventListener('abort', () => reject(tooLong))
      void this.ended.then((how) => reject(endedError(how)))
      this.#child.on('message', (message: ModuleMessage) => {
        if (message.kind === 'loaded') resolve(message.tools ?? undefined)
        else if (message.kind === 'failed') reject(fromSent(message.error))
        else if (message.kind === 'file') onFile(message)
        else this.#hear(message)
      })
    })
  }

  #hear(message: Extract<ModuleMessage, { id: number }>): void {
    const waiting = this.#waiting.get(message.id)
    switch (message.kind) {
      case 'published':
        return waiting?.within(() => channel(message.channel).publish(fromJson(message.json)))
      case 'asked':
        return waiting?.within(() => void claimRequest(message.requestId))
      case 'answered':
        waiting?.resolve(message.json)
        break
      case 'threw':
        waiting?.reject(fromSent(message.error))
    }
    this.#waiting.delete(message.id)
    this.#endIfDone()
  }

  /**
   * Calls the handler. If it takes longer than it may, the process is killed, as Lambda does.
   *
   * @throws what the handler throws, or an Error if the process ends meanwhile.
   */
  async invoke(event: unknown, context: Context): Promise<unknown> {
    const remainingMs = context.getRemainingTimeInMillis()
    return this.#ask({ wants: 'answer', event, context: { ...context }, remainingMs })
  }

  /** Asks for prices. The handler is not called. @throws what the seller throws, e.g. because a plan is unknown. */
  async ask(wants: 'prices' | 'price', event: unknown): Promise<unknown> {
    return this.#ask({ wants, event, context: {}, remainingMs: MAX_PRICE_MS })
  }

  async #ask({ event, ...call }: Question): Promise<unknown> {
    const id = (this.#calls += 1)
    const late = setTimeout(() => this.kill(), call.remainingMs)
    try {
      const json = await new Promise<string>((resolve, reject) => {
        const within = AsyncResource.bind((task: () => void) => task())
        this.#waiting.set(id, { within, resolve, reject })
        const message: CallMessage = { id, event: JSON.stringify(event ?? null), ...call }
        // A process that has ended takes no message.
        this.#child.send(message, (error) => error && reject(error))
      })
      return JSON.parse(json)
    } finally {
      clearTimeout(late)
    }
  }

  /** Ends the process when its calls are answered. */
  retire(): void {
    this.#isRetired = true
    setTimeout(() => this.kill(), RETIRE_MS).unref()
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#isRetired && this.#waiting.size === 0 && this.#child.connected)
      this.#child.disconnect()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

function endedError(how: string): Error {
  return new Unusable(`the process of the module has ended: ${how}`)
}

import path from 'node:path'
import type { Context } from 'aws-lambda'
import type { Prices } from '../../seller/prices.js'
import { PRICES } from '../../seller/with-prices.js'
import type { PaymentRequired } from '../../wire/x402.js'
import type { LambdaHandler } from '../lambda/lambda.js'
import { stampOf } from './file-stamp.js'
import { loadFailure } from './load-failure.js'
import type { LoadedFile } from './loaded-files.js'
import { ModuleProcess, type ModuleProcessOptions } from './module-process.js'
import { runnerOf } from './typescript.js'
import { userFileIn } from './user-files.js'
import { FileWatch } from './watch-files.js'

/** A module, and how it runs. */
export interface ModuleWish
  extends Pick<ModuleProcessOptions, 'isFollowed' | 'output' | 'maxLoadMs'> {
  file: string
}

/** What happens to a module after its first load. */
export interface ModuleEvents {
  /** It was loaded again. If this throws, the last good one goes on. */
  onLoaded: (tools: unknown) => void
  /** It could not be loaded again, and the last good one goes on. The text says why, in one line. */
  onFailed: (why: string) => void
  /** Its process has ended. The next call starts it again. */
  onEnded: (how: string) => void
}

/**
 * A module of the user in a process of its own. A new process is started when a file changes that the module was loaded
 * from. Modules cannot be unloaded, so nothing of before is left that way. If the new one cannot be loaded, the last
 * good one goes on.
 */
export class WatchedModule {
  /** What the module exported as `tools` at first. */
  readonly tools: unknown
  readonly #starter: Starter
  readonly #events: ModuleEvents
  #current: ModuleProcess
  #isDown = false
  #isClosed = false
  #isChanged = false
  #reloading: Promise<void> | undefined

  /**
   * Loads the module.
   *
   * @param events without them, the module is loaded again only if its process ends
   * @throws Error whose message says in one line why the module cannot be loaded.
   */
  static async load(wish: ModuleWish, events?: ModuleEvents): Promise<WatchedModule> {
    const starter = new Starter(wish)
    const first = await starter.start()
    const module = new WatchedModule(starter, first, events ?? NOBODY)
    if (events !== undefined) starter.watch(() => void module.#change())
    return module
  }

  private constructor(starter: Starter, first: ModuleProcess, events: ModuleEvents) {
    this.tools = first.tools
    this.#starter = starter
    this.#events = events
    this.#current = first
    this.#follow(first)
  }

  /** Calls the handler of the last good module. */
  readonly handler: LambdaHandler = Object.assign(
    async (event: unknown, context: Context) => {
      if (this.#isDown) await this.#change()
      return this.#current.invoke(event, context)
    },
    { [PRICES]: () => this.#prices() },
  )

  async #prices(): Promise<Prices | undefined> {
    const known = (await this.#current.ask('prices', null)) as Omit<Prices, 'priceOf'> | null
    if (known === null) return undefined
    const priceOf: Prices['priceOf'] = async (event) =>
      ((await this.#current.ask('price', event)) as PaymentRequired | 'free' | null) ?? undefined
    return { ...known, priceOf }
  }

  /** Ends the process, and watches no longer. */
  close(): void {
    this.#isClosed = true
    this.#starter.close()
    this.#current.kill()
  }

  /** Loads the module again, and once more if a file changes meanwhile. */
  #change(): Promise<void> {
    this.#isChanged = true
    this.#reloading ??= this.#reload().finally(() => (this.#reloading = undefined))
    return this.#reloading
  }

  async #reload(): Promise<void> {
    while (this.#isChanged) {
      this.#isChanged = false
      try {
        await this.#replace()
      } catch (error) {
        if (!this.#isClosed) this.#events.onFailed((error as Error).message)
      }
    }
  }

  async #replace(): Promise<void> {
    const next = await this.#starter.start()
    if (this.#isClosed) return next.kill()
    try {
      this.#events.onLoaded(next.tools)
    } catch (error) {
      next.kill()
      throw error
    }
    this.#current.retire()
    this.#current = next
    this.#isDown = false
    this.#follow(next)
  }

  #follow(started: ModuleProcess): void {
    void started.ended.then((how) => {
      if (this.#isClosed || this.#current !== started) return
      this.#isDown = true
      this.#events.onEnded(how)
    })
  }
}

const nothing = (): void => undefined
const NOBODY: ModuleEvents = { onLoaded: nothing, onFailed: nothing, onEnded: nothing }

/** Starts processes of a module, and knows which files they were loaded from. */
class Starter {
  readonly #wish: ModuleWish
  readonly #stamps = new Map<string, string>()
  #watch: FileWatch | undefined

  constructor(wish: ModuleWish) {
    const file = path.resolve(wish.file)
    this.#wish = { ...wish, file }
    this.#stamps.set(file, stampOf(file))
  }

  /** @throws Error whose message says in one line why the module cannot be loaded. */
  async start(): Promise<ModuleProcess> {
    const loaded: string[] = []
    const onFile = ({ file, stamp }: LoadedFile): void => {
      loaded.push(file)
      this.#stamps.set(file, stamp)
      this.#watch?.add(file, stamp)
    }
    try {
      const { execArgv } = runnerOf(this.#wish.file)
      return await ModuleProcess.start({ ...this.#wish, execArgv, onFile })
    } catch (error) {
      const { url } = error as { url?: unknown }
      // A module that was not found may be there soon.
      const missing = typeof url === 'string' ? userFileIn(url) : undefined
      if (missing !== undefined) onFile({ file: missing, stamp: '' })
      throw new Error(await loadFailure(error, loaded), { cause: error })
    }
  }

  watch(onChange: () => void): void {
    this.#watch = new FileWatch(onChange)
    for (const [file, stamp] of this.#stamps) this.#watch.add(file, stamp)
  }

  close(): void {
    this.#watch?.close()
  }
}

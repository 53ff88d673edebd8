import { LambdaEnvironment } from './environment.js'
import type { LambdaSettings } from './settings.js'
import { LambdaError, type LambdaFunction, type LambdaInvocation } from './lambda.js'

type Opening = LambdaEnvironment | Promise<LambdaEnvironment>

/** Keeps environments for the next invocation, and starts new ones if none is idle. */
export class LambdaPool implements LambdaFunction {
  readonly #settings: LambdaSettings
  readonly #live = new Set<LambdaEnvironment>()
  readonly #starting = new Set<Promise<LambdaEnvironment>>()
  readonly #idle = new Set<LambdaEnvironment>()
  readonly #waiting: ((environment: Opening) => void)[] = []
  #places: number
  #closed = false

  constructor(settings: LambdaSettings) {
    this.#settings = settings
    this.#places = settings.maxEnvironments
    process.once('exit', this.#killAll)
  }

  /** Starts an environment before the first invocation. */
  async warm(): Promise<void> {
    this.#giveBack(await this.#take())
  }

  async invoke(invocation: LambdaInvocation): Promise<string> {
    this.#checkOpen()
    const environment = await this.#take()
    try {
      this.#checkOpen()
      return await environment.invoke(invocation)
    } finally {
      this.#giveBack(environment)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    process.off('exit', this.#killAll)
    for (const resolve of this.#waiting.splice(0)) resolve(Promise.reject(closedError()))
    await Promise.all([...this.#live].map((environment) => environment.close()))
    await Promise.allSettled(this.#starting)
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }

  /**
   * Takes an environment: the idle one that was used last, or a new one. If no more may be started, the first
   * that becomes free.
   */
  async #take(): Promise<LambdaEnvironment> {
    const warm = [...this.#idle].at(-1)
    if (warm !== undefined) {
      this.#idle.delete(warm)
      return warm
    }
    if (this.#places > 0) return this.#open()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #giveBack(environment: LambdaEnvironment): void {
    if (!this.#live.has(environment)) return
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.add(environment)
    else next(environment)
  }

  #open(): Promise<LambdaEnvironment> {
    this.#places -= 1
    const opening = this.#start()
    this.#starting.add(opening)
    const done = () => this.#starting.delete(opening)
    opening.then(done, done)
    return opening
  }

  async #start(): Promise<LambdaEnvironment> {
    const environment = await LambdaEnvironment.start(this.#settings)
    this.#live.add(environment)
    void environment.ended.then(() => this.#forget(environment))
    if (this.#closed) environment.kill()
    await environment.ready
    return environment
  }

  #forget(environment: LambdaEnvironment): void {
    this.#live.delete(environment)
    this.#idle.delete(environment)
    this.#places += 1
    if (this.#waiting.length > 0) this.#waiting.shift()?.(this.#open())
  }

  /** Kills every process. A frozen process would outlive this one. */
  readonly #killAll = (): void => {
    for (const environment of this.#live) environment.kill()
  }
}

function closedError(): LambdaError {
  return new LambdaError('ResourceNotFoundException', 'The function was closed')
}

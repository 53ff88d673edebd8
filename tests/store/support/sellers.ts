import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Outside } from './crossing.js'
import { type Processes, startProcesses } from './processes.js'

/** How something is sold. It is plain data, so that a process can make a seller of it. */
export interface Shop {
  door: 'decorator' | 'interceptor'
  flow: 'authorization' | 'overlap' | 'upfront'
  price: 'credits' | 'money'
  /**
   * Whether the work fails.
   *
   * @default false
   */
  isFailing?: boolean
  outside: Outside
  table: string
  secret: string
  nvmApiKey: string
  planId: string
  /** The path of the facilitator for money, below those of the crossing. */
  facilitatorPath: string
  network: string
  /** The RPC URL of the chain on which money is paid. */
  rpcUrl: string | undefined
  payTo: string
}

/** An event for a container. */
export interface Visit {
  shop: Shop
  event: unknown
  /** The Gateway's request id. It is the same in both phases of a call, and another one for each call. */
  requestId: string
  /** The clock of the container. Unit: ms since the epoch. */
  nowMs: number
}

/** A run of the worker in a container. */
export type WorkerRun = Pick<Visit, 'shop' | 'nowMs'>

/** A container in a process of its own. */
export class Seller {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * Calls the container.
   *
   * @returns its answer; `undefined` if it was killed before it answered
   */
  visit(visit: Visit): Promise<unknown> {
    return this.#ask(visit)
  }

  /**
   * Runs the worker in the container.
   *
   * @returns its report; `undefined` if it was killed before it answered
   */
  work(run: WorkerRun): Promise<unknown> {
    return this.#ask(run)
  }

  async #ask(visit: Visit | WorkerRun): Promise<unknown> {
    const answered = once(this.#child, 'message').then(([message]) => message as unknown)
    const ended = once(this.#child, 'exit').then(() => undefined)
    this.#child.send(visit)
    const message = (await Promise.race([answered, ended])) as
      | { result?: unknown; error?: string }
      | undefined
    if (message?.error !== undefined) throw new Error(message.error)
    return message?.result
  }

  /** Ends it at once, as Lambda ends a container. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  /** Stops it, as Lambda freezes a container. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }
}

/** Starts containers. One more than is needed is always starting, since that takes a while. */
export class Sellers {
  readonly #processes: Processes
  #next: Promise<ChildProcess>

  private constructor(processes: Processes) {
    this.#processes = processes
    this.#next = processes.start()
  }

  /** @param root the folder of the package, which may be that of another version */
  static async open(root = '.'): Promise<Sellers> {
    const entry = path.join(root, 'tests/store/support/seller-process.ts')
    return new Sellers(await startProcesses(entry))
  }

  async next(): Promise<Seller> {
    const child = await this.#next
    this.#next = this.#processes.start()
    return new Seller(child)
  }

  async close(): Promise<void> {
    await this.#next
    await this.#processes.close()
  }
}

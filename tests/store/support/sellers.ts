import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Outside } from './crossing.js'
import { type Processes, startProcesses } from './processes.js'

/** How something is sold. Plain data, for a process to make a seller of. */
export interface Shop {
  door: 'decorator' | 'interceptor'
  flow: 'authorization' | 'overlap' | 'upfront'
  price: 'credits' | 'money'
  /** Whether the work fails. Default: it does not. */
  isFailing?: boolean
  outside: Outside
  table: string
  secret: string
  nvmApiKey: string
  planId: string
  /** Where the facilitator of money is, below those of the crossing. */
  facilitatorPath: string
  network: string
  /** RPC URL of the chain that money is paid on. */
  rpcUrl: string | undefined
  payTo: string
}

/** One event that a container is called with. */
export interface Visit {
  shop: Shop
  event: unknown
  /** The Gateway's request id. Each call has another one; both phases have the same. */
  requestId: string
  /** What the container's clock says. Unit: ms since the epoch. */
  nowMs: number
}

/** A container in a process of its own. */
export class Seller {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** @returns its answer; `undefined` if it was killed before it gave one. */
  async visit(visit: Visit): Promise<unknown> {
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

  /** Nothing of it goes on, as in a container that Lambda has frozen. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }
}

/** Starts containers. One more than is used is always starting, since that takes a while. */
export class Sellers {
  readonly #processes: Processes
  #next: Promise<ChildProcess>

  private constructor(processes: Processes) {
    this.#processes = processes
    this.#next = processes.start()
  }

  static async open(): Promise<Sellers> {
    return new Sellers(await startProcesses('tests/store/support/seller-process.ts'))
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

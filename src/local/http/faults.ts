import { setTimeout as sleep } from 'node:timers/promises'

/** The endpoints faults can be set on. */
export type Route =
  | 'verify'
  | 'settle'
  | 'permissions'
  | 'plan'
  | 'balance'
  | 'order'
  | 'delegation'
  | 'versions'
  | 'other'

/** Which calls a fault hits. */
export interface FaultTiming {
  /** How many calls are hit. @default 1 */
  times?: number
  /** How many calls pass unharmed first. @default 0 */
  skip?: number
}

/** What goes wrong, on the next call of a route unless `times` or `skip` say otherwise. */
export type Fault = FaultTiming & {
  /** Default: every route. */
  route?: Route
} & (
    | { kind: 'delay'; delayMs: number }
    /** The connection breaks before anything happens. */
    | { kind: 'reset' }
    /** The ledger moves, then the connection breaks. */
    | { kind: 'lost-answer' }
    /** The ledger moves, and the answer is no JSON. */
    | { kind: 'garbage' }
    /**
     * An error body of the API, in place of doing it, or with `done` after it was done.
     *
     * @default status 500, code `BCK.HTTP.<status>`
     */
    | { kind: 'error'; status?: number; code?: string; retryable?: boolean; done?: boolean }
    /** An error page of a proxy in between, in place of doing it, or with `done` after it was done. @default status 502 */
    | { kind: 'html' | 'empty'; status?: number; done?: boolean }
    /** 200 with `isValid: false`, or `success: false`. */
    | { kind: 'refuse'; reason?: string }
  )

/** Faults that wait for their calls, used up in the order they were set. */
export class FaultQueue<F extends FaultTiming> {
  #pending: { fault: F; skip: number; times: number }[] = []

  /** @returns a function that removes the fault again. */
  set(fault: F): () => void {
    const entry = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }
    this.#pending.push(entry)
    return () => {
      entry.times = 0
    }
  }

  clear(): void {
    this.#pending = []
  }

  /** All faults that hit a call, of those that are for it. */
  takeWhere(isForCall: (fault: F) => boolean): F[] {
    const hits: F[] = []
    for (const entry of this.#pending) {
      if (!isForCall(entry.fault) || entry.times <= 0) continue
      if (entry.skip > 0) entry.skip -= 1
      else {
        entry.times -= 1
        hits.push(entry.fault)
      }
    }
    this.#pending = this.#pending.filter(({ times }) => times > 0)
    return hits
  }
}

/** Waits as long as every answer takes, and the faults that hit this one add. Unit: ms. */
export async function waitFor(
  delayMs: number,
  hits: readonly ({ kind: 'delay'; delayMs: number } | { kind: string })[],
): Promise<void> {
  const delays = hits.map((fault) => ('delayMs' in fault ? fault.delayMs : 0))
  const waitMs = delays.reduce((sum, ms) => sum + ms, delayMs)
  if (waitMs > 0) await sleep(waitMs)
}

/** Whether a fault that answers in place of a service lets it do its work. */
export function isDone(fault: object | undefined): boolean {
  return fault !== undefined && 'done' in fault && fault.done === true
}

/** The faults of one local stack. */
export class Faults extends FaultQueue<Fault> {
  /** All faults that hit this call. */
  take(route: Route): Fault[] {
    return this.takeWhere((fault) => fault.route === undefined || fault.route === route)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

/** The endpoints on which faults can be set. */
export type Route =
  | 'verify'
  | 'settle'
  | 'permissions'
  | 'mpp-challenge'
  | 'mpp-verify'
  | 'mpp-settle'
  | 'mpp-permissions'
  | 'plan'
  | 'balance'
  | 'order'
  | 'delegation'
  | 'versions'
  | 'other'

/** Which calls a fault hits. */
export interface FaultTiming {
  /**
   * How many calls are hit. Unit: calls.
   *
   * @default 1
   */
  times?: number
  /**
   * How many calls pass unharmed first. Unit: calls.
   *
   * @default 0
   */
  skip?: number
}

/** What goes wrong. It hits the next call of a route, unless `times` or `skip` say otherwise. */
export type Fault = FaultTiming & {
  /** The endpoint that is hit. Default: every one. */
  route?: Route
} & (
    | { kind: 'delay'; delayMs: number }
    /** The connection breaks before anything happens. */
    | { kind: 'reset' }
    /** The call is carried out, then the connection breaks. */
    | { kind: 'lost-answer' }
    /** The call is carried out, and the answer is no JSON. */
    | { kind: 'garbage' }
    /**
     * The answer is an error of the API. The call is not carried out, unless `done` is set.
     *
     * @default status 500, code `BCK.HTTP.<status>`
     */
    | { kind: 'error'; status?: number; code?: string; retryable?: boolean; done?: boolean }
    /**
     * The answer is an error page of a proxy. The call is not carried out, unless `done` is set.
     *
     * @default status 502
     */
    | { kind: 'html' | 'empty'; status?: number; done?: boolean }
    /** The answer is a refusal with status 200: `isValid: false` or `success: false`. */
    | { kind: 'refuse'; reason?: string }
  )

/** Faults that wait for their calls. They are used up in the order in which they were set. */
export class FaultQueue<F extends FaultTiming> {
  #pending: { fault: F; skip: number; times: number }[] = []

  /**
   * Sets a fault.
   *
   * @returns a function that removes the fault again.
   */
  set(fault: F): () => void {
    return this.add(fault).remove
  }

  /** Sets a fault. @returns what removes it again, and says how many calls it still hits. */
  add(fault: F): { remove: () => void; left: () => number } {
    const entry = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }
    this.#pending.push(entry)
    return { remove: () => void (entry.times = 0), left: () => entry.times }
  }

  clear(): void {
    for (const entry of this.#pending) entry.times = 0
    this.#pending = []
  }

  /** Takes all faults that hit a call. */
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

/** Waits for the delay of every answer, and for the delays among the faults. Unit: ms. */
export async function waitFor(
  delayMs: number,
  hits: readonly ({ kind: 'delay'; delayMs: number } | { kind: string })[],
): Promise<void> {
  const delays = hits.map((fault) => ('delayMs' in fault ? fault.delayMs : 0))
  const waitMs = delays.reduce((sum, ms) => sum + ms, delayMs)
  if (waitMs > 0) await sleep(waitMs)
}

/** Whether the service does its work although the fault answers in its place. */
export function isDone(fault: object | undefined): boolean {
  return fault !== undefined && 'done' in fault && fault.done === true
}

/** The faults of one local stack. */
export class Faults extends FaultQueue<Fault> {
  /** Takes all faults that hit a call of this route. */
  take(route: Route): Fault[] {
    return this.takeWhere((fault) => fault.route === undefined || fault.route === route)
  }
}

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

/** What goes wrong, on the next call of a route unless `times` or `skip` say otherwise. */
export type Fault = {
  /** Default: every route. */
  route?: Route
  /** How many calls are hit. @default 1 */
  times?: number
  /** How many calls pass unharmed first. @default 0 */
  skip?: number
} & (
  | { kind: 'delay'; delayMs: number }
  /** The connection breaks before anything happens. */
  | { kind: 'reset' }
  /** The ledger moves, then the connection breaks. */
  | { kind: 'lost-answer' }
  /** The ledger moves, and the answer is no JSON. */
  | { kind: 'garbage' }
  /** An error body of the API. @default status 500, code `BCK.HTTP.<status>` */
  | { kind: 'error'; status?: number; code?: string; retryable?: boolean }
  /** An error page of a proxy in between. @default status 502 */
  | { kind: 'html' | 'empty'; status?: number }
  /** 200 with `isValid: false`, or `success: false`. */
  | { kind: 'refuse'; reason?: string }
)

/** The faults of one local stack, used up in the order they were set. */
export class Faults {
  #pending: { fault: Fault; skip: number; times: number }[] = []

  /** @returns a function that removes the fault again. */
  set(fault: Fault): () => void {
    const entry = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }
    this.#pending.push(entry)
    return () => {
      entry.times = 0
    }
  }

  clear(): void {
    this.#pending = []
  }

  /** All faults that hit this call. */
  take(route: Route): Fault[] {
    const hits: Fault[] = []
    for (const entry of this.#pending) {
      if (entry.fault.route !== undefined && entry.fault.route !== route) continue
      if (entry.times <= 0) continue
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

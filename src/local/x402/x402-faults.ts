import { FaultQueue, type FaultTiming } from '../http/faults.js'

/** The endpoints of the facilitator. */
export type X402Route = 'verify' | 'settle' | 'supported' | 'status'

/** What goes wrong at the facilitator, on the next call unless `times` or `skip` say otherwise. */
export type X402Fault = FaultTiming & {
  /** Default: every route. */
  route?: X402Route
} & (
    | { kind: 'delay'; delayMs: number }
    /** The connection breaks before anything happens. */
    | { kind: 'reset' }
    /** It is done, then the connection breaks. */
    | { kind: 'lost-answer' }
    /** It is done, and the answer is no JSON. */
    | { kind: 'garbage' }
    /** An error in place of doing it, or with `done` after it was done. @default status 500 */
    | { kind: 'error'; status?: number; done?: boolean }
    /** An error page of a proxy in between, in place of doing it, or with `done` after it was done. @default status 502 */
    | { kind: 'html'; status?: number; done?: boolean }
    /**
     * `isValid: false`, or `success: false`, in place of doing it; in the form of Circle an error body with
     * `errors[].reason`. @default status 200, of Circle 409
     */
    | { kind: 'refuse'; reason?: string; status?: number; form?: 'circle' }
    /**
     * The money moves, and settle answers `settlement_pending` with the transaction. Settled again, the same
     * payment succeeds with that transaction. At `status` it makes a settlement stay pending for one more look.
     *
     * Hits settle and status only.
     */
    | { kind: 'pending'; form?: PendingForm }
  )

/**
 * How a facilitator says that a settlement is pending. A settlement with an id can be asked for at
 * `GET /status/<id>`.
 * - `'standard'`: status 200 and the transaction
 * - `'cdp'`: status 500 and the transaction
 * - `'circle'`: status 200 and an id
 * - `'accepted'`: status 202 and an id
 *
 * @default 'standard'
 */
export type PendingForm = 'standard' | 'cdp' | 'circle' | 'accepted'

/** The faults of one facilitator. */
export class X402Faults extends FaultQueue<X402Fault> {
  /** All faults that hit this call. */
  take(route: X402Route): X402Fault[] {
    return this.takeWhere(
      (fault) => (fault.route ?? (fault.kind === 'pending' ? 'settle' : route)) === route,
    )
  }
}

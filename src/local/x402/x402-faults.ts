import { FaultQueue, type FaultTiming } from '../http/faults.js'

/** The endpoints of the facilitator. */
export type X402Route = 'verify' | 'settle' | 'supported'

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
    /** An error in place of doing it. @default status 500 */
    | { kind: 'error'; status?: number }
    /** An error page of a proxy in between. @default status 502 */
    | { kind: 'html'; status?: number }
    /** `isValid: false`, or `success: false`, in place of doing it. @default status 200 */
    | { kind: 'refuse'; reason?: string; status?: number }
    /**
     * The money moves, and settle answers `settlement_pending` with the transaction. Settled again, the same
     * payment succeeds with that transaction.
     *
     * Hits settle only.
     */
    | { kind: 'pending' }
  )

/** The faults of one facilitator. */
export class X402Faults extends FaultQueue<X402Fault> {
  /** All faults that hit this call. */
  take(route: X402Route): X402Fault[] {
    return this.takeWhere(
      (fault) =>
        (fault.route ?? route) === route && (fault.kind !== 'pending' || route === 'settle'),
    )
  }
}

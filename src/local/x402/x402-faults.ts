import { FaultQueue, type FaultTiming } from '../http/faults.js'

/** The endpoints on which faults can be set. */
export type X402Route = 'verify' | 'settle' | 'supported' | 'status'

/** What goes wrong at the facilitator. It hits the next call, unless `times` or `skip` say otherwise. */
export type X402Fault = FaultTiming & {
  /** The endpoint that is hit. Default: every one. */
  route?: X402Route
} & (
    | { kind: 'delay'; delayMs: number }
    /** The connection breaks before anything happens. */
    | { kind: 'reset' }
    /** The call is carried out, then the connection breaks. */
    | { kind: 'lost-answer' }
    /** The call is carried out, and the answer is no JSON. */
    | { kind: 'garbage' }
    /**
     * The answer is an error. The call is not carried out, unless `done` is set.
     *
     * @default status 500
     */
    | { kind: 'error'; status?: number; done?: boolean }
    /**
     * The answer is an error page of a proxy. The call is not carried out, unless `done` is set.
     *
     * @default status 502
     */
    | { kind: 'html'; status?: number; done?: boolean }
    /**
     * The call is not carried out. The answer is `isValid: false` or `success: false`. In the form of Circle
     * it is an error body with `errors[].reason`.
     *
     * @default status 200, of Circle 409
     */
    | { kind: 'refuse'; reason?: string; status?: number; form?: 'circle' }
    /**
     * The money moves, and settle answers `settlement_pending` with the transaction. If the same payment is
     * settled again, it succeeds with that transaction. At `status`, a settlement stays pending for one more
     * look.
     *
     * It hits settle and status only.
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
  /** Takes all faults that hit a call of this route. */
  take(route: X402Route): X402Fault[] {
    return this.takeWhere(
      (fault) => (fault.route ?? (fault.kind === 'pending' ? 'settle' : route)) === route,
    )
  }
}

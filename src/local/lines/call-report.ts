import type { Door } from '../http/journal.js'

/** What became of a call. */
export type CallOutcome =
  /** It came without a payment that can be read, and got a challenge. */
  | 'unpaid'
  | 'paid'
  /** It was answered, and costs nothing. */
  | 'free'
  /** The answer is an error of the tool, and nothing was charged. */
  | 'not_charged'
  /** The payment was refused, before the work or at the settle. */
  | 'refused'
  /** The payment was used before, or may have been. */
  | 'used'
  /** The seller's own check refused the input. */
  | 'invalid'
  /** No payment can be taken now. */
  | 'unavailable'
  /** Something threw, or gave what cannot be read. */
  | 'failed'
  | 'refund_due'
  /** The settle may still succeed, or nobody knows its outcome. */
  | 'pending'
  | 'unknown'
  /** The same payment came again. */
  | 'replayed'
  | 'in_work'
  | 'conflict'
  /** It is no call of anything that is sold. */
  | 'rejected'
  /** The facilitator called a payment good. */
  | 'verified'
  /** It asked for something that is never sold, e.g. the list of tools. */
  | 'served'

/** Something that was thrown. */
export interface Thrown {
  readonly message: string
  /** Where it was thrown in the developer's own code, e.g. `weather.js:8`. */
  readonly place?: string | undefined
  /** The calls that led there. Each is a line such as `forecast (weather.js:8:11)`. */
  readonly frames: readonly string[]
  /** The same, with the lines of Node and of packages. */
  readonly allFrames: readonly string[]
}

/** One call, and what became of it. Plain data, without payments. */
export interface CallReport {
  /** Unit: ms since the epoch. */
  readonly at: number
  /** How long it took. Unit: ms. */
  readonly ms: number
  readonly door: Door
  /** The method of MCP or HTTP, or what a facilitator was asked for. */
  readonly method: string
  /** The tool, or else the path or method. */
  readonly tool: string
  readonly outcome: CallOutcome
  /** What the challenge asks for, e.g. `1 credit or $0.01`. */
  readonly price?: string | undefined
  readonly credits?: string | undefined
  /** The credits that the payer has left. */
  readonly left?: string | undefined
  /** What was paid, e.g. `$0.01`. */
  readonly money?: string | undefined
  readonly network?: string | undefined
  readonly transaction?: string | undefined
  readonly payer?: string | undefined
  /** Whether the payment was refused when it was settled, after the work. */
  readonly isAtSettle?: boolean | undefined
  /** Whether the answer went out all the same. */
  readonly isDelivered?: boolean | undefined
  /** The code of the refusal or error. */
  readonly code?: string | undefined
  /** Why, in words. */
  readonly reason?: string | undefined
  readonly thrown?: Thrown | undefined
  /** What seems to be set up wrongly. */
  readonly warnings: readonly string[]
}

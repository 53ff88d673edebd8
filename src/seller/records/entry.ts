import type { Answer } from '../answer/answer.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Settlement } from '../options/payment-record.js'
import type { Hold } from './hold.js'
import type { Identity } from './identity.js'

/** How a call holds its payment. */
export interface Entry {
  /** Whose work it is. */
  readonly owner: string
  /** How long the work may last. Unit: ms. */
  readonly leaseMs: number
  /** Whether work under the same owner's name is this call's own, and goes on. */
  readonly reenters: boolean
  /** Whether the work is done, and its answer at hand. */
  readonly hasAnswer: boolean
  readonly keepsAnswers: boolean
  /** By what the payment is known, where another phase found it out. */
  readonly identity?: Identity | undefined
}

/** What becomes of a call with a payment that is known, or new. */
export type Entered =
  | {
      readonly kind: 'held'
      readonly identity: Identity | undefined
      /** `undefined` for a payment that is meant to be used by several calls. */
      readonly hold: Hold | undefined
      /** It was settled before, and nothing was delivered for it. */
      readonly paid?: Settlement
      /** The work was done before, and is not settled. */
      readonly worked?: Answer
    }
  | ({ readonly kind: 'replayed' } & Replay)

/** A payment that this call has in work. */
export type Held = Extract<Entered, { kind: 'held' }>

/** What was answered before. */
export interface Replay {
  readonly answer: Answer | undefined
  readonly settlement: Settlement
  readonly refund: RefundDue | undefined
}

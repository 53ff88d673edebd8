import type { Answer } from '../answer/answer.js'
import type { RefundDue } from '../options/payment-events.js'
import type { Settlement } from '../options/payment-record.js'
import type { Hold } from './hold.js'
import type { Identity } from './identity.js'

/** How a call holds its payment. */
export interface Entry {
  /** The call that works on the payment. */
  readonly owner: string
  /** How long the work may last. Unit: ms. */
  readonly leaseMs: number
  /** Whether work of the same owner is this call's own work, which goes on. */
  readonly reenters: boolean
  /** Whether the work is done, and its answer at hand. */
  readonly hasAnswer: boolean
  readonly keepsAnswers: boolean
  /** The hashes by which the payment is known, if another phase computed them. */
  readonly identity?: Identity | undefined
}

/** What becomes of a call with its payment. */
export type Entered =
  | {
      readonly kind: 'held'
      readonly identity: Identity | undefined
      /** `undefined` for a payment that is meant for several calls. */
      readonly hold: Hold | undefined
      /** The settlement of before, if nothing was delivered for it. */
      readonly paid?: Settlement
      /** The answer of before, if it is not settled. */
      readonly worked?: Answer
    }
  | ({ readonly kind: 'replayed' } & Replay)

/** A payment that this call has in work. */
export type Held = Extract<Entered, { kind: 'held' }>

/** The answer that was given before. */
export interface Replay {
  readonly answer: Answer | undefined
  readonly settlement: Settlement
  readonly refund: RefundDue | undefined
}

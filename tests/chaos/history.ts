import type { Answer } from './answers.js'
import type { Payment } from './buyer.js'
import type { CallPlan, Step } from './plan.js'

/** One answer to the buyer, and the call it was for. */
export interface Said {
  call: string
  answer: Answer
  /** Whether the buyer never got it. */
  isLost: boolean
  /** How often the payment was charged when it was said. Default: as after the visit. */
  chargedThen?: number
}

/** One time that the buyer came with a payment, and what the ledger says after it. */
export interface Visit {
  payment: Payment
  step: Step
  /** Whether a call with a reusable token is a new one, and no retry of one with an unknown outcome. */
  isNewCall: boolean
  hits: readonly string[]
  /** What happened to the table or a container, and where. */
  outages: readonly { kind: string; at: string }[]
  said: readonly Said[]
  /** How often the payment was charged until then. */
  chargedBefore: number
  chargedAfter: number
}

/** All that can be seen of one call from outside. */
export interface History {
  plan: CallPlan
  payments: readonly Payment[]
  visits: readonly Visit[]
}

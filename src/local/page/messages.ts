/** What the page and its stack tell each other. Plain data, without secrets. */

/** A part of a call that took time. Unit: ms, from the beginning of the call. */
export interface PageStep {
  readonly name: string
  readonly startMs: number
  readonly ms: number
  /** Whether it went well. */
  readonly isGood: boolean
}

/** Something that was sent or answered, decoded. Secrets are cut. */
export interface PageDocument {
  readonly title: string
  readonly json: unknown
}

export interface PageCall {
  /** Grows from call to call. */
  readonly id: number
  /** Unit: ms since the epoch. */
  readonly at: number
  readonly ms: number
  readonly door: string
  readonly method: string
  readonly tool: string
  /** One of the outcomes of a call, such as `paid`. */
  readonly outcome: string
  /** What became of it, in words. */
  readonly text: string
  /** What was charged: credits of the plan, and money in units of the asset. */
  readonly credits?: string | undefined
  readonly units?: string | undefined
  readonly payer?: string | undefined
  readonly transaction?: string | undefined
  readonly failure?: PageFailure | undefined
  readonly warnings: readonly string[]
  readonly steps: readonly PageStep[]
  readonly documents: readonly PageDocument[]
}

/** What was thrown in the developer's own code. */
export interface PageFailure {
  readonly message: string
  readonly frames: readonly string[]
}

export interface PageTool {
  readonly name: string
  readonly description: string
  /** Arguments that its schema takes. */
  readonly example: unknown
}

/** Somebody who holds credits or money. */
export interface PageWallet {
  readonly name: string
  readonly address: string
  /** Credits of the plan, e.g. `99 credits`. */
  readonly credits?: string | undefined
  /** E.g. `$999.99`. */
  readonly money?: string | undefined
}

export interface PageState {
  readonly version: string
  readonly url: string
  readonly planId: string
  readonly network: string
  /** How many decimals the asset has. */
  readonly decimals: number
  readonly settlesOn: string
  readonly wallets: readonly PageWallet[]
  readonly faults: readonly PageFault[]
  readonly faultChoices: Readonly<Record<FaultPlace, FaultChoices>>
  readonly assumptions: readonly PageAssumption[]
}

export interface PageTools {
  readonly tools: readonly PageTool[]
  /** Why they could not be listed. */
  readonly problem?: string | undefined
}

/** Where a fault is set. */
export type FaultPlace = 'plans' | 'money' | 'wallets'

/** What can be set at one place. */
export interface FaultChoices {
  readonly title: string
  readonly kinds: readonly string[]
  readonly routes: readonly string[]
}

export interface PageFault {
  readonly id: number
  readonly place: FaultPlace
  readonly kind: string
  readonly route?: string | undefined
  /** How many calls it still hits. */
  readonly left: number
}

/** A fault as the page asks for it. */
export interface WantedFault {
  readonly place: FaultPlace
  readonly kind: string
  readonly route?: string
  readonly times: number
  readonly delayMs?: number
}

/** What AWS does not document, as the Gateway behaves now. */
export interface PageAssumption {
  readonly name: string
  readonly value: string
  readonly values: readonly string[]
}

/** A call that the page wants made. */
export interface WantedCall {
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly pay: 'nothing' | 'credits' | 'money'
}

/** What it came to. */
export interface MadeCall {
  readonly status: number
  /** The answer, decoded. Secrets are cut. */
  readonly answer: unknown
  /** Why it could not be paid. */
  readonly problem?: string
}

/** A payment of the table. */
export interface PagePayment {
  readonly key: string
  readonly state: string
  readonly at: number
  readonly tool: string
  readonly payer: string
  readonly record: unknown
}

export interface PagePayments {
  /** Whether the stack has a table. */
  readonly hasTable: boolean
  readonly byState: Readonly<Record<string, number>>
  readonly latest: readonly PagePayment[]
  /** Whether the table holds more than was read. */
  readonly hasMore: boolean
}

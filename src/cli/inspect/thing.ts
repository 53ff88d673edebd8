/** What a thing is. */
export type Kind =
  | 'challenge'
  | 'requirement'
  | 'payment'
  | 'verify_answer'
  | 'receipt'
  | 'refund_due'
  | 'error_answer'
  | 'seller_answer'
  | 'mpp_challenge'
  | 'mpp_credential'
  | 'mpp_receipt'
  | 'api_key'
  | 'unreadable'

/** Something that was found in a paste, before anything in it is checked. */
export interface Thing {
  readonly kind: Kind
  /** Where it was: `the header payment-signature`, `result.structuredContent`. */
  readonly carrier: string
  /** Other places with the same. */
  readonly alsoIn?: readonly string[] | undefined
  /** The header that it was in, in lower case. */
  readonly header?: string | undefined
  readonly value: Readonly<Record<string, unknown>>
  /** What is wrong with how it was written: a quote, base64 twice, a length. */
  readonly problems: readonly Finding[]
}

/** Something that is wrong. */
export interface Finding {
  readonly level: 'fail' | 'warn'
  /** The member that is wrong, such as `accepts[0].payTo`. Empty for the whole. */
  readonly path: string
  readonly message: string
  /** What to do. */
  readonly cure: string
}

/** A fact in words. */
export type Row = readonly [label: string, text: string | undefined]

/** An empty line between facts. */
export const SPACE: Row = ['', undefined]

/** What is known of a thing. */
export interface Description {
  /** What it is, e.g. `x402 v2 payment`. */
  readonly title: string
  readonly version?: 1 | 2 | undefined
  readonly rows: readonly Row[]
  readonly findings: readonly Finding[]
}

/** A thing, described. */
export interface Inspected extends Description {
  readonly kind: Kind
  readonly carrier: string
  readonly alsoIn: readonly string[]
  /** What it says, without secrets. */
  readonly decoded: unknown
}

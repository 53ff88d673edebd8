/** What a reason means to somebody who meets it. All texts are Markdown. */
export interface Text {
  readonly cause: string
  readonly cure: string
}

/** Reasons of facilitators that mean the same. */
export interface ReasonRow extends Text {
  readonly reasons: readonly string[]
}

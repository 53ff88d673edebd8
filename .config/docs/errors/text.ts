/** What a code means to somebody who meets it. All texts are Markdown. */
export interface Text {
  readonly cause: string
  readonly cure: string
}

/** A code of ours. */
export interface CodeText extends Text {
  /** The classes that have it. */
  readonly errors: readonly string[]
  /** Whether money moved. */
  readonly moved: string
}

/** Codes in the order of the page. */
export type Texts<Code extends string, T = CodeText> = Readonly<Record<Code, T>>

/** Reasons of facilitators that mean the same. */
export interface ReasonRow extends Text {
  readonly reasons: readonly string[]
}

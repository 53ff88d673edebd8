import type { Text } from '../../../src/cli/reasons/text.js'

export type { ReasonRow, Text } from '../../../src/cli/reasons/text.js'

/** A code of ours. */
export interface CodeText extends Text {
  /** The classes that have it. */
  readonly errors: readonly string[]
  /** Whether money moved. */
  readonly moved: string
}

/** Codes in the order of the page. */
export type Texts<Code extends string, T = CodeText> = Readonly<Record<Code, T>>

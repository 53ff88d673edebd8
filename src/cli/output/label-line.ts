import type { Output, Style } from './output.js'
import { plainText } from './plain-text.js'
import { cut, widthOf, wrapped } from './table-text.js'

/** The width of the names of the lines. Unit: columns. */
const LABEL = 13

/** A fact: its name, and what is known. */
export type LabelLine = readonly [label: string, text: string | undefined]

/** Writes a line. A long text goes on below, and an id that is too long stands on a line of its own. */
export function labelLine([label, text]: LabelLine, output: Output, style?: Style): string[] {
  if (text === undefined || text === '') return []
  const width = output.columns ?? Number.MAX_SAFE_INTEGER
  const [first = '', ...others] = wrapped(plainText(text), width - LABEL)
  const name = output.paint('dim', label.padEnd(LABEL))
  const isTooLong = widthOf(first) > width - LABEL
  if (isTooLong && others.length === 0) return [name.trimEnd(), ...cut(first, width)]
  return [
    `${name}${output.paint(style, first)}`,
    ...others.flatMap((one) =>
      widthOf(one) > width - LABEL ? cut(one, width) : [`${' '.repeat(LABEL)}${one}`],
    ),
  ]
}

import truncated from 'fast-string-truncated-width'
import type { Output, Style } from './output.js'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** The width down to which it may be shortened. A column without it has its full width, or is left out. Unit: columns. */
  readonly least?: number
  /** Columns with a smaller number are shortened and left out first. */
  readonly weight: number
  readonly isRight?: boolean
  /** Whether a shortened text ends without `…`, because its beginning is enough to find it. */
  readonly isPrefix?: boolean
}

/** What stands in a table: plain text, and its colour. */
export interface Cell {
  readonly text: string
  readonly style?: Style | undefined
}

/** Between two columns of a table. Unit: columns of the terminal. */
export const GAP = 2
/** Wider than every text. */
const ENDLESS = Number.MAX_SAFE_INTEGER

/** How many columns a text takes. Wide characters take two. */
export function widthOf(text: string): number {
  return truncated(text, { limit: ENDLESS }).width
}

/** Shortens a text to a width. */
export function shortened(text: string, width: number, ellipsis = '…'): string {
  const { index, truncated: isShort } = truncated(text, { limit: width, ellipsis })
  if (!isShort) return text
  const kept = Array.from(text.slice(0, index))
  // The package keeps one character too many if letters of two scripts meet.
  while (kept.length > 0 && widthOf(kept.join('') + ellipsis) > width) kept.pop()
  return kept.join('') + ellipsis
}

/** Cuts a text between its words into lines of a width. A longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}

/** Cuts a long id into lines of a width. */
export function cut(text: string, width: number): string[] {
  const lines: string[] = []
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width))
  return lines
}

/** Makes the lines of a table. In a terminal each row is one line: columns are shortened, then left out. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  output: Output,
): string[] {
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at]?.text ?? ''))),
  )
  const widths = fitted(columns, natural, output.columns ?? ENDLESS)
  const line = (row: readonly Cell[]): string =>
    widths
      .map(({ at, width }) => cellText(row[at], columns[at], width, output))
      .join(' '.repeat(GAP))
      .trimEnd()
  return [columns.map(({ title }): Cell => ({ text: title, style: 'bold' })), ...rows].map(line)
}

function cellText(
  { text = '', style }: Partial<Cell> = {},
  { isRight = false, isPrefix = false }: Partial<Column> = {},
  width: number,
  output: Output,
): string {
  const ellipsis = output.isUnicode ? '…' : '~'
  const shown = shortened(text, width, isPrefix ? '' : ellipsis)
  const space = ' '.repeat(Math.max(0, width - widthOf(shown)))
  return isRight ? space + output.paint(style, shown) : output.paint(style, shown) + space
}

/** Says how wide each column is that is shown. */
function fitted(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): { at: number; width: number }[] {
  const shown = columns.map((column, at) => ({ at, column, width: natural[at] ?? 0 }))
  const byWeight = [...shown].sort((a, b) => a.column.weight - b.column.weight)
  const over = (): number =>
    shown.reduce((sum, one) => sum + one.width, GAP * (shown.length - 1)) - width
  for (const one of byWeight) {
    const { least = one.width } = one.column
    one.width = Math.max(Math.min(one.width, least), one.width - Math.max(0, over()))
  }
  for (const one of byWeight) {
    if (over() <= 0 || shown.length === 1) break
    shown.splice(shown.indexOf(one), 1)
  }
  // What was left out gives its room to what is left.
  for (const one of [...byWeight].reverse()) {
    if (shown.includes(one)) {
      one.width = Math.min(natural[one.at] ?? 0, one.width + Math.max(0, -over()))
    }
  }
  return shown
}

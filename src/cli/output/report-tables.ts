import { type Unit, decimalText } from './amounts.js'
import { bar } from './bars.js'
import { styleOf } from './meanings.js'
import type { Output, Style } from './output.js'
import { grouped } from './progress.js'
import { type Cell, type Column, GAP, tableLines, widthOf } from './table-text.js'
import { type Counts, OUTCOMES, type Outcome } from './tally.js'

/** The shortest and the longest bar of a plot. Unit: columns. */
const MIN_BAR = 6
const MAX_BAR = 40
/** The shortest name of a tool that is shown. Unit: columns. */
const MIN_NAME = 10

/** The counts of a day or of a tool. */
export interface Counted {
  readonly name: string
  readonly counts: Counts
}

/** What the tables of one unit have in common. */
export interface UnitTable {
  readonly unit: Unit
  /** The outcomes that are shown. */
  readonly outcomes: readonly Outcome[]
}

/** A column of a table, with its cells. */
interface Filled {
  readonly column: Column
  readonly cells: readonly Cell[]
}

/** How many payments of each outcome there were, and their sums. */
export function totalLines(total: Counts, { unit, outcomes }: UnitTable, output: Output) {
  const counts = outcomes.map((outcome) => total[outcome])
  const amounts = aligned(counts.map(({ units }) => decimalText(units, unit)))
  return filledLines(
    [
      {
        column: { title: 'STATE', weight: 3 },
        cells: outcomes.map((outcome) => ({ text: outcome, style: colourOf(outcome) })),
      },
      numberColumn(
        'PAYMENTS',
        1,
        counts.map(({ payments }) => grouped(payments)),
      ),
      numberColumn('AMOUNT', 2, amounts),
    ],
    output,
  )
}

/** A table with the revenue of each row, a bar for it, and how many payments of each outcome there were. */
export function plotLines(
  title: string,
  rows: readonly Counted[],
  { unit, outcomes }: UnitTable,
  output: Output,
): string[] {
  const revenue = rows.map(({ counts }) => counts.settled.units)
  const name = { title, weight: 10, ...(title === 'TOOL' && { least: MIN_NAME }) }
  const left = [
    { column: name, cells: rows.map((row) => ({ text: row.name })) },
    numberColumn('REVENUE', 9, aligned(revenue.map((units) => decimalText(units, unit)))),
  ]
  const right = outcomes.map(
    (outcome): Filled => ({
      column: { title: TITLES[outcome], weight: 7 - OUTCOMES.indexOf(outcome), isRight: true },
      cells: rows.map(({ counts }) => countCell(counts[outcome].payments, outcome)),
    }),
  )
  const plot = plotColumn(revenue, [...left, ...right], output)
  return filledLines([...left, ...plot, ...right], output)
}

const TITLES: Readonly<Record<Outcome, string>> = {
  ...({ settled: 'SETTLED', refused: 'REFUSED', refunded: 'REFUNDED' } as const),
  ...({ refund_due: 'DUE', open: 'OPEN', dead: 'DEAD' } as const),
}

function filledLines(filled: readonly Filled[], output: Output): string[] {
  const [first] = filled
  const rows = (first?.cells ?? []).map((_, at) => filled.map(({ cells }) => cells[at] ?? NO_CELL))
  return tableLines(
    filled.map(({ column }) => column),
    rows,
    output,
  )
}

const NO_CELL: Cell = { text: '' }

function numberColumn(title: string, weight: number, texts: readonly string[]): Filled {
  return { column: { title, weight, isRight: true }, cells: texts.map((text) => ({ text })) }
}

/** The bars, in the room that the other columns leave. None without a terminal, or without revenue. */
function plotColumn(
  revenue: readonly bigint[],
  others: readonly Filled[],
  { columns, isUnicode }: Output,
): Filled[] {
  const most = revenue.reduce((max, one) => (one > max ? one : max), 0n)
  if (columns === undefined || most === 0n) return []
  const taken = others.reduce((sum, one) => sum + widthOfColumn(one) + GAP, 0)
  const width = Math.min(MAX_BAR, Math.max(MIN_BAR, columns - taken))
  const cells = revenue.map((one): Cell => {
    return { text: bar({ part: one, whole: most, width, isUnicode }), style: 'green' }
  })
  return [{ column: { title: '', weight: 8 }, cells }]
}

function widthOfColumn({ column: { title }, cells }: Filled): number {
  return Math.max(widthOf(title), ...cells.map(({ text }) => widthOf(text)))
}

function countCell(payments: number, outcome: Outcome): Cell {
  const style = outcome === 'settled' ? undefined : colourOf(outcome)
  return { text: grouped(payments), style: payments === 0 ? 'dim' : style }
}

function colourOf(outcome: Outcome): Style | undefined {
  return outcome === 'open' ? 'yellow' : styleOf(outcome)
}

/** Numbers with as many decimals each, so that their points stand one below the other. */
function aligned(numbers: readonly string[]): string[] {
  const parts = numbers.map((number) => number.split('.'))
  const places = Math.max(0, ...parts.map(([, decimals = '']) => decimals.length))
  return parts.map(([whole = '', decimals = '']) => {
    const number = grouped(BigInt(whole))
    return places === 0 ? number : `${number}.${decimals.padEnd(places, '0')}`
  })
}

import type { CallReport, CallOutcome } from '../../local/lines/call-report.js'
import { outcomeText } from '../../local/lines/outcome-text.js'
import type { Output, Style } from '../output/output.js'
import { plainText } from '../output/plain-text.js'

/** How many characters the longest tool had so far. */
export interface Columns {
  tool: number
}

/** A longer tool does not move the column. Unit: characters. */
const MAX_TOOL_CHARS = 40
/** Unit: characters. */
const DOOR_CHARS = 'facilitator'.length

/**
 * The lines of a call: when, where, what, and what became of it. Below come the lines of the developer's own code, if it
 * threw.
 */
export function callLines(
  report: CallReport,
  output: Pick<Output, 'paint'>,
  { columns, isVerbose }: { columns: Columns; isVerbose: boolean },
): string[] {
  const { at, door, thrown, outcome } = report
  const tool = plainText(report.tool)
  columns.tool = Math.min(MAX_TOOL_CHARS, Math.max(columns.tool, tool.length))
  const said = plainText(outcomeText(report))
  const ms = isVerbose ? output.paint('dim', `  ${report.ms} ms`) : ''
  const first = [
    output.paint('dim', timeText(at)),
    output.paint('dim', door.padEnd(DOOR_CHARS)),
    tool.padEnd(columns.tool),
    output.paint(STYLES[outcome], said) + ms,
  ].join('  ')
  const frames = isVerbose ? (thrown?.allFrames ?? []) : (thrown?.frames ?? [])
  return [first, ...frames.map((frame) => output.paint('dim', plainText(`    at ${frame}`)))]
}

/** The time of day, in the clock of the machine. */
function timeText(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8)
}

/** Green is paid, yellow is open or not paid, red failed. */
const STYLES: Readonly<Record<CallOutcome, Style>> = {
  unpaid: 'yellow',
  paid: 'green',
  free: 'dim',
  not_charged: 'yellow',
  refused: 'red',
  used: 'red',
  invalid: 'yellow',
  unavailable: 'red',
  failed: 'red',
  refund_due: 'red',
  pending: 'yellow',
  unknown: 'red',
  replayed: 'cyan',
  in_work: 'yellow',
  conflict: 'red',
  rejected: 'yellow',
  verified: 'cyan',
  served: 'dim',
}

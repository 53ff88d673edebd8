import { watchCalls } from '../../local/lines/watch-calls.js'
import type { CallReport } from '../../local/lines/call-report.js'
import { Output } from '../output/output.js'
import { plainText } from '../output/plain-text.js'
import { callLines } from './call-line.js'

export interface PrintOptions {
  /** Prints a JSON object a line. */
  readonly isJson: boolean
  /** Prints also what is never sold, how long calls took, and the lines of Node and of packages in a stack. */
  readonly isVerbose: boolean
}

/** Prints a line for every call that the local stack serves. */
export function printCalls(options: PrintOptions, output = new Output()): void {
  const columns = { tool: 0 }
  const warned = new Set<string>()
  const firstTime = (warning: string): boolean => !warned.has(warning) && !!warned.add(warning)
  watchCalls((report) => {
    const warnings = report.warnings.filter(firstTime)
    if (!isShown(report, options) && warnings.length === 0) return
    const lines = options.isJson
      ? [JSON.stringify(jsonOf({ ...report, warnings }, options))]
      : [
          ...callLines(report, output, { columns, isVerbose: options.isVerbose }),
          ...warnings.map((one) => output.paint('yellow', `warning: ${plainText(one)}`)),
        ]
    // Nobody may read: then there is nobody to tell.
    output.lines(lines).catch(() => undefined)
  })
}

function isShown({ outcome }: CallReport, { isVerbose }: PrintOptions): boolean {
  return isVerbose || outcome !== 'served'
}

function jsonOf(report: CallReport, { isVerbose }: PrintOptions): Record<string, unknown> {
  const { at, thrown, ...facts } = report
  const frames = isVerbose ? thrown?.allFrames : thrown?.frames
  return {
    type: 'call',
    time: new Date(at).toISOString(),
    ...facts,
    ...(thrown && { error: { message: thrown.message, place: thrown.place, frames } }),
  }
}

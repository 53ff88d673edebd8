import { isRecord } from '../../wire/json.js'
import type { Output } from '../output/output.js'
import { labelLine } from '../output/label-line.js'
import { plainText } from '../output/plain-text.js'
import { wrapped } from '../output/table-text.js'
import type { Inspection } from './inspect-text.js'
import { SPACE, type Finding, type Inspected, type Row } from './thing.js'

/** Before a finding's text. Unit: columns. */
const LEVEL = 'fail  '.length
/** Unit: columns. */
const WIDEST = 100

/** Says everything of what was found, for a person. */
export function inspectionLines({ found, more }: Inspection, output: Output): string[] {
  const blocks = found.map((one) => thingLines(one, output))
  const lines = blocks.flatMap((block, at) => (at === 0 ? block : ['', ...block]))
  return more === 0 ? lines : [...lines, '', `${more} more were found, and are not shown.`]
}

function thingLines(
  { title, carrier, alsoIn, rows, decoded, findings }: Inspected,
  output: Output,
): string[] {
  const where = carrier === '' || title.startsWith(carrier) ? '' : `, in ${carrier}`
  const places: Row = ['Also in', alsoIn.join(', ')]
  const shownRows = [places, ...rows].flatMap((row) =>
    row === SPACE ? [''] : labelLine(row, output),
  )
  const json = decoded === undefined ? [] : jsonLines(decoded, output)
  const wrong = findings.flatMap((one) => findingLines(one, output))
  const parts = [shownRows, json, wrong].filter((lines) => lines.length > 0)
  return [
    output.paint('bold', plainText(`${title}${where}`)),
    ...parts.flatMap((lines) => ['', ...lines]),
  ]
}

function jsonLines(decoded: unknown, output: Output): string[] {
  const text = JSON.stringify(decoded, withoutSchema, 2)
  return text.split('\n').map((line) => output.paint('dim', plainText(line)))
}

/** Extensions bring a schema of theirs, which is long and always the same. */
function withoutSchema(name: string, value: unknown): unknown {
  return name === 'schema' && isRecord(value) ? '…' : value
}

function findingLines({ level, path, message, cure }: Finding, output: Output): string[] {
  const width = Math.min(output.columns ?? Number.MAX_SAFE_INTEGER, WIDEST) - LEVEL
  const words = plainText(`${path === '' ? '' : `${path}: `}${message} ${cure}`)
  const lines = output.columns === undefined ? [words] : wrapped(words, width)
  return lines.map((line, at) =>
    at === 0
      ? `${output.paint(level === 'fail' ? 'red' : 'yellow', level.padEnd(LEVEL))}${line}`
      : `${' '.repeat(LEVEL)}${line}`,
  )
}

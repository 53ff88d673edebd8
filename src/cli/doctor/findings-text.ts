import type { Output, Style } from '../output/output.js'
import { plainText } from '../output/plain-text.js'
import { wrapped } from '../output/table-text.js'
import type { Finding, Level } from './finding.js'

const STYLES: Readonly<Record<Level, Style>> = { ok: 'green', warn: 'yellow', fail: 'red' }
/** The width of the level and the name of a check. Unit: columns. */
const [LEVEL, CHECK] = [6, 14]
const WIDEST = 120

/** Writes a finding for a person: one line, and the cure below it. */
export function findingText({ level, check, message, cure }: Finding, output: Output): string[] {
  const width = Math.min(output.columns ?? WIDEST, WIDEST) - LEVEL - CHECK
  const lines = wrapped(plainText(message), width)
  const cures = cure === undefined ? [] : wrapped(plainText(cure), width)
  const indent = ' '.repeat(LEVEL + CHECK)
  const head = output.paint(STYLES[level], level.padEnd(LEVEL)) + check.padEnd(CHECK)
  return [
    ...lines.map((line, at) => (at === 0 ? head : indent) + line),
    ...cures.map((line) => indent + output.paint('cyan', line)),
  ]
}

/** The last line: how many checks came out how. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length
  const [fails, warns] = [count('fail'), count('warn')]
  if (fails + warns === 0) return `All ${findings.length} checks are good. No money was moved.`
  return `${count('ok')} ok, ${warns} warn, ${fails} fail. No money was moved.`
}

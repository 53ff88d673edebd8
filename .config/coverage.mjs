// Adds what child processes covered to what Jest saw, prints a table, and fails below the thresholds.
// Jest instruments src/ in its own process; children run dist/, whose V8 coverage maps back to src/.
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import coverage from 'istanbul-lib-coverage'
import report from 'istanbul-lib-report'
import reports from 'istanbul-reports'
import v8ToIstanbul from 'v8-to-istanbul'

const THRESHOLDS = { lines: 95, branches: 90 }
const [fromJest, fromChildren] = ['.cache/coverage/jest/coverage-final.json', '.cache/coverage/v8']

const inProcess = coverage.createCoverageMap(JSON.parse(readFileSync(fromJest, 'utf8')))
const inChildren = coverage.createCoverageMap({})
for (const file of readdirSync(fromChildren)) {
  const { result } = JSON.parse(readFileSync(path.join(fromChildren, file), 'utf8'))
  for (const script of result) await addScript(script)
}

// The two instrument differently, so counts cannot be added: a file is judged by the run that saw more.
const merged = coverage.createCoverageMap({})
const linesOf = (map, file) =>
  map.data[file] ? map.fileCoverageFor(file).toSummary().lines.pct : -1
for (const file of new Set([...inProcess.files(), ...inChildren.files()])) {
  const better = linesOf(inChildren, file) > linesOf(inProcess, file) ? inChildren : inProcess
  merged.addFileCoverage(better.fileCoverageFor(file))
}

const context = report.createContext({ dir: '.cache/coverage', coverageMap: merged })
reports.create('text', { skipFull: true }).execute(context)
const summary = merged.getCoverageSummary()
for (const [kind, minimum] of Object.entries(THRESHOLDS)) {
  const { pct } = summary[kind]
  console.log(`coverage of ${kind}: ${pct} % (at least ${minimum} %)`)
  if (!(pct >= minimum)) process.exitCode = 1
}
rmSync(fromChildren, { recursive: true, force: true })

async function addScript({ url, functions }) {
  const built = new URL('../dist/', import.meta.url).href
  if (!url.startsWith(built)) return
  const converter = v8ToIstanbul(fileURLToPath(url))
  await converter.load()
  converter.applyCoverage(functions)
  inChildren.merge(converter.toIstanbul())
}

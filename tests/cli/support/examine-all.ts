// Runs the checks of `doctor` for each case in a file, one after the other, and prints what was found.
import { readFile } from 'node:fs/promises'
import { examine, type Wish } from '../../../src/cli/doctor/examine.js'
import type { Finding } from '../../../src/cli/doctor/finding.js'

interface Case {
  name: string
  wish: Wish
  env: Record<string, string>
}

const cases = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as Case[]
const outer = { ...process.env }
const found: [string, Finding[]][] = []
for (const { name, wish, env } of cases) {
  process.env = { ...outer, ...env }
  const findings: Finding[] = []
  for await (const finding of examine(wish)) findings.push(finding)
  found.push([name, findings])
}
process.stdout.write(JSON.stringify(found), () => process.exit())

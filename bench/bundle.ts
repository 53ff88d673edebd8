import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { median, spread } from './stats.js'

const RUNS = 15

/** Bytes and import time of the minimal example, bundled as docs/deploying.md says and as a single file. */
export async function benchBundle(): Promise<void> {
  const folder = await mkdtemp(path.join(process.cwd(), '.cache/bench-'))
  try {
    const split = await bundle(folder, 'split', { splitting: true })
    const single = await bundle(folder, 'single', { splitting: false })
    const empty = path.join(folder, 'empty.mjs')
    await writeFile(empty, 'export {}\n')
    printBytes(split)
    await printImportTimes({
      empty,
      split: split.entry,
      'single file': single.entry,
      'dist/index.js': path.resolve('dist/index.js'),
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Bundle {
  entry: string
  entryBytes: number
  allBytes: number
  metafile: Metafile
}

async function bundle(
  folder: string,
  name: string,
  { splitting }: { splitting: boolean },
): Promise<Bundle> {
  const shim = path.join(folder, 'no-form-data.mjs')
  await writeFile(shim, 'export default class FormData {}\n')
  const outdir = path.join(folder, name)
  const { metafile } = await build({
    stdin: { contents: MINIMAL, resolveDir: process.cwd(), sourcefile: 'minimal.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    splitting,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias: { 'form-data': shim },
    banner: {
      js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    metafile: true,
    logLevel: 'error',
  })
  const entry = path.join(outdir, 'stdin.mjs')
  const sizes = Object.values(metafile.outputs).map(({ bytes }) => bytes)
  const entryBytes = bytesAtOnce(metafile)
  return { entry, entryBytes, allBytes: sizes.reduce((a, b) => a + b, 0), metafile }
}

function bytesAtOnce(metafile: Metafile): number {
  return chunksAtOnce(metafile).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The entry chunk with every chunk that it imports statically. */
export function chunksAtOnce({ outputs }: Metafile): Metafile['outputs'][string][] {
  const reached = new Set<string>()
  const reach = (name: string): void => {
    const output = outputs[name]
    if (output === undefined || reached.has(name)) return
    reached.add(name)
    for (const { kind, path: file } of output.imports) if (kind === 'import-statement') reach(file)
  }
  for (const [name, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint === 'minimal.ts') reach(name)
  }
  return [...reached].flatMap((name) => outputs[name] ?? [])
}

/** The minimal example without `warm()`, so that importing it opens no connection. */
export const MINIMAL = `
import { Payments, requiresPayment } from './dist/index.js'
const payments = Payments.getInstance({ nvmApiKey: 'local:e30.eyJzdWIiOiIweDAxIn0.x' })
export const handler = requiresPayment(
  async () => ({ content: [{ type: 'text', text: 'Hello!' }] }),
  { payments, planId: '1', credits: 1 },
)
`

function printBytes({ entryBytes, allBytes, metafile }: Bundle): void {
  console.log('Minimal example, bundled with splitting and without form-data')
  console.log(`  entry, with what it imports   ${kilobytes(entryBytes)}`)
  console.log(`  all chunks                    ${kilobytes(allBytes)}`)
  const byLibrary = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'agentcore-x402'
      byLibrary.set(library, (byLibrary.get(library) ?? 0) + bytesInOutput)
    }
  }
  for (const [library, bytes] of [...byLibrary].sort((a, b) => b[1] - a[1]).slice(0, 6)) {
    console.log(`    ${library.padEnd(28)}${kilobytes(bytes)}`)
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`
}

async function printImportTimes(files: Record<string, string>): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(files).map((name) => [name, []]))
  for (let run = 0; run < RUNS; run++) {
    for (const [name, file] of Object.entries(files)) times.get(name)?.push(await importTime(file))
  }
  const base = median(times.get('empty') ?? [])
  console.log(`\nImport in a fresh process, ${RUNS} interleaved runs`)
  for (const [name, runs] of times) {
    console.log(
      `  ${name.padEnd(29)} ${spread(runs, 1)} ms, ${(median(runs) - base).toFixed(1)} ms above empty`,
    )
  }
}

/** Unit: ms. */
async function importTime(file: string): Promise<number> {
  const script = `const t = performance.now(); await import(${JSON.stringify(`file://${file}`)}); console.log(performance.now() - t)`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ])
  return Number(stdout)
}

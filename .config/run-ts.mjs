// Runs one TypeScript file of examples/, bench/ or tests/peers/ against the built package, on any Node ≥ 20:
//   node .config/run-ts.mjs examples/demo.ts
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [file, ...args] = process.argv.slice(2)
// Inside the package, so that it finds itself by its own name; or where the file's own packages are.
const peers = path.join(root, 'tests/peers')
const home = path.resolve(file).startsWith(peers) ? path.join(peers, 'node_modules') : root
await mkdir(path.join(home, '.cache'), { recursive: true })
const outdir = await mkdtemp(path.join(home, '.cache/run-'))
process.setSourceMapsEnabled(true)
try {
  await build({
    entryPoints: [path.resolve(file)],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    supported: { decorators: false },
    sourcemap: 'inline',
    logLevel: 'error',
    tsconfigRaw: {}, // its `paths` would replace the built package by src/
    outdir,
    outExtension: { '.js': '.mjs' },
  })
  process.argv = [process.argv[0], file, ...args]
  await import(pathToFileURL(path.join(outdir, `${path.basename(file, '.ts')}.mjs`)).href)
} finally {
  await rm(outdir, { recursive: true, force: true })
}

// Bundles each Lambda into a folder of its own, dist/lambda/<name>, and the CDK app into dist/cdk:
//   node build.mjs [another folder than dist]
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const dist = path.resolve(here, process.argv[2] ?? 'dist')
const noFormData = path.join(dist, 'no-form-data.js')

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await writeFile(noFormData, 'export default class FormData {}\n')

const common = {
  absWorkingDir: here,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
}

const lambda = {
  ...common,
  minify: true,
  splitting: true, // keeps the HTTP library out of the entry chunk
  alias: { 'form-data': noFormData }, // only JSON is sent
  banner: {
    js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
  },
}

for (const name of ['paid-tool', 'stub-target', 'interceptor', 'tool', 'settlement-worker']) {
  const entryPoints = { index: `lambda/${name}.ts` }
  await build({ ...lambda, entryPoints, outdir: path.join(dist, 'lambda', name) })
}
const app = { entryPoints: ['cdk/app.ts'], packages: 'external', outdir: path.join(dist, 'cdk') }
await build({ ...common, ...app })

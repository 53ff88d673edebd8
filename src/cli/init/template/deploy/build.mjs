// Bundles what Lambda runs into dist/lambda.
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

await rm('dist/lambda', { recursive: true, force: true })
await build({
  entryPoints: { index: 'deploy/lambda.ts' },
  outdir: 'dist/lambda',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  splitting: true, // keeps what is loaded later out of the first file
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // The HTTP library calls require.
  banner: {
    js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { temporaryFolder } from './lambda.js'

/** Bundles an example as it is shipped to Lambda, with the flags of the README. */
export async function bundle(entry: string): Promise<string> {
  const folder = await temporaryFolder()
  const formData = path.join(folder, 'no-form-data.js')
  await writeFile(formData, 'export default class FormData {}')
  await build({
    entryPoints: [{ in: entry, out: 'handler' }],
    tsconfigRaw: {}, // With the `paths` of tsconfig.json, src/ would take the place of the built package.
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    splitting: true,
    alias: { 'form-data': formData },
    outdir: path.join(folder, 'bundle'),
    outExtension: { '.js': '.mjs' },
    banner: {
      js: `import { createRequire } from 'node:module';const require = createRequire(import.meta.url);`,
    },
    logLevel: 'error',
  })
  return path.join(folder, 'bundle/handler.mjs')
}

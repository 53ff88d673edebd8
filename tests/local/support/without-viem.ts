import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { run } from '../../support/built.js'
import { temporaryFolder } from './lambda.js'

/** What a program prints that imports this entry as `./library.mjs`, in a place without packages. */
export async function saidWithoutViem(entry: string, program: string): Promise<string> {
  const folder = await temporaryFolder() // No package can be found from there.
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['viem', 'viem/*'],
    outfile: path.join(folder, 'library.mjs'),
    logLevel: 'error',
  })
  const file = path.join(folder, 'program.mjs')
  await writeFile(file, program)
  const { stdout } = await run(process.execPath, [file], { timeout: 30_000 })
  return stdout
}

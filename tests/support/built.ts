import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

/** Runs a program to its end. @throws with `code`, `stdout` and `stderr` where it fails. */
export const run = promisify(execFile)

/** Compiles the package where nobody has yet; `npm test` does so before the tests. */
export async function built(): Promise<void> {
  if (existsSync('dist/cli.js')) return
  const tsc = ['node_modules/typescript/bin/tsc', '-p', '.config/tsconfig.build.json']
  await run(process.execPath, tsc)
}

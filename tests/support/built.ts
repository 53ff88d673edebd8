import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Runs a program to its end.
 *
 * @throws with `code`, `stdout` and `stderr` if it fails.
 */
export const run = promisify(execFile)

/**
 * Makes sure that `dist/` was built from `src/` as it is now.
 *
 * @throws if it is missing or older. `npm test` and `npm run test:jest` compile it before the tests.
 */
export async function built(): Promise<void> {
  const script = `
    import { newerThanDist } from './.config/stale.mjs'
    const file = newerThanDist()
    if (file !== undefined) {
      console.error('dist/ is older than src/' + file + ': npm run build')
      process.exit(1)
    }`
  await run(process.execPath, ['--input-type=module', '--eval', script])
}

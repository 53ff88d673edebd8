// Compiles src/ to dist/, and the page of the local stack, which runs in a browser:
//   node .config/build.mjs               checks types, too
//   node .config/build.mjs --no-check    leaves that to `npm run typecheck`
//   node .config/build.mjs --if-stale    the same, and only where a file of src/ is newer than dist/
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { newerThanDist } from './stale.mjs'

const PAGE_OPTIONS = ['--noEmit', 'false', '--rootDir', 'src', '--outDir', 'dist']

/** What `agentcore-x402 init` writes. It goes out as it is. */
const TEMPLATE = 'src/cli/init/template'

const wanted = process.argv.slice(2)
const ifStale = wanted.includes('--if-stale')
if (!ifStale || newerThanDist() !== undefined) {
  rmSync('dist', { recursive: true, force: true })
  const noCheck = ifStale || wanted.includes('--no-check') ? ['--noCheck'] : []
  const compile = (...args) =>
    spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', ...args, ...noCheck], {
      stdio: 'inherit',
    }).status ?? 1
  process.exitCode = compile('.config/tsconfig.build.json') || compile('src/page', ...PAGE_OPTIONS)
  for (const file of ['index.html', 'page.css'])
    copyFileSync(`src/page/${file}`, `dist/page/${file}`)
  cpSync(TEMPLATE, 'dist/cli/init/template', { recursive: true })
}

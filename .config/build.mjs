// Compiles src/ to dist/:
//   node .config/build.mjs               checks types, too
//   node .config/build.mjs --no-check    leaves that to `npm run typecheck`
//   node .config/build.mjs --if-stale    the same, and only where a file of src/ is newer than dist/
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { newerThanDist } from './stale.mjs'

const wanted = process.argv.slice(2)
const ifStale = wanted.includes('--if-stale')
if (!ifStale || newerThanDist() !== undefined) {
  rmSync('dist', { recursive: true, force: true })
  const args = ['node_modules/typescript/bin/tsc', '-p', '.config/tsconfig.build.json']
  if (ifStale || wanted.includes('--no-check')) args.push('--noCheck')
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}

// `npm run test:strands`: the plugin's tests with the newest Strands SDK, on Node 22, which it needs.
// The ordinary tests run with the lowest one that is supported.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

const NEWEST = '1.19.0'
const COPIED = [
  'src',
  'tests',
  'examples',
  '.config',
  'package.json',
  'tsconfig.json',
  'jest.config.ts',
]

const bin = path.resolve('tests/nodes/node_modules/n22/bin')
if (!existsSync(path.join(bin, 'node'))) {
  console.log(`skipped: there is no Node 22 for ${process.platform} ${process.arch}`)
} else {
  mkdirSync('.cache', { recursive: true })
  const folder = mkdtempSync(path.resolve('.cache/strands-'))
  try {
    process.exitCode = runIn(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runIn(folder) {
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` }
  const newest = path.join(folder, 'newest')
  mkdirSync(newest)
  writeFileSync(path.join(newest, 'package.json'), '{"private":true}')
  const wanted = [
    `@strands-agents/sdk@${NEWEST}`,
    '@opentelemetry/api@1',
    '@modelcontextprotocol/sdk@1.32.2',
    'zod@4',
  ]
  const installed = spawnSync(
    'npm',
    ['install', '--silent', '--no-audit', '--no-fund', ...wanted],
    { cwd: newest, env, stdio: 'inherit' },
  )
  if (installed.status !== 0) return 1

  for (const name of COPIED) {
    cpSync(name, path.join(folder, name), {
      recursive: true,
      filter: (from) => !from.includes('node_modules'),
    })
  }
  linkModules(path.join(folder, 'node_modules'), path.join(newest, 'node_modules'))
  const here = { cwd: folder, env: { ...env, NODE_NO_WARNINGS: '1' }, stdio: 'inherit' }
  const built = spawnSync('node', ['.config/build.mjs', '--no-check'], here)
  if (built.status !== 0) return 1
  const jest = ['.config/run-jest.mjs', 'tests/strands/', 'tests/house/examples-strands']
  return spawnSync('node', jest, here).status ?? 1
}

/** Everything as it is, but for Strands. */
function linkModules(target, newest) {
  mkdirSync(target)
  for (const name of readdirSync('node_modules')) {
    if (name === '@strands-agents') continue
    symlinkSync(path.resolve('node_modules', name), path.join(target, name))
  }
  symlinkSync(path.join(newest, '@strands-agents'), path.join(target, '@strands-agents'))
}

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { built, run } from '../support/built.js'
import { files, imports, type Import } from './support/imports-of.js'

const HEAVY = /^(axios|(node:)?https?|@aws-sdk\/.*|@strands-agents\/.*|@modelcontextprotocol\/.*)$/

/** The imports that are against a rule, as `from -> to`. */
function against(rule: (one: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} -> ${to}`)
}

/** Everything a file loads when it is imported. */
function reach(from: string, seen = new Set<string>()): Set<string> {
  for (const { to, typeOnly, lazy } of imports.filter((one) => one.from === from)) {
    if (!typeOnly && !lazy && !seen.has(to)) reach(to, seen.add(to))
  }
  return seen
}

function installedFor(entry: string): string[] {
  const reached = [...reach(entry)]
  return reached.filter((to) => !files.includes(to) && !to.startsWith('node:')).sort()
}

test('Strands and MCP are loaded by the plugin, the local stack and the scripted model alone', () => {
  const others = ({ from }: Import): boolean =>
    !/^(strands|local)\/|^testing\/scripted-model\.ts$/.test(from)
  const isTheirs = ({ to }: Import): boolean => /^@(strands-agents|modelcontextprotocol)\//.test(to)
  expect(against((one) => isTheirs(one) && others(one))).toEqual([])
  expect(imports.some(isTheirs)).toBe(true)
})

test("AWS's SDK is loaded when it is needed, and by the rooms that need it", () => {
  const isSdk = ({ to }: Import): boolean => to.startsWith('@aws-sdk/')
  expect(against((one) => isSdk(one) && !one.typeOnly && !one.lazy)).toEqual([])
  expect(
    against(
      (one) =>
        isSdk(one) && !/^(agentcore|strands|store|local\/table|cli\/doctor)\//.test(one.from),
    ),
  ).toEqual([])
  expect(imports.some(isSdk)).toBe(true)
})

test('the entries of the buyer reach zod and nothing else that is installed', () => {
  expect(installedFor('client/index.ts')).toEqual(['zod/mini'])
  expect(installedFor('agentcore/index.ts')).toEqual(['zod/mini'])
})

test('the DynamoDB store reaches nothing that is installed, and of the seller types alone', () => {
  const reached = [...reach('store/index.ts')]
  expect(reached).toContain('store/payments-table.ts')
  expect(installedFor('store/index.ts')).toEqual([])
  expect(reached.filter((to) => to.startsWith('seller/'))).toEqual([])
  expect([...reach('index.ts')].filter((to) => to.startsWith('store/'))).toEqual([])
})

test('the package reaches no HTTP library and no local stack until it needs them', () => {
  const reached = [...reach('index.ts')]
  expect(reached).toContain('nevermined/api.ts')
  expect(reached.filter((to) => HEAVY.test(to) || to.startsWith('local/'))).toEqual([])
})

test('the package reaches the phases of an interceptor only when one is made', () => {
  const reached = [...reach('index.ts')]
  expect(reached).toContain('seller/options/interceptor-options.ts')
  expect(reached.filter((to) => to.startsWith('seller/phases/'))).toEqual([])
})

test('no file exports everything of another', () => {
  const stars = files.filter((file) =>
    /^export \*/m.test(readFileSync(path.join('src', file), 'utf8')),
  )
  expect(stars).toEqual([])
})

/** Prints what a process loads and keeps open when it imports a module. */
const PROBE = `
  import { writeSync } from 'node:fs'
  import { createRequire, register } from 'node:module'
  import { pathToFileURL } from 'node:url'
  const say = (lines) => writeSync(1, lines.join('\\n') + '\\n')
  register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs'
    export const load = (url, context, next) => (writeSync(1, url + '\\\\n'), next(url, context))
  \`))
  const before = [process.moduleLoadList, process.getActiveResourcesInfo()].flat()
  await import(pathToFileURL('dist/index.js').href)
  say(Object.keys(createRequire(pathToFileURL('dist/index.js')).cache))
  const after = [process.moduleLoadList, process.getActiveResourcesInfo()].flat()
  say(after.filter((one) => !before.includes(one)))
`

beforeAll(built, 60_000)

const LOADED_LATER =
  /node_modules\/(axios|form-data)|@aws-sdk|@strands-agents|@modelcontextprotocol|dist\/(local\/|cli\.|http\/transport)|^node:(http|net)|^NativeModule (_?https?|_?tls|net|dns|dgram)\b/
const OPEN = /^(Timeout|Immediate|TCP.*|TLS.*|Pipe.*|GetAddr.*|FSReq.*)$/

test('importing the package loads no HTTP, opens nothing and lets the process end', async () => {
  const args = ['--input-type=module', '--eval', PROBE]
  const { stdout } = await run(process.execPath, args, { timeout: 10_000 })
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/nevermined/api.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
})

test('importing the entry of the buyer loads no HTTP and nothing of the seller', async () => {
  const probe = PROBE.replaceAll('dist/index.js', 'dist/client/index.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', probe])
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/client/paying-mcp.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
  expect(found.filter((one) => /dist\/(index\.js|payments\.js|seller\/)/.test(one))).toEqual([])
})

test('importing the entry to AWS loads no SDK, no HTTP and nothing of the seller', async () => {
  const probe = PROBE.replaceAll('dist/index.js', 'dist/agentcore/index.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', probe])
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/agentcore/payment-manager.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
  expect(found.filter((one) => /dist\/(index\.js|payments\.js|seller\/)/.test(one))).toEqual([])
})

test('the check for what is loaded finds the HTTP library where it is', async () => {
  const loud = PROBE.replaceAll('dist/index.js', 'dist/http/transport.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', loud])
  const found = stdout.split('\n').filter((one) => LOADED_LATER.test(one))
  expect(found.some((one) => one.includes('axios'))).toBe(true)
  expect(found).toContain('NativeModule http')
})

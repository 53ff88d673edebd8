import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { built, run } from './support/built.js'

const SRC = path.resolve('src')
const LEAVES = [
  ...['x402.ts', 'errors.ts', 'reason.ts', 'mpp.ts', 'networks.ts', 'version.ts'],
  ...[
    'amounts.ts',
    'signed.ts',
    'checks.ts',
    'unless-aborted.ts',
    'challenge-schemas.ts',
    'parse-json.ts',
  ],
]
const STAGES = ['parse.ts', 'price.ts', 'verify.ts', 'settle.ts', 'respond.ts']
/** What may put stages together: the doors, and what they share around failures and settle. */
const DOORS = [
  'requires-payment.ts',
  'interceptor.ts',
  'request-phase.ts',
  'response-phase.ts',
  'hooks.ts',
  'failure.ts',
  'sell.ts',
]
const HEAVY = /^(axios|(node:)?https?|@aws-sdk\/.*|@strands-agents\/.*|@modelcontextprotocol\/.*)$/

interface Import {
  from: string
  to: string
  /** Gone after compiling: `import type`, or `type` before every name. */
  typeOnly: boolean
}

const IMPORT = /^(?:import|export)\s+(?:(type)\s+)?(?:([^'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const imports: Import[] = files.flatMap(importsOf)

function importsOf(from: string): Import[] {
  const text = readFileSync(path.join(SRC, from), 'utf8')
  return [...text.matchAll(IMPORT)].map(([, type, names = '', target = '']) => {
    const listed = /^\{(.*)\}$/s
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim()) ?? ['']
    const allTypes = listed.filter(Boolean).every((name) => name.startsWith('type '))
    const to = target.startsWith('.')
      ? path.join(path.dirname(from), target.replace(/\.js$/, '.ts'))
      : target
    return { from, to, typeOnly: type !== undefined || (listed[0] !== '' && allTypes) }
  })
}

/** The imports that are against a rule, as `from -> to`. */
function against(rule: (one: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} -> ${to}`)
}

/** Everything a file loads when it is imported. */
function reach(from: string, seen = new Set<string>()): Set<string> {
  for (const { to } of imports.filter((one) => one.from === from && !one.typeOnly)) {
    if (!seen.has(to)) reach(to, seen.add(to))
  }
  return seen
}

const isOurs = (file: string) => files.includes(file)

test('every import of a file of ours is understood', () => {
  expect(imports.length).toBeGreaterThan(80)
  expect(against(({ to }) => to.endsWith('.ts') && !isOurs(to))).toEqual([])
})

test('a leaf imports nothing of ours, except what a payment is read with, and types', () => {
  const allowed = ({ from, to, typeOnly }: Import) =>
    (from === 'errors.ts' && to === 'x402.ts' && typeOnly) ||
    (from === 'signed.ts' && ['amounts.ts', 'x402.ts'].includes(to)) ||
    (from === 'checks.ts' && ['amounts.ts', 'errors.ts', 'x402.ts'].includes(to))
  expect(against((one) => LEAVES.includes(one.from) && isOurs(one.to) && !allowed(one))).toEqual([])
})

test('only doors import stages; a stage imports of another its types', () => {
  const others = ({ from }: Import) => !DOORS.includes(from)
  expect(against((one) => STAGES.includes(one.to) && others(one) && !one.typeOnly)).toEqual([])
})

test('no stage imports a door', () => {
  const inner = [...STAGES, 'answer.ts', 'carriers.ts', ...LEAVES]
  expect(against(({ from, to }) => inner.includes(from) && DOORS.includes(to))).toEqual([])
})

test('only the command line imports the local stack', () => {
  const inside = (file: string) => file.startsWith('local/') || file === 'cli.ts'
  expect(against(({ from, to }) => to.startsWith('local/') && !inside(from))).toEqual([])
})

test('buyer and seller share leaves, and meet on the wire', () => {
  const buys = (file: string) => file.startsWith('client/')
  expect(files.filter(buys)).toContain('client/paying-mcp.ts')
  const reaches = ({ from, to }: Import) => buys(from) && isOurs(to) && !buys(to)
  expect(against((one) => reaches(one) && !LEAVES.includes(one.to))).toEqual([])
  const strangers = ({ from }: Import) =>
    !buys(from) && !from.startsWith('agentcore/') && !from.startsWith('strands/')
  const typeless = ({ from, typeOnly }: Import) => !typeOnly && !from.startsWith('strands/')
  expect(
    against((one) => buys(one.to) && (strangers(one) || typeless(one)) && !buys(one.from)),
  ).toEqual([])
})

test('what speaks to AWS shares leaves with the rest, and types with the buyer', () => {
  const speaks = (file: string) => file.startsWith('agentcore/')
  expect(files.filter(speaks)).toContain('agentcore/payment-manager.ts')
  const reaches = ({ from, to }: Import) => speaks(from) && isOurs(to) && !speaks(to)
  const isTypeOfBuyer = ({ to, typeOnly }: Import) => typeOnly && to.startsWith('client/')
  const beyond = against((one) => reaches(one) && !LEAVES.includes(one.to) && !isTypeOfBuyer(one))
  expect(beyond).toEqual([])
  const others = ({ from }: Import) => !speaks(from) && !from.startsWith('strands/')
  expect(against((one) => speaks(one.to) && others(one))).toEqual([])
})

test('the plugin stands on what speaks to AWS and on the buyer, and nothing stands on it', () => {
  const plugs = (file: string) => file.startsWith('strands/')
  expect(files.filter(plugs)).toContain('strands/plugin.ts')
  const below = (file: string) =>
    /^(agentcore|client)\//.test(file) || [...LEAVES, 'logger.ts'].includes(file)
  const reaches = ({ from, to }: Import) => plugs(from) && isOurs(to) && !plugs(to)
  expect(against((one) => reaches(one) && !below(one.to))).toEqual([])
  expect(against(({ from, to }) => plugs(to) && !plugs(from))).toEqual([])
  const strands = /^@(strands-agents|modelcontextprotocol)\//
  expect(
    against(({ from, to }) => strands.test(to) && !plugs(from) && !from.startsWith('local/')),
  ).toEqual([])
})

test('the entry to AWS reaches zod and no SDK until it needs one', () => {
  const installed = [...reach('agentcore/index.ts')].filter((to) => !isOurs(to))
  expect(installed.filter((to) => !to.startsWith('node:')).sort()).toEqual(['zod/mini'])
  expect(against(({ to, typeOnly }) => to.startsWith('@aws-sdk/') && !typeOnly)).toEqual([])
})

test('the entry of the buyer reaches zod and nothing else that is installed', () => {
  const reached = [...reach('client/index.ts')].filter((to) => !isOurs(to))
  expect(reached.filter((to) => !to.startsWith('node:'))).toEqual(['zod/mini'])
  expect(reached.filter((to) => HEAVY.test(to))).toEqual([])
})

test('no file imports itself by way of others', () => {
  expect(files.filter((file) => reach(file).has(file))).toEqual([])
})

test('the package reaches no HTTP library and no local stack until it needs them', () => {
  const reached = [...reach('index.ts')]
  expect(reached).toContain('http-client.ts')
  expect(reached.filter((to) => HEAVY.test(to) || to.startsWith('local/'))).toEqual([])
})

test('no file exports everything of another', () => {
  const stars = files.filter((file) =>
    /^export \*/m.test(readFileSync(path.join(SRC, file), 'utf8')),
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
  /node_modules\/(axios|form-data)|@aws-sdk|@strands-agents|@modelcontextprotocol|dist\/(local\/|cli\.|transport)|^node:(http|net)|^NativeModule (_?https?|_?tls|net|dns|dgram)\b/
const OPEN = /^(Timeout|Immediate|TCP.*|TLS.*|Pipe.*|GetAddr.*|FSReq.*)$/

test('importing the package loads no HTTP, opens nothing and lets the process end', async () => {
  const args = ['--input-type=module', '--eval', PROBE]
  const { stdout } = await run(process.execPath, args, { timeout: 10_000 })
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/http-client.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
})

test('importing the entry of the buyer loads no HTTP and nothing of the seller', async () => {
  const probe = PROBE.replaceAll('dist/index.js', 'dist/client/index.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', probe])
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/client/paying-mcp.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
  expect(found.filter((one) => /dist\/(index|payments|requires-payment)\.js/.test(one))).toEqual([])
})

test('importing the entry to AWS loads no SDK, no HTTP and nothing of the seller', async () => {
  const probe = PROBE.replaceAll('dist/index.js', 'dist/agentcore/index.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', probe])
  const found = stdout.split('\n')
  expect(found.some((one) => one.endsWith('dist/agentcore/payment-manager.js'))).toBe(true)
  expect(found.filter((one) => LOADED_LATER.test(one) || OPEN.test(one))).toEqual([])
  expect(found.filter((one) => /dist\/(index|payments|requires-payment)\.js/.test(one))).toEqual([])
})

test('the check for what is loaded finds the HTTP library where it is', async () => {
  const loud = PROBE.replaceAll('dist/index.js', 'dist/transport.js')
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', loud])
  const found = stdout.split('\n').filter((one) => LOADED_LATER.test(one))
  expect(found.some((one) => one.includes('axios'))).toBe(true)
  expect(found).toContain('NativeModule http')
})

/**
 * `npm run proof:large-table`: fills a table with 100 000 payments, lists it page by page, exports and reports it. It
 * fails if a command needs too much memory, leaves a payment out, or is slower than a bare Scan loop allows.
 *
 *   npm run proof:large-table -- --records 5000
 *
 * Memory is the peak of the whole process (VmHWM: heap, buffers and code), above the peak of the same command on a table
 * with one payment. V8 keeps garbage while the machine has memory to spare. So commands that read the whole table are
 * also started with a small heap: then the peak is what they need. If they needed more, they would end.
 */
import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import { somePayments, writePayments } from '../tests/cli/support/made-payments.js'
import { IS_INSTALLED, startEngine } from '../tests/store/support/engine.js'
import { clientOf, createTable } from '../tests/store/support/table.js'
import { type Measured, type Started, measuredCommand } from './measured-command.js'
import { spread } from './stats.js'

/** The most memory of a command above that on a small table. Unit: MiB. */
const MAX_GROWTH_MIB = 64
/** The least rate of an export, as a part of that of the bare loop. */
const MIN_RATIO = 0.8
const SMALL_HEAP = ['--max-old-space-size=40', '--max-semi-space-size=2']
/** The page with which the bare loop is fastest on this engine. */
const BARE_PAGE = 1_000
const ROUNDS = 5

const failures: string[] = []

function check(isGood: boolean, what: string): void {
  console.log(`${isGood ? 'good' : 'BAD '}  ${what}`)
  if (!isGood) failures.push(what)
}

if (!IS_INSTALLED) throw new Error('the DynamoDB engine is not installed: npm run peers')
const records = Number(/--records (\d+)/.exec(process.argv.join(' '))?.[1] ?? 100_000)
const engine = await startEngine()
try {
  const client = clientOf(engine.endpoint)
  const [small, large] = [await createTable(client), await createTable(client)]
  await writePayments(client, small, somePayments(1, Date.now()))
  const startedAt = performance.now()
  await writePayments(client, large, somePayments(records, Date.now()))
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  console.log(`Node ${process.version}; ${records} payments were written in ${seconds} s`)
  const place = (table: string): string[] => ['--table', table, '--endpoint-url', engine.endpoint]
  await listAll(place(small), place(large))
  await readWhole(place(small), place(large))
  await timeExports(client, large, { small: place(small), large: place(large) })
} finally {
  await engine.stop()
}
console.log(failures.length === 0 ? 'all good' : `${failures.length} BAD`)
process.exitCode = failures.length === 0 ? 0 : 1

/** Lists the table in pages of the greatest size. Each page is a process of its own. */
async function listAll(small: string[], large: string[]): Promise<void> {
  const peaks: number[] = []
  const keys = new Set<string>()
  let listed = 0
  let next: string | undefined
  const page = ['list', '--json', '--limit', '1000']
  const { peakMib: base } = await measuredCommand({ args: [...page, ...small], onText: ignored })
  do {
    let text = ''
    const from = next === undefined ? [] : ['--next', next]
    const args = [...page, ...large, ...from]
    const ended = await measuredCommand({ args, onText: (some) => (text += some) })
    if (ended.code !== 0) throw new Error(`list ended with ${ended.code}: ${ended.stderr}`)
    const found = JSON.parse(text) as { payments: { key: string }[]; next?: string }
    for (const { key } of found.payments) keys.add(key)
    listed += found.payments.length
    peaks.push(ended.peakMib - base)
    next = found.next
  } while (next !== undefined)
  check(
    keys.size === records && listed === records,
    `list: ${listed} payments in ${peaks.length} pages, ${keys.size} different ones`,
  )
  checkGrowth('list, pages of 1 000, --json', Math.max(...peaks), base)
}

/** Runs the commands that read the whole table. */
async function readWhole(small: string[], large: string[]): Promise<void> {
  const commands = [
    ['export'],
    ['export', '--json'],
    ['report', '--json', '--since', '2000-01-01'],
    ['list', '--tool', 'no such tool'],
    ['show', 'no such payment'],
  ]
  for (const command of commands) {
    const name = command.join(' ')
    const run = (place: string[], node: readonly string[] = []): Promise<Measured> => {
      return measuredCommand({ node, args: [...command, ...place], onText: ignored })
    }
    const base = await run(small, SMALL_HEAP)
    const { code, peakMib } = await run(large, SMALL_HEAP)
    check(code === base.code, `${name}, small heap: ended with ${code}`)
    checkGrowth(`${name}, small heap`, peakMib - base.peakMib, base.peakMib)
    const usual = await run(large)
    console.log(`      ${name}, any heap: ${usual.peakMib.toFixed(0)} MiB in all`)
  }
}

function checkGrowth(name: string, growthMib: number, baseMib: number): void {
  const figures = `${growthMib.toFixed(0)} MiB above ${baseMib.toFixed(0)} MiB`
  check(growthMib <= MAX_GROWTH_MIB, `${name}: ${figures} (at most ${MAX_GROWTH_MIB} above)`)
}

/**
 * Compares exports with a loop that only asks for the next page. What a process needs to start does not count. Of
 * several runs the fastest counts: the machine has disturbed it least.
 */
async function timeExports(
  client: DynamoDBClient,
  table: string,
  { small, large }: { readonly small: string[]; readonly large: string[] },
): Promise<void> {
  const bare: number[] = []
  const exports: Record<string, number[]> = { export: [], 'export --json': [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(rateOf(await bareLoop(client, table)))
    for (const [name, rates] of Object.entries(exports)) {
      let lines = name === 'export' ? -1 : 0
      const onText: Started['onText'] = (text) => void (lines += text.split('\n').length - 1)
      const args = name.split(' ')
      const start = await measuredCommand({ args: [...args, ...small], onText: ignored })
      const { ms, stderr } = await measuredCommand({ args: [...args, ...large], onText })
      if (lines !== records) throw new Error(`${name} wrote ${lines} payments: ${stderr}`)
      rates.push(rateOf(ms - start.ms))
    }
  }
  console.log(`      a bare Scan loop: ${spread(bare, 0)} payments/s`)
  for (const [name, rates] of Object.entries(exports)) {
    const ratio = Math.max(...rates) / Math.max(...bare)
    const figures = `${spread(rates, 0)} payments/s, ÷ the bare loop ${ratio.toFixed(2)}`
    check(ratio >= MIN_RATIO, `${name}: ${figures} (at least ${MIN_RATIO})`)
  }
}

/** @returns how long it took. Unit: ms. */
async function bareLoop(client: DynamoDBClient, TableName: string): Promise<number> {
  const startedAt = performance.now()
  let page: ScanCommandOutput | undefined
  do {
    const ExclusiveStartKey = page?.LastEvaluatedKey
    page = await client.send(new ScanCommand({ TableName, Limit: BARE_PAGE, ExclusiveStartKey }))
  } while (page.LastEvaluatedKey !== undefined)
  return performance.now() - startedAt
}

function rateOf(ms: number): number {
  return (records * 1_000) / ms
}

function ignored(): void {
  // The text is not needed.
}

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { PaymentRecord } from '../../src/index.js'
import { built } from '../support/built.js'
import { describeTable } from '../store/support/describe-table.js'
import { running } from '../store/support/running.js'
import { SECRET, createTable } from '../store/support/table.js'
import { madePayment, somePayments, writePayments } from './support/made-payments.js'
import { readCsv } from './support/read-csv.js'
import { inShell, piped, plain, startInTerminal, whyNoTerminal } from './support/terminal.js'
import { watchedEngine } from './support/watched-engine.js'

const NOW_MS = Date.now()
const DAY_MS = 86_400_000
const PAGE = 500
/** The last page is not full. */
const COUNT = 4 * PAGE + 123
const CLI = path.resolve('dist/cli.js')

/** Names of tools that a file of comma-separated values has to quote, or that a spreadsheet would run. */
const ODD_TOOLS = ['a,b', 'say "hi"', 'two\nlines', '=HYPERLINK("http://evil")', '+1', '-1', '@sum']

function* allPayments(): Generator<PaymentRecord> {
  for (const [at, tool] of ODD_TOOLS.entries()) {
    const record = madePayment(at, NOW_MS, 'settled')
    yield { ...record, sold: record.sold && { ...record.sold, tool } }
  }
  for (const record of [...somePayments(COUNT, NOW_MS)].slice(ODD_TOOLS.length)) yield record
}

const ALL = [...allPayments()]
const keysOf = (payments: readonly { key?: string }[]): string[] =>
  payments.map(({ key = '' }) => key.replace(/^'/, '')).sort()

const why = whyNoTerminal()
if (why !== undefined) console.warn(`skipped: an export in a terminal (${why})`)
const describeTerminal = why === undefined ? describe : describe.skip

describeTable('payments export', () => {
  const db = running()
  const watched = watchedEngine(db)
  let folder: string
  let place: string[]

  beforeAll(async () => {
    await built()
    folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-export-'))
    const table = await createTable(db.client)
    await writePayments(db.client, table, ALL)
    place = ['--table', table, '--endpoint-url', watched.endpoint]
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('writes every payment once, as comma-separated values', async () => {
    const { stdout, stderr, code } = await piped('export', ...place)
    expect([code, stderr]).toEqual([0, ''])
    const rows = readCsv(stdout)
    expect(keysOf(rows)).toEqual(keysOf(ALL))
    const [odd] = ALL
    expect(rows.find(({ key }) => key?.endsWith(odd?.key ?? ''))).toMatchObject({
      ...{ state: 'settled', tool: 'a,b', units: odd?.sold?.amount, decimals: '6' },
      createdAt: new Date(odd?.createdAt ?? 0).toISOString(),
    })
  })

  test('quotes what has commas, quotes or lines, and nothing runs as a formula', async () => {
    const { stdout } = await piped('export', ...place, '--csv', '--state', 'settled')
    const tools = new Set(readCsv(stdout).map(({ tool }) => tool))
    const written = ODD_TOOLS.map((tool) => (/^[=+@-]/.test(tool) ? `'${tool}` : tool))
    expect(written.filter((tool) => !tools.has(tool))).toEqual([])
    expect(stdout).not.toMatch(/(^|,)"?[=+@-]/m)
  })

  test('--json writes one object a line, and nothing that is encrypted', async () => {
    const { stdout, code } = await piped('export', ...place, '--json')
    const lines = stdout.trimEnd().split('\n')
    const payments = lines.map((line) => JSON.parse(line) as { key: string })
    expect([code, keysOf(payments)]).toEqual([0, keysOf(ALL)])
    // A member of the facilitator's answer that the table encrypts.
    expect(ALL.some(({ settlement }) => settlement?.settled['remainingBalance'] === '95')).toBe(
      true,
    )
    expect(stdout).not.toMatch(/remainingBalance|sealed|payloadHash|fingerprint/)
    expect(stdout).not.toContain(SECRET)
  })

  test.each(['settled', 'refund_due'] as const)(
    '--state %s, --since and --until leave the others out',
    async (state) => {
      const [from, to] = [NOW_MS - 12 * DAY_MS, NOW_MS - 5 * DAY_MS]
      const times = ['--since', new Date(from).toISOString(), '--until', new Date(to).toISOString()]
      const { stdout } = await piped('export', ...place, '--json', '--state', state, ...times)
      const found = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { key: string })
      const wanted = ALL.filter(
        (one) => one.state === state && one.createdAt >= from && one.createdAt < to,
      )
      expect(wanted.length).toBeGreaterThan(0)
      expect(keysOf(found)).toEqual(keysOf(wanted))
    },
  )

  test('an export that breaks off says how far it came, and the command it prints writes the rest', async () => {
    watched.fate = (operation, number) => (operation === 'Scan' && number === 3 ? 'refuse' : 'pass')
    const first = await piped('export', ...place)
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(
      /^agentcore-x402: these AWS credentials may not do .*\. 1 000 payments were written\. To go on:\n {2}agentcore-x402 payments export .* --next \S+\n$/,
    )
    expect(readCsv(first.stdout)).toHaveLength(2 * PAGE)
    const [, command = ''] = /agentcore-x402 payments (.*)\n$/.exec(first.stderr) ?? []
    const rest = await inShell(`$CLI ${command}`)
    expect(rest.code).toBe(0)
    expect(keysOf(readCsv(first.stdout + rest.stdout))).toEqual(keysOf(ALL))
  })

  test('a reader that takes its time is waited for: no more than the next page is read', async () => {
    const child = spawn(process.execPath, [CLI, 'payments', 'export', ...place, '--json'])
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve))
    while ((watched.asked['Scan'] ?? 0) < 2) await sleep(20)
    await sleep(700)
    expect(watched.asked['Scan']).toBe(2)
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    expect(await ended).toBe(0)
    expect(text.split('\n')).toHaveLength(COUNT + 1)
    expect(watched.asked['Scan']).toBe(5)
  })

  test.each(['export $PLACE', 'export --json $PLACE', 'list --limit 1000 $PLACE'])(
    'a reader that has enough ends "%s" without a word',
    async (args) => {
      const { stdout, stderr, code } = await inShell(
        `$CLI ${args.replace('$PLACE', place.join(' '))} | head -1`,
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.split('\n')).toHaveLength(2)
    },
  )

  test('a disk that is full ends it with 1, and a line that says so', async () => {
    const { stderr, code } = await inShell(`$CLI export ${place.join(' ')} > /dev/full`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^agentcore-x402: the output cannot be written \(ENOSPC\)\. .*\n$/)
  })

  test.each([
    ['nothing is found', 3, ['--since', '2001-01-01', '--until', '2001-01-02']],
    ['--csv and --json are both given', 2, ['--csv', '--json']],
    ['--next is no place', 2, ['--next', 'somewhere']],
  ])('the exit code says that %s', async (_, code, args) => {
    const ran = await piped('export', ...place, ...args)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(/^agentcore-x402: .+\n$/)
  })

  describeTerminal('in a terminal', () => {
    test('shows its progress while it writes to a file, and wipes it at the end', async () => {
      const file = path.join(folder, 'all.csv')
      const running = startInTerminal(['export', ...place], `> ${file}`)
      const { code, stdout } = await running.ended()
      expect(code).toBe(0)
      expect(stdout).toMatch(/\d items read, [\d ]+ payments written, [\d ]+\/s/)
      expect(plain(stdout)).toBe('')
      expect(keysOf(readCsv(await readFile(file, 'utf8')))).toEqual(keysOf(ALL))
    })

    test('Ctrl+C ends it at once with 130, and it says how far it came and how to go on', async () => {
      const file = path.join(folder, 'some.csv')
      watched.fate = (operation, number) => (operation === 'Scan' && number === 4 ? 'hold' : 'pass')
      const running = startInTerminal(['export', ...place], `> ${file}`)
      while (watched.asked['Scan'] !== 4) await sleep(20)
      while (readCsv(await readFile(file, 'utf8')).length < 3 * PAGE) await sleep(20)
      running.type('\u0003')
      const { code, stdout } = await running.ended()
      expect(code).toBe(130)
      expect(plain(stdout)).toContain(
        'agentcore-x402: interrupted. Nothing was changed. 1 500 payments were written. To go on:\n',
      )
      expect(plain(stdout)).toMatch(/--next \S+\n$/)
    })
  })
})

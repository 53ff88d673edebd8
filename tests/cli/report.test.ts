import { beforeAll, describe, expect, test } from '@jest/globals'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { PaymentRecord } from '../../src/index.js'
import { recordItem } from '../../src/store/record-item.js'
import { createSealer } from '../../src/store/sealer.js'
import { built } from '../support/built.js'
import { describeTable } from '../store/support/describe-table.js'
import { running } from '../store/support/running.js'
import { SECRET, createTable } from '../store/support/table.js'
import { madePayment, somePayments, writePayments } from './support/made-payments.js'
import { readCsv } from './support/read-csv.js'
import {
  inTerminal,
  inShell,
  piped,
  plain,
  startInTerminal,
  whyNoTerminal,
} from './support/terminal.js'
import { watchedEngine } from './support/watched-engine.js'

const NOW_MS = Date.now()
const DAY_MS = 86_400_000
const COUNT = 700

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
/** Seven days, with today. */
const FIRST_DAY_MS = Date.parse(dayOf(NOW_MS)) - 6 * DAY_MS
const EVIL_TOOL = '\u001b[31m=evil,"tool"\u202e'

/** The payments of {@link somePayments}, and one of a tool whose name wants to do harm. */
const ALL: readonly PaymentRecord[] = [...somePayments(COUNT, NOW_MS)].map((record, number) =>
  number === 12 && record.sold !== undefined
    ? { ...record, createdAt: NOW_MS, sold: { ...record.sold, tool: EVIL_TOOL } }
    : record,
)
const IN_PERIOD = ALL.filter(({ createdAt }) => createdAt >= FIRST_DAY_MS && createdAt <= NOW_MS)

interface Counted {
  payments: number
  units: string
}

interface Row extends Record<'settled' | 'refused' | 'refunded' | 'refund_due' | 'open', Counted> {
  day: string
  tool: string
  planId?: string
  asset?: string
  decimals: number
}

/** What a seller would count by hand. */
function unitsOf({ asked, settlement }: PaymentRecord): bigint {
  const { amount } = settlement?.settled ?? {}
  if (settlement !== undefined) return amount ? BigInt(amount) : settlement.creditsUsed
  return BigInt(asked?.amount ?? 0)
}

const why = whyNoTerminal()
if (why !== undefined) console.warn(`skipped: a report in a terminal (${why})`)
const describeTerminal = why === undefined ? describe : describe.skip

describeTable('payments report', () => {
  const db = running()
  const watched = watchedEngine(db)
  let place: string[]

  beforeAll(async () => {
    await built()
    const table = await createTable(db.client)
    await writePayments(db.client, table, ALL)
    const options = { sealer: createSealer(SECRET), keepClosedMs: DAY_MS }
    const item = recordItem(madePayment(COUNT, NOW_MS, 'settled'), { writeId: 'old' }, options)
    // As early versions wrote it, which knew no time.
    const undated = Object.entries(item).filter(([name]) => name !== 'createdAt')
    await db.client.send(
      new PutItemCommand({ TableName: table, Item: Object.fromEntries(undated) }),
    )
    place = ['--table', table, '--endpoint-url', watched.endpoint]
  }, 60_000)

  test('--json sums the last seven days, exactly, by day, tool, and asset or plan', async () => {
    const { stdout, code } = await piped('report', ...place, '--json')
    expect(code).toBe(0)
    const { since, groups, totals, notCounted } = JSON.parse(stdout) as {
      since: string
      groups: Row[]
      totals: Row[]
      notCounted: { undated: number }
    }
    expect(since).toBe(new Date(FIRST_DAY_MS).toISOString())
    expect(notCounted).toEqual({ undated: 1, newer: 0 })
    for (const state of ['settled', 'refused', 'refund_due'] as const) {
      for (const rail of ['asset', 'plan'] as const) {
        const made = IN_PERIOD.filter((one) => one.state === state && one.sold?.rail === rail)
        const total = totals.find((one) => (one.planId === undefined) === (rail === 'asset'))
        const units = made.reduce((sum, one) => sum + unitsOf(one), 0n)
        expect(total?.[state]).toEqual({ payments: made.length, units: units.toString() })
      }
    }
    const [one] = IN_PERIOD.filter(({ state }) => state === 'settled')
    const same = IN_PERIOD.filter(
      ({ state, sold, createdAt }) =>
        state === 'settled' &&
        sold?.tool === one?.sold?.tool &&
        sold?.rail === one?.sold?.rail &&
        dayOf(createdAt) === dayOf(one?.createdAt ?? 0),
    )
    const group = groups.find(
      ({ day, tool, planId }) =>
        day === dayOf(one?.createdAt ?? 0) &&
        tool === one?.sold?.tool &&
        (planId === undefined) === (one.sold.rail === 'asset'),
    )
    const units = same.reduce((sum, it) => sum + unitsOf(it), 0n).toString()
    expect(group?.settled).toEqual({ payments: same.length, units })
  })

  test('--csv has a line for each group, with the same sums', async () => {
    const { stdout } = await piped('report', ...place, '--csv')
    const rows = readCsv(stdout)
    const sum = (column: string): number =>
      rows.reduce((all, row) => all + Number(row[column] ?? NaN), 0)
    const settled = IN_PERIOD.filter(({ state }) => state === 'settled')
    expect(sum('settled')).toBe(settled.length)
    expect(sum('settled_units')).toBe(Number(settled.reduce((all, one) => all + unitsOf(one), 0n)))
    expect(rows.map(({ tool }) => tool)).toContain(EVIL_TOOL)
  })

  test('--since and --until bound the period: a day counts in full', async () => {
    const day = dayOf(NOW_MS - 3 * DAY_MS)
    const { stdout } = await piped('report', ...place, '--csv', '--since', day, '--until', day)
    const made = ALL.filter(({ createdAt }) => dayOf(createdAt) === day)
    const rows = readCsv(stdout)
    expect(new Set(rows.map((row) => row['day']))).toEqual(new Set([day]))
    const counted = ['settled', 'refused', 'refunded', 'refund_due', 'open', 'dead']
    const all = rows.flatMap((row) => counted.map((outcome) => Number(row[outcome])))
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(made.length)
  })

  test.each([
    ['nothing is found', 3, ['--since', '2001-01-01', '--until', '2001-01-02']],
    ['--csv and --json are both given', 2, ['--csv', '--json']],
    ['--since is after --until', 2, ['--since', '1h', '--until', '2h']],
  ])('the exit code says that %s', async (_, code, args) => {
    const ran = await piped('report', ...place, ...args)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(/^agentcore-x402: .+\n$/)
  })

  test('a pipe gets neither colours nor bars, and no control characters of a buyer', async () => {
    const { stdout, code } = await piped('report', ...place)
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/[\u001b\u202e█#]/)
    expect(stdout).toContain('=evil,"tool"')
    expect(stdout).toContain('1 more without a time')
  })

  test('says in its help what it cannot count', async () => {
    const { stdout } = await piped('report', '--help')
    expect(stdout).toMatch(/paid with a reusable token/)
    expect(stdout).toMatch(/expired more than 90 days ago/)
    expect(stdout).toMatch(/its record is deleted, so it does not count as refused/)
    expect(stdout).toContain('$ agentcore-x402 payments report --table payments\n')
  })

  describeTerminal('in a terminal', () => {
    test.each([60, 80, 140])('fits into %d columns, with bars in colours', async (columns) => {
      const { stdout, code } = await inTerminal(columns, 'report', ...place)
      expect(code).toBe(0)
      const lines = plain(stdout).split('\n')
      expect(lines.filter((line) => line.length > columns)).toEqual([])
      expect(stdout).toContain('\u001b[32m█')
      // Every day of the period, for the plan and for the asset.
      const days = lines.filter((line) => /^\d{4}-\d\d-\d\d /.test(line))
      expect(days.map((line) => line.slice(0, 10))).toEqual(
        [0, 1].flatMap(() =>
          Array.from({ length: 7 }, (_, at) => dayOf(FIRST_DAY_MS + at * DAY_MS)),
        ),
      )
      const bars = days.map((line) => (line.match(/[▏▎▍▌▋▊▉█]/g) ?? []).length)
      expect(Math.max(...bars)).toBeGreaterThanOrEqual(columns === 140 ? 40 : 6)
      expect(lines.join('\n')).not.toMatch(/[\u001b\u202e]/)
    })

    test('obeys NO_COLOR, and draws in ASCII if the locale is not UTF-8', async () => {
      const settings = 'export LC_ALL=C NO_COLOR=1; stty cols 100; exec '
      const command = `${settings}$CLI report ${place.join(' ')}`.replaceAll("'", `'\\''`)
      const { stdout, code } = await inShell(
        `script --quiet --return --command "${command}" /dev/null < /dev/null`,
      )
      const shown = stdout.replace(/[^\n]*\r\u001b\[2K/g, '')
      expect(code).toBe(0)
      expect(shown).toMatch(/^\d{4}-\d\d-\d\d +[\d .]+ {2}#+ /m)
      expect(shown).not.toMatch(/[\u001b▏▎▍▌▋▊▉█…]/)
    })

    test('Ctrl+C ends it at once with 130, and says how much was read', async () => {
      watched.fate = (operation, number) => (operation === 'Scan' && number === 2 ? 'hold' : 'pass')
      const atWork = startInTerminal(['report', ...place])
      await atWork.shows(/items read/)
      atWork.type('\u0003')
      const { code, stdout } = await atWork.ended()
      expect(code).toBe(130)
      expect(plain(stdout)).toContain(
        'agentcore-x402: interrupted. 500 items were read. Nothing was changed.\n',
      )
    })
  })
})

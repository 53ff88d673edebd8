import { beforeAll, describe, expect, test } from '@jest/globals'
import { CreateTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { PaymentRecord } from '../../src/index.js'
import { built } from '../support/built.js'
import { describeTable } from '../store/support/describe-table.js'
import { running } from '../store/support/running.js'
import { SECRET, createTable } from '../store/support/table.js'
import { madePayment, somePayments, writePayments } from './support/made-payments.js'
import { inTerminal, piped, plain, whyNoTerminal } from './support/terminal.js'

const NOW_MS = Date.now()
const COUNT = 400

const why = whyNoTerminal()
if (why !== undefined) console.warn(`skipped: commands in a terminal (${why})`)
const describeTerminal = why === undefined ? describe : describe.skip

interface Listed {
  payments: { key: string; state: string; createdAt: string; payer?: string }[]
  next?: string
}

describeTable('agentcore-x402 payments', () => {
  const db = running()
  let place: string[]

  beforeAll(async () => {
    await built()
    const table = await createTable(db.client)
    await writePayments(db.client, table, somePayments(COUNT, NOW_MS))
    place = ['--table', table, '--endpoint-url', db.engine.endpoint]
  }, 60_000)

  const listed = async (...args: string[]): Promise<Listed> => {
    const { stdout, code } = await piped('list', ...place, '--json', ...args)
    expect(code).toBe(0)
    return JSON.parse(stdout) as Listed
  }

  test('list --json: page by page, every payment once', async () => {
    const keys: string[] = []
    let next: string | undefined
    do {
      // The last page is empty, and no failure.
      const page = await listed('--limit', '100', ...(next === undefined ? [] : ['--next', next]))
      keys.push(...page.payments.map(({ key }) => key))
      next = page.next
    } while (next !== undefined)
    expect(keys).toHaveLength(COUNT)
    expect(new Set(keys).size).toBe(COUNT)
  })

  test.each(['refund_due', 'dead', 'unknown', 'settled'] as const)(
    'list --state %s finds exactly those, by the index or without it',
    async (state) => {
      const made = [...somePayments(COUNT, NOW_MS)].filter((one) => one.state === state)
      const { payments } = await listed('--state', state, '--limit', '1000')
      expect(payments.map(({ key }) => key).sort()).toEqual(made.map(({ key }) => key).sort())
    },
  )

  test('list: newest first, and only of a payer, a tool, a time', async () => {
    const { sold } = madePayment(3, NOW_MS)
    const since = new Date(NOW_MS - 10 * 86_400_000).toISOString()
    const { payments } = await listed('--payer', sold?.payer ?? '', '--since', since)
    expect(payments.length).toBeGreaterThan(0)
    expect(payments.every(({ payer }) => payer === sold?.payer)).toBe(true)
    expect(payments.every(({ createdAt }) => createdAt >= since)).toBe(true)
    const times = payments.map(({ createdAt }) => createdAt)
    expect(times).toEqual([...times].sort().reverse())
  })

  test.each<[string, (of: ReturnType<typeof madePayment>) => string | undefined]>([
    ['key', ({ key }) => key],
    ['beginning of the key', ({ key }) => key.slice(0, 12)],
    ['transaction', ({ settlement }) => settlement?.settled.transaction ?? undefined],
    ['correlation id', ({ asked }) => asked?.correlationId],
    ['payment id', ({ sold }) => sold?.paymentId],
  ])('show --json finds a payment by its %s', async (_, nameOf) => {
    const record = madePayment(9, NOW_MS, 'settled')
    const { stdout, code } = await piped('show', ...place, '--json', '--', nameOf(record) ?? '')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ key: record.key, state: 'settled' })
    expect(stdout).not.toContain(SECRET)
  })

  test.each<[string, number, string[]]>([
    ['nothing is found', 3, ['show', 'nothing-like-this']],
    ['the usage is wrong', 2, ['list', '--state', 'paid']],
    ['--csv and --json are both given', 2, ['list', '--csv', '--json']],
  ])('the exit code says that %s', async (_, code, [command = '', ...args]) => {
    const ran = await piped(command, ...place, ...args)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(/^agentcore-x402: .+\n$/)
  })

  test('a table that is not there ends the command with 1, in one line', async () => {
    const { code, stderr } = await piped('list', '--table', 'nowhere', ...place.slice(2))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^agentcore-x402: .*nowhere.*\n$/)
  })

  test('list --csv: one line a payment, as many columns in each', async () => {
    const { stdout, code } = await piped('list', ...place, '--csv', '--limit', '20')
    const lines = stdout.trimEnd().split(/\r?\n/)
    expect([code, lines.length]).toEqual([0, 21])
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1)
  })

  test('a pipe gets no colours', async () => {
    const { stdout } = await piped('list', ...place, '--limit', '5')
    expect(stdout).toBe(plain(stdout))
    expect(stdout).toContain('There may be more')
  })

  test('retry --json: what was given up is due at once, and what ended is not touched', async () => {
    const all = [...somePayments(COUNT, NOW_MS)]
    const dead = all.find(({ state }) => state === 'dead')?.key ?? ''
    const ran = await piped('retry', ...place, '--json', '--', dead)
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ key: dead, state: 'unknown' })
    const { stdout } = await piped('show', ...place, '--json', '--', dead)
    expect(JSON.parse(stdout)).toMatchObject({ state: 'unknown', attempts: 0 })
    const settled = all.find(({ state }) => state === 'settled')?.key ?? ''
    const refused = await piped('retry', ...place, '--', settled)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Nothing was written')
    expect((await piped('retry', ...place, 'nobody')).code).toBe(3)
  })

  test('refunded --json: marks a refund, and says so the second time', async () => {
    const { refund } =
      [...somePayments(COUNT, NOW_MS)].find(({ state }) => state === 'refund_due') ?? {}
    const id = refund?.id ?? ''
    for (const wasRefunded of [false, true]) {
      const { stdout, code } = await piped('refunded', ...place, '--json', '--', id)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ wasRefunded, refund: { id } })
    }
    const unknown = await piped('refunded', ...place, 'nothing.123')
    expect(unknown.code).toBe(3)
  })

  test('forget --json: deletes what ended, asks first, and refuses what is owed', async () => {
    const all = [...somePayments(COUNT, NOW_MS)]
    const keyOf = (state: string) => all.filter((one) => one.state === state).at(-1)?.key ?? ''
    const owed = await piped('forget', ...place, '--yes', '--', keyOf('pending'))
    expect(owed).toMatchObject({ code: 1 })
    expect(owed.stderr).toContain('Nothing was deleted')
    const asked = await piped('forget', ...place, '--', keyOf('refused'))
    expect(asked).toMatchObject({ code: 2 })
    const { stdout, code } = await piped(
      'forget',
      ...place,
      '--json',
      '--yes',
      '--',
      keyOf('refused'),
    )
    expect([code, JSON.parse(stdout)]).toEqual([0, { key: keyOf('refused'), isForgotten: true }])
    const item = await db.client.send(
      new GetItemCommand({ TableName: place[1], Key: { pk: { S: keyOf('refused') } } }),
    )
    // The payment does not count as new.
    expect(item.Item).toMatchObject({ kind: { S: 'forgotten' }, heldBefore: { BOOL: true } })
    expect(item.Item).not.toHaveProperty('sold')
    const forced = await piped('forget', ...place, '--yes', '--force', '--', keyOf('pending'))
    expect(forced.code).toBe(0)
  })

  test('create-table --json: creates it once, and refuses a table of something else', async () => {
    const name = `made-${NOW_MS}`
    const here = ['--table', name, ...place.slice(2), '--json']
    for (const wasThere of [false, true]) {
      const { stdout, code } = await piped('create-table', ...here)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ wasThere, isTtlNew: !wasThere })
    }
    expect(await piped('list', ...here)).toMatchObject({ code: 3 })
    const other = `other-${NOW_MS}`
    const id = { AttributeName: 'id', AttributeType: 'S' } as const
    await db.client.send(
      new CreateTableCommand({
        ...{ TableName: other, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [id] },
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    )
    const refused = await piped('create-table', '--table', other, ...place.slice(2))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('is no table of payments')
  })

  describeTerminal('in a terminal', () => {
    test.each([60, 80, 140])('list fits into %d columns, in colours', async (columns) => {
      const { stdout, code } = await inTerminal(columns, 'list', ...place, '--limit', '20')
      expect(code).toBe(0)
      expect(stdout).not.toBe(plain(stdout))
      const lines = plain(stdout).split('\n')
      expect(lines.filter((line) => line.length > columns)).toEqual([])
      expect(
        lines.filter((line) => /settled|refused|refund|dead|unknown/.test(line)).length,
      ).toBeGreaterThanOrEqual(15)
    })

    test.each([
      ['retry', ({ state }: PaymentRecord) => state === 'unknown', 'The worker looks for it'],
      [
        'refunded',
        ({ state }: PaymentRecord) => state === 'refunded',
        'marked as paid back before',
      ],
    ])('%s says in words what it did', async (command, isWanted, words) => {
      const { key, refund } = [...somePayments(COUNT, NOW_MS)].find(isWanted) ?? {}
      const id = command === 'refunded' ? refund?.id : key
      const { stdout, code } = await inTerminal(80, command, ...place, '--', id ?? '')
      expect(code).toBe(0)
      expect(plain(stdout)).toContain(words)
    })

    test('forget asks in the terminal, and does nothing without a yes', async () => {
      const key = [...somePayments(COUNT, NOW_MS)].find(({ state }) => state === 'settled')?.key
      const { stdout, code } = await inTerminal(80, 'forget', ...place, '--', key ?? '')
      expect(plain(stdout)).toContain('Forget this payment ("settled")? [y/N]')
      expect(code).not.toBe(0)
      expect((await piped('show', ...place, '--', key ?? '')).code).toBe(0)
    })

    test('create-table says in words what it did', async () => {
      const { stdout, code } = await inTerminal(80, 'create-table', ...place)
      expect(code).toBe(0)
      expect(plain(stdout)).toContain('The table was there.')
    })

    test('show says what became of a payment, in words and within the width', async () => {
      const due = [...somePayments(COUNT, NOW_MS)].filter(({ state }) => state === 'refund_due')
      // The first one is marked by another test.
      const record = due.at(-1)
      const { stdout, code } = await inTerminal(80, 'show', ...place, '--', record?.key ?? '')
      const text = plain(stdout)
      expect(code).toBe(0)
      expect(text.replace(/\s+/g, ' ')).toContain('You owe the buyer a refund')
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
      expect(text).toContain(record?.refund?.id ?? 'no refund')
    })
  })
})

import { beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { built } from '../support/built.js'
import { describeTable } from '../store/support/describe-table.js'
import { running } from '../store/support/running.js'
import { createTable } from '../store/support/table.js'
import { somePayments, writePayments } from './support/made-payments.js'
import { piped, plain, startInTerminal, whyNoTerminal } from './support/terminal.js'
import { watchedEngine } from './support/watched-engine.js'

const NOW_MS = Date.now()
const COUNT = 700

const why = whyNoTerminal()
if (why !== undefined) console.warn(`skipped: Ctrl+C (${why})`)
const describeTerminal = why === undefined ? describe : describe.skip

describeTable('Ctrl+C', () => {
  describeTerminal('in a terminal', () => {
    const db = running()
    const watched = watchedEngine(db)
    const all = [...somePayments(COUNT, NOW_MS)]
    const keyOf = (state: string): string => all.find((one) => one.state === state)?.key ?? ''
    let place: string[]

    beforeAll(async () => {
      await built()
      const table = await createTable(db.client)
      await writePayments(db.client, table, all)
      place = ['--table', table, '--endpoint-url', watched.endpoint]
    }, 60_000)

    /** Runs a command up to a request that nobody answers, and presses Ctrl+C. */
    async function interrupted(held: string, ...args: string[]) {
      const [operation = '', number = '1'] = held.split(' ')
      watched.fate = (name, count) =>
        name === operation && count === Number(number) ? 'hold' : 'pass'
      const { type, ended } = startInTerminal(args)
      while ((watched.asked[operation] ?? 0) < Number(number)) await sleep(20)
      type('\u0003')
      const { code, stdout } = await ended()
      return { code, text: plain(stdout).replace(/^\^C/, '') }
    }

    test.each([
      ['list', ['--limit', '1000']],
      ['show', ['nothing-like-this']],
    ])('ends %s with 130, and says how much was read', async (command, args) => {
      const { code, text } = await interrupted('Scan 2', command, ...place, ...args)
      expect(text).toMatch(
        /^agentcore-x402: interrupted\. (500|0) items were read\. Nothing was changed\.\n$/,
      )
      expect(code).toBe(130)
    })

    test.each(['retry', 'forget'])(
      'ends %s with 130 before it writes, and nothing was changed',
      async (command) => {
        const key = keyOf('dead')
        const yes = command === 'forget' ? ['--yes'] : []
        const ended = await interrupted('GetItem', command, ...place, ...yes, '--', key)
        const text = 'agentcore-x402: interrupted. Nothing was changed.\n'
        expect(ended).toEqual({ code: 130, text })
        const { stdout } = await piped('show', ...place, '--json', '--', key)
        expect(JSON.parse(stdout)).toMatchObject({ key, state: 'dead' })
      },
    )

    test.each([
      ['retry', 'dead', []],
      ['forget', 'refused', ['--yes']],
      ['refunded', 'refund_due', []],
    ])('ends %s while it writes, and does not claim to know', async (command, state, yes) => {
      const { key, refund } = all.find((one) => one.state === state) ?? {}
      const id = (command === 'refunded' ? refund?.id : key) ?? ''
      const { code, text } = await interrupted('UpdateItem', command, ...place, ...yes, '--', id)
      expect(text).toContain('The change may have been written, or not')
      expect(code).toBe(130)
    })

    test.each(['CreateTable', 'DescribeTimeToLive'])(
      'ends create-table with 130 at %s, and says how to go on',
      async (held) => {
        const there = [...place.slice(2), '--table', `new-table-${held}`]
        const { code, text } = await interrupted(held, 'create-table', ...there)
        expect(text).toContain('The table may be there in part. Run the command again')
        expect(code).toBe(130)
        watched.fate = () => 'pass'
        expect((await piped('create-table', ...there)).code).toBe(0)
      },
    )

    test('at the question of forget deletes nothing', async () => {
      const key = keyOf('settled')
      const { shows, type, ended } = startInTerminal(['forget', ...place, '--', key])
      await shows(/\[y\/N\]/)
      type('\u0003')
      const { code, stdout } = await ended()
      expect(plain(stdout)).toContain('agentcore-x402: interrupted. Nothing was changed.\n')
      expect(code).toBe(130)
      expect((await piped('show', ...place, '--', key)).code).toBe(0)
    })
  })
})

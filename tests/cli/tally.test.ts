import { expect, test } from '@jest/globals'
import { bar } from '../../src/cli/output/bars.js'
import { OTHER_TOOLS, Tally, byUnit, sumOf } from '../../src/cli/output/tally.js'
import type { PaymentRecord } from '../../src/index.js'
import { madePayment } from './support/made-payments.js'

const NOW_MS = Date.parse('2026-11-30T12:00:00Z')
const NETWORK = 'eip155:84532'
const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'

function payment(number: number, changes: Partial<PaymentRecord>): PaymentRecord {
  return { ...madePayment(number, NOW_MS, 'settled'), createdAt: NOW_MS, ...changes }
}

/** A payment in money whose settle has taken exactly this much. */
function paid(amount: string, asset = USDC, tool = 'search'): PaymentRecord {
  const settled = { success: true, network: NETWORK, amount }
  return payment(3, {
    sold: { tool, rail: 'asset', network: NETWORK, asset, amount: '7' },
    settlement: { settled, creditsUsed: 0n, inV1: false },
  })
}

function tallied(...payments: readonly PaymentRecord[]): Tally {
  const tally = new Tally()
  for (const one of payments) tally.add(one)
  return tally
}

test('amounts larger than a number holds are summed to the last unit', () => {
  const huge = '9007199254740993'
  const [report] = byUnit(tallied(paid(huge), paid(huge), paid('1')).groups)
  expect(report?.total.settled).toEqual({ payments: 3, units: 18014398509481987n })
})

test('what was settled counts, not what was quoted', () => {
  const [report] = byUnit(tallied(paid('5')).groups)
  expect(report?.total.settled.units).toBe(5n)
})

test('amounts of different assets, plans and networks are never added', () => {
  const other = '0x0000000000000000000000000000000000000001'
  const credits = (planId: string): PaymentRecord => {
    const { sold, settlement, ...made } = payment(1, {})
    return { ...made, settlement, sold: sold && { ...sold, planId } }
  }
  const elsewhere = paid('20')
  const onBase: PaymentRecord = {
    ...elsewhere,
    sold: elsewhere.sold && { ...elsewhere.sold, network: 'eip155:8453' },
    settlement: elsewhere.settlement && {
      ...elsewhere.settlement,
      settled: { success: true, network: 'eip155:8453', amount: '20' },
    },
  }
  const { groups } = tallied(paid('10'), paid('10', other), credits('1'), credits('2'), onBase)
  expect(byUnit(groups)).toHaveLength(5)
  // An address in other letters is the same asset.
  expect(byUnit(tallied(paid('1'), paid('2', USDC.toLowerCase())).groups)).toHaveLength(1)
})

test.each([
  ['unverified', 'open'],
  ['claimed', 'open'],
  ['settling', 'open'],
  ['pending', 'open'],
  ['unknown', 'open'],
  ['settled', 'settled'],
  ['refused', 'refused'],
  ['refund_due', 'refund_due'],
  ['refunded', 'refunded'],
  ['dead', 'dead'],
] as const)('a payment that is %s counts as %s, and as nothing else', (state, outcome) => {
  const { groups } = tallied(madePayment(3, NOW_MS, state))
  const sums = Object.entries(sumOf(groups)).filter(([, { payments }]) => payments > 0)
  expect(sums).toEqual([[outcome, { payments: 1, units: 40_000n }]])
})

test('it holds so many groups and no more: other tools are counted together, and nothing is lost', () => {
  const tally = new Tally(50)
  for (let number = 0; number < 1_000; number += 1) tally.add(paid('1', USDC, `tool ${number}`))
  const { groups, hasOthers } = tally
  expect([groups.length, hasOthers]).toEqual([51, true])
  expect(groups.find(({ tool }) => tool === OTHER_TOOLS)?.counts.settled.units).toBe(950n)
  expect(sumOf(groups).settled).toEqual({ payments: 1_000, units: 1_000n })
})

test('the name of a tool is held up to a length', () => {
  const { groups } = tallied(paid('1', USDC, 'x'.repeat(10_000)))
  expect(groups.map(({ tool }) => tool.length)).toEqual([256])
})

test.each<[string, bigint, boolean, string]>([
  ['the whole', 80n, true, '██████████'],
  ['a half', 40n, true, '█████'],
  ['an eighth of a column', 1n, true, '▏'],
  ['what is too small to see', 0n, true, ''],
  ['a half in ASCII', 40n, false, '#####'],
  ['what is more than nothing, in ASCII', 1n, false, '#'],
])('a bar of 10 columns shows %s', (_, part, isUnicode, text) => {
  expect(bar({ part, whole: 80n, width: 10, isUnicode })).toBe(text)
})

test('a bar is exact for amounts that a number does not hold', () => {
  const whole = 10n ** 40n
  expect(bar({ part: whole - 1n, whole, width: 10, isUnicode: true })).toBe('█'.repeat(10))
  expect(bar({ part: 1n, whole, width: 10, isUnicode: true })).toBe('▏')
})

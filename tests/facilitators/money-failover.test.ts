import { expect, test } from '@jest/globals'
import { HTTPFacilitatorClient, type FacilitatorClient } from '../../src/index.js'
import type { Local, X402Fault } from '../../src/local/index.js'
import { SEALED, pair, play, withRaw } from '../seller/money/support/money-pairs.js'
import { TOOL, outcomeOf } from '../support/outcome.js'
import { buy, sale, type Sale } from '../seller/money/support/sales.js'
import { receiptOf, stack, textOf, toolCall } from '../support/seller.js'

const CENT = 10_000n

/** Two facilitators, each with a ledger of its own on which the buyer has a dollar. */
async function twoStacks(options: object = {}) {
  const [first, second] = await Promise.all([stack(), stack()])
  const facilitators = [first, second].map(
    ({ x402 }) => new HTTPFacilitatorClient({ url: x402.url }),
  )
  const shop = await sale('money', { facilitators, ...options }, undefined, first)
  await second.x402.fund(shop.account.address, 1_000_000n)
  return { first, second, shop }
}

/** What each was asked, in order. */
function asked(...stacks: Local[]): (string | undefined)[][] {
  return stacks.map(({ x402 }) => x402.calls.map(({ route }) => route))
}

/** What the buyer has paid with each. */
function spent({ account }: Pick<Sale, 'account'>, ...stacks: Local[]): Promise<bigint[]> {
  return Promise.all(
    stacks.map(async ({ x402 }) => 1_000_000n - (await x402.balanceOf(account.address))),
  )
}

const TROUBLES: [string, X402Fault][] = [
  ['an error', { route: 'verify', kind: 'error' }],
  ['a page of a proxy', { route: 'verify', kind: 'html' }],
  ['a reset', { route: 'verify', kind: 'reset', times: 9 }],
  ['a lost answer', { route: 'verify', kind: 'lost-answer', times: 9 }],
  ['nonsense', { route: 'verify', kind: 'garbage' }],
  ['a limit', { route: 'verify', kind: 'error', status: 429 }],
  ['another scheme only', { route: 'verify', kind: 'refuse', reason: 'unsupported_scheme' }],
]

test.each(TROUBLES)('after %s of the first, the second verifies, and settles', async (_, wrong) => {
  const { first, second, shop } = await twoStacks()
  first.x402.faults.set(wrong)
  const output = await buy(shop)
  expect(textOf(output)).toBe('Hello!')
  expect(new Set(asked(first)[0])).toEqual(new Set(['verify']))
  expect(asked(second)).toEqual([['verify', 'settle']])
  expect(await spent(shop, first, second)).toEqual([0n, CENT])
  expect(receiptOf(output)?.['transaction']).toBe(second.x402.settlements[0]?.transaction)
})

test('where the first is gone the second verifies and settles', async () => {
  const { first, second, shop } = await twoStacks()
  const event = await shop.paidCall()
  await first.close()
  const output = await shop.handler(event)
  expect([textOf(output), asked(first, second)]).toEqual(['Hello!', [[], ['verify', 'settle']]])
  expect(await spent(shop, second)).toEqual([CENT])
})

test('a no of the first is a no: the second is not asked', async () => {
  const { first, second, shop } = await twoStacks()
  first.x402.faults.set({ route: 'verify', kind: 'refuse', reason: 'insufficient_funds' })
  const output = await buy(shop)
  expect(receiptOf(output)).toBeUndefined()
  expect([asked(first, second), await spent(shop, first, second)]).toEqual([
    [['verify'], []],
    [0n, 0n],
  ])
})

test('where nobody can say, nobody pays and nobody is asked to', async () => {
  const { first, second, shop } = await twoStacks()
  for (const { x402 } of [first, second]) x402.faults.set({ kind: 'error', times: 9 })
  expect(outcomeOf(await buy(shop))).toBe('not charged')
  expect([asked(first, second), await spent(shop, first, second)]).toEqual([
    [['verify'], ['verify']],
    [0n, 0n],
  ])
})

test('the first settles what it verified, though the second is in better health', async () => {
  const { first, second, shop } = await twoStacks()
  await buy(shop)
  expect([asked(first, second), await spent(shop, first, second)]).toEqual([
    [['verify', 'settle'], []],
    [CENT, 0n],
  ])
  first.x402.faults.set({ route: 'settle', kind: 'error', status: 401 })
  expect(outcomeOf(await buy(shop))).toBe('not charged')
  // Sick now, so the second one is asked first.
  expect(textOf(await buy(shop))).toBe('Hello!')
  expect([asked(first, second), await spent(shop, first, second)]).toEqual([
    [
      ['verify', 'settle', 'verify', 'settle'],
      ['verify', 'settle'],
    ],
    [CENT, CENT],
  ])
})

const LOST: [string, X402Fault][] = [
  ['lost', { route: 'settle', kind: 'lost-answer', times: 9 }],
  ['nonsense', { route: 'settle', kind: 'garbage', times: 9 }],
  ['an error', { route: 'settle', kind: 'error', times: 9 }],
]

test.each(
  (['authorization', 'upfront', 'overlap'] as const).flatMap((flow) =>
    LOST.map(([name, wrong]) => ({ flow, name, wrong })),
  ),
)(
  '$flow: where the answer of a settle is $name, the other one is never asked to settle',
  async ({ flow, wrong }) => {
    const { first, second, shop } = await twoStacks({ flow })
    first.x402.faults.set(wrong)
    const output = await buy(shop)
    expect(outcomeOf(output)).toBe('unknown')
    expect(asked(second)).toEqual([[]])
    const [paid] = await spent(shop, first)
    expect(first.x402.settlements).toHaveLength(paid === CENT ? 1 : 0)
  },
)

test.each(['authorization', 'upfront'])(
  '%s: one that may have settled and is gone since is not stood in for',
  async (flow) => {
    const { first, second } = await twoStacks({ flow })
    const [real, other] = [first, second].map(
      ({ x402 }) => new HTTPFacilitatorClient({ url: x402.url }),
    ) as [HTTPFacilitatorClient, HTTPFacilitatorClient]
    const facilitator: FacilitatorClient = {
      verify: real.verify.bind(real),
      getSupported: real.getSupported.bind(real),
      settle: async (...asked) => {
        await real.settle(...asked)
        await first.close()
        throw new Error('the answer is lost')
      },
    }
    const facilitators = [facilitator, other]
    const selling = await sale('money', { flow, facilitators }, undefined, first)
    await second.x402.fund(selling.account.address, 1_000_000n)
    expect(outcomeOf(await buy(selling))).toBe('unknown')
    expect(asked(second)).toEqual([[]])
    expect(await spent(selling, first, second)).toEqual([CENT, 0n])
  },
)

test('upfront: where nothing was sent the other one settles', async () => {
  const { first, second, shop } = await twoStacks({ flow: 'upfront' })
  const event = await shop.paidCall()
  await first.close()
  const output = await shop.handler(event)
  expect([textOf(output), asked(second)]).toEqual(['Hello!', [['settle']]])
  expect(await spent(shop, second)).toEqual([CENT])
})

test('a settle goes to the one that verified in another phase, or another container', async () => {
  const [first, second] = await Promise.all([stack(), stack()])
  const facilitators = [first, second].map(
    ({ x402 }) => new HTTPFacilitatorClient({ url: x402.url }),
  )
  const options = { facilitators, ...SEALED.options() }
  const shop = await pair(options, first)
  const other = await pair(options, first)
  await second.x402.fund(shop.account.address, 1_000_000n)
  const _meta = { 'x402/payment': await shop.payment() }
  first.x402.faults.set({ route: 'verify', kind: 'error' })
  const handles = [shop.handle, other.handle]
  const inTurn = (event: unknown): Promise<unknown> | undefined => handles.shift()?.(event)
  const { output } = await play(inTurn, withRaw(toolCall(TOOL, {}, { _meta })))
  expect(textOf(output)).toBe('Hello!')
  expect([asked(first, second), await spent(shop, first, second)]).toEqual([
    [['verify'], ['verify', 'settle']],
    [0n, CENT],
  ])
})

test('who settles upto is asked of the second where the first cannot say', async () => {
  const { first, second, shop } = await twoStacks({ scheme: 'upto' })
  first.x402.faults.set({ route: 'supported', kind: 'error' })
  const output = await buy(shop)
  expect(textOf(output)).toBe('Hello!')
  expect(asked(first, second)).toEqual([['supported', 'verify', 'settle'], ['supported']])
})

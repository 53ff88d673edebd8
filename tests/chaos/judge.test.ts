import { expect, test } from '@jest/globals'
import type { Visit } from './history.js'
import { judge, type Rule } from './judge.js'
import { AGAIN, CONFLICT, KILLED, NAMED, REUSABLE, type Told, historyOf } from './told.js'

const RIGHT: [string, Told[]][] = [
  ['delivered and charged', [{ said: ['delivery'], charged: 1 }]],
  ['refused and not charged', [{ said: ['challenge'], charged: 0 }]],
  ['failed and not charged', [{ said: ['not charged'], charged: 0 }]],
  [
    'not charged, and charged when it was delivered',
    [
      { said: ['not charged'], charged: 0 },
      { said: ['delivery'], charged: 1 },
    ],
  ],
  [
    'unknown, then the stored answer',
    [
      { said: ['unknown'], charged: 1 },
      { said: ['delivery'], charged: 1 },
    ],
  ],
  [
    'the stored answer again for the same call',
    [
      { said: ['delivery'], charged: 1 },
      { said: ['delivery'], charged: 1 },
    ],
  ],
  [
    'charged to a container that is killed, and not asked for again',
    [{ said: ['nothing'], charged: 1, step: KILLED }],
  ],
  [
    'the same, for the call beside the one that is asked for again',
    [
      {
        said: ['nothing', 'nothing'],
        charged: 1,
        step: { ...KILLED, sent: 'beside another call' },
      },
      { said: ['failure'], charged: 1, text: CONFLICT },
    ],
  ],
  ['paid in advance for nothing, and a refund is due', [{ said: ['refund due'], charged: 1 }]],
  [
    'a new payment is asked for where a refund is due',
    [
      { said: ['refund due'], charged: 1 },
      { said: ['challenge'], charged: 1 },
    ],
  ],
  [
    'charged, the answer lost, and a receipt for who comes back',
    [
      { said: ['delivery'], charged: 1, isLost: true },
      { said: ['receipt'], charged: 1 },
    ],
  ],
  [
    'at once, one delivered and one that says of its own call that it was not charged',
    [{ said: ['delivery', 'not charged'], charged: 1, speaksOfCall: true }],
  ],
  ['at once, one delivered and one in work', [{ said: ['delivery', 'unknown'], charged: 1 }]],
  [
    'a reusable token charged for each call',
    [
      { payment: REUSABLE, said: ['delivery'], charged: 1 },
      { payment: REUSABLE, said: ['delivery', 'delivery'], runs: ['2', '3'], charged: 3 },
      { payment: REUSABLE, said: ['not charged'], charged: 3 },
    ],
  ],
  [
    'a reusable token that is refused for another call, beside one whose outcome is unknown',
    [
      { payment: REUSABLE, said: ['unknown'], charged: 1 },
      {
        ...{ payment: REUSABLE, said: ['unknown', 'challenge'], call: ['a', 'b'] },
        ...{ charged: 1, isNewCall: false },
      },
    ],
  ],
]

test.each(RIGHT)('%s is right', (_, told) => {
  expect(judge(historyOf(told, false))).toEqual([])
})

const WRONG: [Rule, string, Told[]][] = [
  ['given away', 'delivered without a charge', [{ said: ['delivery'], charged: 0 }]],
  [
    'delivered more often than charged',
    'a second run for the same payment',
    [
      { said: ['delivery'], charged: 1 },
      { said: ['delivery'], runs: ['2'], charged: 1 },
    ],
  ],
  [
    'delivered more often than charged',
    'the stored answer to another call',
    [
      { said: ['delivery'], charged: 1 },
      { said: ['delivery'], call: 'b', charged: 1 },
    ],
  ],
  [
    'delivered more often than charged',
    'both of two calls at once',
    [{ said: ['delivery', 'delivery'], runs: ['1', '2'], charged: 1 }],
  ],
  ['charged twice', 'one payment, two charges', [{ said: ['delivery'], charged: 2 }]],
  [
    'charged twice',
    'one name, two payments',
    [
      { payment: NAMED, said: ['unknown'], charged: 1 },
      { payment: AGAIN, said: ['delivery'], charged: 1 },
    ],
  ],
  [
    'charged twice',
    'a reusable token whose outcome was unknown',
    [
      { payment: REUSABLE, said: ['unknown'], charged: 1 },
      { payment: REUSABLE, said: ['delivery'], charged: 2, isNewCall: false },
    ],
  ],
  [
    'told "not charged" though charged',
    'the charge of a call before',
    [
      { said: ['unknown'], charged: 1 },
      { said: ['not charged'], charged: 1 },
    ],
  ],
  [
    'challenged after a charge without delivery',
    'the answer of a call before was lost',
    [
      { said: ['delivery'], charged: 1, isLost: true },
      { said: ['challenge'], charged: 1 },
    ],
  ],
  [
    'challenged after a charge without delivery',
    'the outcome of a reusable token was unknown',
    [
      { payment: REUSABLE, said: ['unknown'], charged: 1 },
      { payment: REUSABLE, said: ['challenge'], charged: 1, isNewCall: false },
    ],
  ],
  [
    'challenged after a charge without delivery',
    'another call with the payment for one use whose outcome was unknown',
    [
      { said: ['unknown'], charged: 1 },
      { said: ['unknown', 'challenge'], call: ['a', 'b'], charged: 1 },
    ],
  ],
  [
    'told "not charged" though charged',
    'another call with a reusable token, after two charges',
    [
      { payment: REUSABLE, said: ['unknown'], charged: 1 },
      {
        ...{ payment: REUSABLE, said: ['unknown', 'not charged'], call: ['a', 'b'] },
        ...{ charged: 2, isNewCall: false },
      },
    ],
  ],
  [
    'told "not charged" though charged',
    'at once, of a payment that was charged before',
    [
      { said: ['unknown'], charged: 1 },
      { said: ['delivery', 'not charged'], charged: 1, speaksOfCall: true },
    ],
  ],
  [
    'told "not charged" though charged',
    'a call that was sent once',
    [
      { said: ['unknown'], charged: 1 },
      { said: ['not charged'], charged: 1, speaksOfCall: true },
    ],
  ],
  [
    'charged without an answer',
    'a container was killed, and its call comes again',
    [
      { said: ['nothing'], charged: 1, step: KILLED },
      { said: ['failure'], charged: 1, text: CONFLICT },
    ],
  ],
  [
    'charged without an answer',
    'a container was killed with two calls, and one that comes again only fails',
    [
      {
        said: ['nothing', 'nothing'],
        charged: 1,
        step: { ...KILLED, sent: 'beside another call' },
      },
      { said: ['failure'], charged: 1 },
    ],
  ],
  ['charged without an answer', 'Lambda ended', [{ said: ['nothing'], charged: 1 }]],
  ['charged without an answer', 'the tool failed', [{ said: ['failure'], charged: 1 }]],
]

test.each(WRONG)('%s: %s', (rule, _, told) => {
  expect(judge(historyOf(told, true))).toEqual([rule])
})

const TWICE: Told[] = [{ payment: REUSABLE, said: ['unknown', 'challenge'], charged: 1 }]

test('of a call that is sent twice with a reusable token, the seller has to know that it is one', () => {
  expect(judge(historyOf(TWICE, true))).toEqual(['challenged after a charge without delivery'])
  expect(judge(historyOf(TWICE, false))).toEqual([])
})

/** A call whose outcome stays unknown, and two others beside it, with a token that nothing tells apart by. */
const BESIDE = (charged: number): Told[] => [
  { payment: REUSABLE, said: ['unknown'], charged: 1 },
  {
    ...{ payment: REUSABLE, said: ['unknown', 'delivery'], call: ['a', 'b'] },
    ...{ charged: 2, isNewCall: false },
  },
  {
    ...{ payment: REUSABLE, said: ['unknown', 'delivery'], runs: ['', '2'], call: ['a', 'b'] },
    ...{ charged, isNewCall: false },
  },
]

test('calls beside one whose outcome is unknown are charged for what they deliver, and no more', () => {
  expect(judge(historyOf(BESIDE(3), false))).toEqual([])
  expect(judge(historyOf(BESIDE(4), false))).toEqual(['charged twice'])
})

test('a copy that is refused says nothing of the one whose container was killed after its charge', () => {
  const told = (charged: number): Told[] => [
    { payment: REUSABLE, said: ['nothing', 'challenge'], charged, step: KILLED },
  ]
  expect(judge(historyOf(told(1), false))).toEqual([])
  expect(judge(historyOf(told(2), false))).toContain('challenged after a charge without delivery')
})

test.each(['DeleteItem', 'TransactWriteItems'])(
  'who gave a payment up by %s is no liar, though another call took it before the answer',
  (removal) => {
    const lost = { kind: 'reply lost', at: removal }
    const frozen = { kind: 'frozen before', at: `before ${removal}` }
    const rulesOf = (...outages: Visit['outages']) =>
      judge(historyOf([{ said: ['delivery', 'not charged'], charged: 1, outages }], false))
    expect(rulesOf(lost, frozen)).toEqual([])
    expect(rulesOf(frozen)).toEqual(['told "not charged" though charged'])
    expect(rulesOf({ ...lost, at: `${removal} unverified` }, frozen)).toEqual([
      'told "not charged" though charged',
    ])
  },
)

test.each([
  ['claimed', []],
  ['settling', []],
  ['settled', ['lost though charged']],
])(
  'a buyer who comes back is owed an end, unless the table was down before %s was written',
  (state, rules) => {
    const outages = [{ kind: 'down after', at: `UpdateItem ${state}` }]
    const { plan, ...rest } = historyOf(
      [
        { said: ['unknown'], charged: 1, outages },
        { said: ['unknown'], charged: 1 },
      ],
      true,
    )
    const shared = { ...plan, isShared: true, credit: 'single-use token' as const }
    expect(judge({ ...rest, plan: shared })).toEqual(rules)
  },
)

test('a buyer who is asked to pay and told to come back at once may pay anew, and is owed nothing before coming back', () => {
  const both: Told = { said: ['challenge', 'unknown'], charged: 1 }
  const rulesOf = (...told: Told[]) => {
    const { plan, ...rest } = historyOf(told, true)
    return judge({ ...rest, plan: { ...plan, isShared: true, credit: 'single-use token' } })
  }
  const rule = 'lost though charged'
  expect(rulesOf(both)).not.toContain(rule)
  expect(rulesOf({ ...both, said: ['unknown'] })).toContain(rule)
  expect(rulesOf(both, { said: ['unknown'], charged: 1 })).toContain(rule)
})

test('a failure while the table is down may be that of the call that was charged', () => {
  const rulesOf = (outages: Visit['outages'], charged = 1) =>
    judge(
      historyOf(
        [
          {
            ...{ payment: REUSABLE, said: ['failure', 'not charged'], call: ['a', 'b'] },
            ...{ charged, outages },
          },
        ],
        true,
      ),
    )
  const rule = 'told "not charged" though charged'
  const down = [{ kind: 'down after', at: 'UpdateItem settled' }]
  expect(rulesOf(down)).not.toContain(rule)
  expect(rulesOf([])).toContain(rule)
  expect(rulesOf(down, 2)).toContain(rule)
})

test('a call that is refused says nothing of the one beside it whose container was killed after its charge', () => {
  const told = (charged: number, call: readonly string[]): Told[] => [
    {
      ...{ payment: REUSABLE, said: ['challenge', 'not charged', 'nothing'], call },
      ...{ charged, step: KILLED },
    },
  ]
  const rule = 'challenged after a charge without delivery'
  expect(judge(historyOf(told(1, ['a', 'a', 'b']), false))).toEqual([])
  expect(judge(historyOf(told(2, ['a', 'a', 'b']), false))).toContain(rule)
})

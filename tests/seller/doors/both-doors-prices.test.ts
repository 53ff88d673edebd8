import type { GatewayEvent } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { TOOL, content, rawEvent } from '../../support/doors.js'
import {
  given,
  rpcFailed,
  sold,
  testCases,
  unavailable,
  type Case,
  type Told,
} from '../../support/door-cases.js'
import { toolCall } from '../../support/seller.js'

const fail = (): never => {
  throw new Error('hunter2')
}

testCases([
  { name: 'a call costs one credit by default', expected: sold() },
  { name: 'a call costs a fixed number', options: { credits: 4 }, expected: sold(4) },
  { name: 'a call costs a fixed bigint', options: { credits: 7n }, expected: sold(7) },
  { name: 'a call costs what a function says', options: { credits: () => 3 }, expected: sold(3) },
  {
    name: 'a call costs what an async function says of its arguments',
    options: {
      credits: async ({ mcp }: GatewayEvent) =>
        Object.keys(mcp.gatewayRequest.body.params.arguments).length,
    },
    event: (local) => local.paidEvent(TOOL, { a: 1, b: 2 }),
    expected: sold(2),
  },
  { name: 'a call of zero credits is free', options: { credits: 0 }, expected: given() },
  {
    name: 'a call of zero credits is free without a payment',
    options: { credits: 0n },
    event: (local) => local.paidEvent(TOOL, {}, null),
    expected: given(),
  },
  {
    name: 'a call a function calls free is free',
    options: { credits: () => 0 },
    expected: given(),
  },
])

testCases(
  [
    ['is negative', () => -1],
    ['is a fraction', () => 1.5],
    ['is text', () => '2'],
    ['is no number', () => Number.NaN],
    ['is nothing', () => undefined],
    ['is above what a number holds exactly', () => 2 ** 53],
    ['cannot be computed', fail],
    ['cannot be had', () => Promise.reject(new Error('hunter2'))],
  ].map(([how, credits]) => ({
    name: `nothing runs and nobody is asked to pay when the price ${how as string}`,
    options: { credits },
    expected: unavailable(),
  })),
)

testCases([
  {
    name: 'maxCredits is verified and the quote settled',
    options: { credits: 2, maxCredits: 9 },
    expected: sold(2, 9),
  },
  {
    name: 'a quote above maxCredits refuses the call',
    options: { credits: () => 10, maxCredits: 9 },
    expected: unavailable(),
  },
  {
    name: 'maxCredits without credits is still paid for',
    options: { credits: 0, maxCredits: 5 },
    answer: { content, _meta: { creditsToCharge: 4 } },
    expected: sold(4, 5),
  },
  {
    name: 'maxCredits of a call that turns out to cost nothing settles nothing',
    options: { credits: 0, maxCredits: 5 },
    expected: given([5]),
    ofUntold: { verify: ['5', '5'] },
  },
])

/** What an answer asks for, with prices of 2 up to 9: what is settled. */
const OVERRIDES: [asked: unknown, settled: number][] = [
  [5, 5],
  [1, 1],
  [9, 9],
  [10, 9],
  [2 ** 52, 9],
  [-5, 2],
  [1.9, 2],
  [true, 2],
  ['5', 2],
  [null, 2],
  [{}, 2],
  [2 ** 53, 2],
]
testCases(
  OVERRIDES.map(
    ([asked, settled]): Case => ({
      name: `an answer that asks for ${JSON.stringify(asked)} of at most 9 settles ${settled}`,
      options: { credits: 2, maxCredits: 9 },
      answer: { content, _meta: { creditsToCharge: asked } },
      expected: sold(settled, 9),
    }),
  ),
)

const capped = (credits: number): Partial<Told> => ({
  receipt: String(credits),
  burned: credits,
  settle: [String(credits)],
})
testCases([
  {
    name: 'an answer that asks for nothing is not settled',
    answer: { content, _meta: { creditsToCharge: 0 } },
    expected: given([1]),
    ofUntold: { verify: ['1', '1'] },
  },
  {
    name: 'an answer that asks for less settles less',
    options: { credits: 4 },
    answer: { content, _meta: { creditsToCharge: 3 } },
    expected: sold(3, 4),
  },
  {
    name: 'the seller’s own handler may ask for more, a target only for what was verified',
    options: { credits: 2 },
    answer: { content, _meta: { creditsToCharge: 5 } },
    expected: sold(5, 2),
    ofPair: capped(2),
  },
])

const json = (credits: unknown) => [
  { type: 'text', text: JSON.stringify({ creditsToCharge: credits }) },
]
const rpc = (result: object) => ({ jsonrpc: '2.0', id: 1, result })
const whole = (headers: object, result: object = { content }) => ({
  interceptorOutputVersion: '1.0',
  mcp: { transformedGatewayResponse: { statusCode: 200, headers, body: rpc(result) } },
})

/** An answer that asks for some credits, by where it does. */
const PLACES: [source: string, answer: (credits: unknown) => unknown][] = [
  ['meta', (credits) => ({ content, _meta: { creditsToCharge: credits } })],
  ['header', (credits) => whole({ 'X-Credits-To-Charge': String(credits) })],
  ['header', (credits) => whole({ 'x-credits-to-charge': String(credits) })],
  ['content', (credits) => ({ content: [...content, ...json(credits)] })],
  ['body', (credits) => ({ ...rpc({ content }), creditsToCharge: credits })],
]
const SOURCES = ['meta', 'header', 'content', 'body']
const priced = { credits: 2, maxCredits: 9 }
testCases(
  PLACES.flatMap(([source, answer], i) => [
    {
      name: `creditsToCharge in ${source} counts where allowed (${i})`,
      options: { ...priced, creditsFrom: [source] },
      answer: answer(5),
      expected: sold(5, 9),
    },
    {
      name: `creditsToCharge in ${source} charges the quote where it is no number (${i})`,
      options: { ...priced, creditsFrom: [source] },
      answer: answer('-5'),
      expected: sold(2, 9),
    },
    {
      name: `creditsToCharge in ${source} above the bound is capped (${i})`,
      options: { ...priced, creditsFrom: [source] },
      answer: answer(50),
      expected: sold(9, 9),
    },
    {
      name: `creditsToCharge in ${source} is ignored where the others count (${i})`,
      options: { ...priced, creditsFrom: SOURCES.filter((it) => it !== source) },
      answer: answer(5),
      expected: sold(2, 9),
    },
    {
      name: `creditsToCharge of zero in ${source} settles nothing where allowed (${i})`,
      options: { ...priced, creditsFrom: [source] },
      answer: answer(0),
      expected: given([9]),
      ofUntold: { verify: ['9', '9'] },
    },
  ]),
)

const everywhere = whole(
  { 'x-credits-to-charge': '4' },
  { content: [...content, ...json(5)], _meta: { creditsToCharge: 3 } },
)
testCases(
  [
    [SOURCES, 3],
    [['body', 'content', 'header'], 4],
    [['body', 'content'], 5],
    [['body'], 2],
    [[], 2],
  ].map(([creditsFrom, settled]) => ({
    name: `of what is allowed by [${String(creditsFrom)}] the first that is there counts`,
    options: { ...priced, creditsFrom },
    answer: everywhere,
    expected: sold(settled as number, 9),
  })),
)

const SEARCH = 'x_amz_bedrock_agentcore_search'
/** The table, the tool called, what it costs; and whether the default plan is left out. */
type Row = [name: string, tools: object, tool: string, expected: Told, bare?: 'no default plan']
const TABLES: Row[] = [
  ['a row by full name', { T___hello: { credits: 3 } }, TOOL, sold(3)],
  ['a row by bare name', { hello: { credits: 4 } }, TOOL, sold(4)],
  ['the full name first', { hello: { credits: 4 }, T___hello: { credits: 3 } }, TOOL, sold(3)],
  ['the first ___ as the end of the target', { a___b: { credits: 5 } }, 'T___a___b', sold(5)],
  ['no last part after a second ___', { b: { credits: 5 } }, 'T___a___b', sold(1)],
  ['another target’s row not', { U___hello: { credits: 3 } }, TOOL, sold(1)],
  ['two targets apart', { U___hello: 'free', T___hello: { credits: 3 } }, TOOL, sold(3)],
  ['a name without target', { hello: { credits: 3 } }, 'hello', sold(3)],
  ['a row’s own bound', { hello: { credits: 3, maxCredits: 6 } }, TOOL, sold(3, 6)],
  ['tools without a row by the default plan', { other: { credits: 3 } }, TOOL, sold(1)],
  ['a free row', { hello: 'free' }, TOOL, given()],
  ['a free row by full name', { T___hello: 'free', hello: {} }, TOOL, given()],
  ['a row of zero credits', { hello: { credits: 0 } }, TOOL, given()],
  ['a name of Object.prototype by the default plan', { other: 'free' }, 'T___toString', sold(1)],
  ['an unknown tool not', { other: 'free' }, TOOL, rpcFailed(-32602), 'no default plan'],
  ['a known tool beside it', { hello: 'free' }, TOOL, given(), 'no default plan'],
  ['the search tool not', {}, SEARCH, given()],
  ['the search tool not even without a plan', { a: 'free' }, SEARCH, given(), 'no default plan'],
  ['the search tool where it has a row', { [SEARCH]: { credits: 2 } }, SEARCH, sold(2)],
  ['a target’s tool named like the search', {}, `T___${SEARCH}`, sold(1)],
]
testCases(
  TABLES.map(
    ([name, tools, tool, expected, bare]): Case => ({
      name: `the table of tools prices ${name}`,
      options: (local) => ({ tools, ...(bare === undefined && { planId: local.planId }) }),
      event: (local) => local.paidEvent(tool),
      expected,
    }),
  ),
)

/** Sells for a second plan of the stack too. */
const plans = (local: Local) => {
  const card = local.ledger.addPlan({ fiatProvider: 'stripe' }).planId
  local.ledger.credit(card, local.subscriberAddress, 10n)
  return { planIds: [local.planId, card] }
}
const cardOf = (local: Local) => [...local.ledger.plans.keys()][1] ?? ''
testCases([
  { name: 'several plans are paid by any of them', options: plans, expected: sold() },
  {
    name: 'several plans are paid by the other one too',
    options: plans,
    event: (local) => local.paidEvent(TOOL, {}, local.accessToken({ planId: cardOf(local) })),
    expected: { ...sold(), burned: 0 },
  },
  {
    name: 'a plan paid by card is sold by card',
    stack: { plan: { fiatProvider: 'stripe' } },
    expected: sold(),
  },
  {
    name: 'a row may have a plan of its own',
    options: (local) => ({ tools: { hello: { planId: plans(local).planIds[1] } } }),
    event: (local) => local.paidEvent(TOOL, {}, local.accessToken({ planId: cardOf(local) })),
    expected: { ...sold(), burned: 0 },
  },
  {
    name: 'a plan that burns its own amount is receipted for that',
    stack: { plan: { minAmount: 5n, maxAmount: 5n } },
    expected: { ...sold(), receipt: '5', burned: 5 },
  },
  {
    name: 'an agent is sold under its endpoint',
    options: { agentId: 'agent-1', endpoint: 'https://seller.example/mcp' },
    event: (local) =>
      rawEvent(toolCall(TOOL), {
        'payment-signature': local.accessToken({
          version: 3,
          agentId: 'agent-1',
          resource: { url: 'https://seller.example/mcp' },
          httpVerb: 'POST',
        }),
      }),
    expected: sold(),
  },
])

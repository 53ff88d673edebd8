import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from '@jest/globals'
import { challengeIn, challengeInError } from '../../../src/client/mcp/mcp-challenge.js'
import { payingMcp, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { buyer } from '../support/client.js'
import { refusing, rejection, shop, soldFor, type Tool } from '../support/mcp-shop.js'
import { sell, stack } from '../../support/seller.js'

const TOOL = 'T___hello'
const CALLED = { name: TOOL, isLambda: false }
const LAMBDA = { name: TOOL, isLambda: true }
const EXACT = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 60,
  extra: { name: 'USDC', version: '2' },
}
const CHALLENGE = {
  x402Version: 2,
  error: 'Payment required',
  resource: { url: `mcp://tool/${TOOL}` },
  accepts: [EXACT],
  extensions: {},
}
const JSON_TEXT = JSON.stringify(CHALLENGE)

const texts = (...all: string[]) => all.map((text) => ({ type: 'text', text }))
const error = (more: object) => ({ isError: true, content: [], ...more })
const plain = (text: string) => ({ isError: false, content: texts(text) })
const marked = (answer: object) => `PAYMENT_REQUIRED: ${JSON.stringify(answer)}`
const MARKED = marked({ statusCode: 402, headers: {}, body: CHALLENGE })

test.each<[string, unknown, 'meta' | 'arguments']>([
  ['structuredContent', error({ structuredContent: CHALLENGE }), 'meta'],
  ['the JSON text of an error', error({ content: texts(JSON_TEXT) }), 'meta'],
  ['a later text of an error', error({ content: texts('Pay first', JSON_TEXT) }), 'meta'],
  [
    'a text beside other content',
    error({ structuredContent: {}, content: texts(JSON_TEXT) }),
    'meta',
  ],
  [
    'both of them',
    error({ structuredContent: CHALLENGE, content: texts(JSON_TEXT, MARKED) }),
    'meta',
  ],
  ['the marker in an error', error({ content: texts(MARKED) }), 'arguments'],
  ['the marker in a later text', error({ content: texts('Pay first', MARKED) }), 'arguments'],
  [
    'the marker with a JSON text as body',
    error({ content: texts(marked({ statusCode: 402, headers: null, body: JSON_TEXT })) }),
    'arguments',
  ],
  [
    'the marker with a header',
    error({
      content: texts(
        marked({
          statusCode: 402,
          headers: { 'Payment-Required': encodeHeader(CHALLENGE) },
          body: {},
        }),
      ),
    }),
    'arguments',
  ],
  [
    'a result of the type that the extension has for it',
    { resultType: 'payment_required', paymentRequired: CHALLENGE },
    'meta',
  ],
])('a challenge is found in %s', (_, result, carrier) => {
  expect(challengeIn(result, CALLED)).toEqual({ challenge: CHALLENGE, carrier })
})

test.each<[string, unknown]>([
  ['the text a Lambda target returned', plain(JSON.stringify(MARKED))],
  ['the same as it was', plain(MARKED)],
  [
    'the result a Lambda target returned',
    plain(JSON.stringify(error({ structuredContent: CHALLENGE }))),
  ],
  ['the same in texts alone', plain(JSON.stringify(error({ content: texts(JSON_TEXT, MARKED) })))],
  [
    'the same without isError outside',
    { content: texts(JSON.stringify(error({ structuredContent: CHALLENGE }))) },
  ],
])('%s is a challenge of a Lambda target, and of no other tool', (_, result) => {
  expect(challengeIn(result, LAMBDA)).toEqual({ challenge: CHALLENGE, carrier: 'arguments' })
  expect(challengeIn(result, CALLED)).toBeUndefined()
})

function nested(depth: number): unknown {
  let value: unknown = {}
  for (let i = 0; i < depth; i++) value = { value }
  return value
}

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'PAYMENT_REQUIRED: {}'],
  ['structuredContent that is no error', { structuredContent: CHALLENGE, content: [] }],
  ['the JSON text of an ordinary result', plain(JSON_TEXT)],
  [
    'the JSON of an ordinary result in an ordinary one',
    plain(JSON.stringify({ isError: false, structuredContent: CHALLENGE })),
  ],
  [
    'a flattened error beside other texts',
    { content: texts(JSON.stringify(error({ structuredContent: CHALLENGE })), 'more') },
  ],
  [
    'a flattened error beside structured content',
    {
      structuredContent: {},
      content: texts(JSON.stringify(error({ structuredContent: CHALLENGE }))),
    },
  ],
  ['the marker later in an ordinary text', plain(`He said ${MARKED}`)],
  ['the marker in a text of several', { content: texts('hello', MARKED) }],
  [
    'a flattened challenge for another tool',
    plain(
      JSON.stringify(
        error({ structuredContent: { ...CHALLENGE, resource: { url: 'mcp://tool/other' } } }),
      ),
    ),
  ],
  ['an image', { isError: true, content: [{ type: 'image', data: MARKED, text: MARKED }] }],
  [
    'the marker with another status',
    error({ content: texts(marked({ statusCode: 200, headers: {}, body: CHALLENGE })) }),
  ],
  [
    'the marker with a text for a status',
    error({ content: texts(marked({ statusCode: '402', body: CHALLENGE })) }),
  ],
  [
    'the marker before something that is no JSON',
    error({ content: texts('PAYMENT_REQUIRED: pay!') }),
  ],
  ['half a JSON', error({ content: texts(JSON_TEXT.slice(0, -5)) })],
  ['x402 version 1', error({ structuredContent: { ...CHALLENGE, x402Version: 1 } })],
  ['no way to pay', error({ structuredContent: { ...CHALLENGE, accepts: [] } })],
  [
    'ways to pay that are none',
    error({ structuredContent: { ...CHALLENGE, accepts: [1, {}, null] } }),
  ],
  ['no resource', error({ structuredContent: { ...CHALLENGE, resource: undefined } })],
  [
    'what is nested deeper than the stack',
    error({ structuredContent: { ...CHALLENGE, extensions: { deep: nested(100_000) } } }),
  ],
  ['more than 64 KiB', error({ structuredContent: { ...CHALLENGE, error: 'x'.repeat(65_536) } })],
])('no challenge is found in %s', (_, result) => {
  expect(challengeIn(result, LAMBDA)).toBeUndefined()
})

test.each([
  ['its bare name', 'mcp://tool/hello'],
  ['an endpoint of the seller', 'https://shop.example/mcp'],
])('a flattened challenge may name the tool by %s', (_, url) => {
  const challenge = { ...CHALLENGE, resource: { url } }
  const result = plain(JSON.stringify(error({ structuredContent: challenge })))
  expect(challengeIn(result, LAMBDA)?.challenge).toEqual(challenge)
})

test('nulls stand for what is absent, and what is not known is kept', () => {
  const odd = {
    ...CHALLENGE,
    error: null,
    extensions: null,
    resource: { url: `mcp://tool/${TOOL}`, description: null, tags: ['a'] },
    accepts: [{ ...EXACT, planId: null, extra: null, fresh: 1 }],
  }
  expect(challengeIn(error({ structuredContent: odd }), CALLED)?.challenge).toEqual(odd)
})

test('a way to pay that cannot be read does not spoil the others', () => {
  const odd = { ...CHALLENGE, accepts: [{ ...EXACT, amount: 5 }, 'x', EXACT] }
  const found = challengeIn(error({ structuredContent: odd }), CALLED)
  expect(found?.challenge.accepts).toEqual([EXACT])
})

test('a JSON-RPC error is a challenge if its code is 402 and its data one', () => {
  expect(challengeInError(new McpError(402, 'Payment required', CHALLENGE), CALLED)).toEqual({
    challenge: CHALLENGE,
    carrier: 'meta',
  })
  expect(
    challengeInError(new McpError(-32602, 'Payment required', CHALLENGE), CALLED),
  ).toBeUndefined()
  expect(challengeInError(new McpError(402, 'Payment required', {}), CALLED)).toBeUndefined()
  expect(challengeInError(undefined, CALLED)).toBeUndefined()
})

/** Refuses with JSON-RPC errors, as some servers do. */
const throwing =
  (tool: Tool): Tool =>
  async (params) => {
    const result = await tool(params)
    if (result.isError) throw new McpError(402, 'Payment required', result.structuredContent)
    return result
  }

test('a server that refuses with JSON-RPC errors is paid', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: throwing(soldFor('1', sell(local))) })
  const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const result = await payingMcp(client, buyer(local), limits).callTool({ name: TOOL })
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '1' })
})

test('a server that refuses a payment with a JSON-RPC error is not paid again', async () => {
  const local = await stack({ credits: 0n })
  const { client, calls } = await shop({ [TOOL]: throwing(soldFor('1', sell(local))) })
  const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const failure = await rejection(payingMcp(client, buyer(local), limits).callTool({ name: TOOL }))
  expect(failure).toMatchObject({ name: 'PaidCallError', receipt: { paid: 'no' } })
  expect(calls).toHaveLength(2)
})

test('a result that only looks like a challenge is handed over unpaid', async () => {
  const local = await stack()
  const quoting: Tool = () => ({
    content: [{ type: 'text', text: JSON_TEXT }],
    structuredContent: CHALLENGE,
  })
  const { client, calls } = await shop({ [TOOL]: quoting })
  const budgets = {
    [`${EXACT.network}/${EXACT.asset}`]: { maxAmountPerPayment: 99999n, total: 99999n },
  }
  const result = await payingMcp(client, buyer(local), { budgets }).callTool({ name: TOOL })
  expect(result).toMatchObject({ structuredContent: CHALLENGE })
  expect(receiptOf(result)).toEqual({ paid: 'no' })
  expect(calls).toHaveLength(1)
})

test.each<[string, unknown]>([
  ['an error result', refusing(CHALLENGE)],
  ['a text of one', error({ content: texts(JSON_TEXT) })],
  ['the marker in one', error({ content: texts(MARKED) })],
  ['a result of its own type', { resultType: 'payment_required', paymentRequired: CHALLENGE }],
])('a challenge for another tool than was called does not count in %s', (_, result) => {
  expect(challengeIn(result, { name: 'other', isLambda: false })).toBeUndefined()
  expect(challengeIn(result, { name: 'Shop___hello', isLambda: false })).toBeUndefined()
})

test('nor does one in a JSON-RPC error', () => {
  const other = { name: 'other', isLambda: false }
  expect(challengeInError(new McpError(402, 'Payment required', CHALLENGE), other)).toBeUndefined()
})

test.each<[string, Awaited<ReturnType<Tool>>]>([
  ['the marker', { content: [{ type: 'text', text: MARKED }] }],
  ['an error result', { content: [{ type: 'text', text: JSON.stringify(refusing(CHALLENGE)) }] }],
  ['a challenge', { content: [{ type: 'text', text: JSON_TEXT }] }],
  ['its own structured content', { content: [], structuredContent: CHALLENGE }],
  [
    'a text beside a challenge',
    {
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'text', text: MARKED },
      ],
    },
  ],
])('a good answer that quotes %s is handed over unpaid', async (_, answer) => {
  const { client, calls } = await shop({ [TOOL]: () => answer })
  const budgets = {
    [`${EXACT.network}/${EXACT.asset}`]: { maxAmountPerPayment: 99999n, total: 99999n },
  }
  const asked: unknown[] = []
  const pay = (...given: unknown[]) => Promise.reject(new Error(`asked ${asked.push(given)}`))
  const result = await payingMcp(client, pay, { budgets }).callTool({ name: TOOL })
  expect(result).toMatchObject(answer)
  expect(receiptOf(result)).toEqual({ paid: 'no' })
  expect([calls.length, asked.length]).toEqual([1, 0])
})

import { expect, test } from '@jest/globals'
import { createInterceptor, type InterceptorOptions } from '../../../src/index.js'
import { memoryStore } from '../phases/support/memory-store.js'
import { rawEvent } from '../../support/doors.js'
import { DOORS, FUNCTION_URL, GATEWAY, LAMBDA_TARGETS, MCP_ACCEPT } from '../../support/events.js'
import {
  NOTHING_HAPPENED,
  assetIn,
  callWith,
  centsOrPlan,
  challengeFrom,
  countingShop,
  inCents,
  moneyChallenge,
  moneyShop,
  paidIn,
  paymentFor,
  whatHappened,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import { bothPhases } from '../phases/support/phases.js'
import {
  allTextOf,
  challengeHeaderOf,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'
import { fundedAccount, SHOP } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const CENT = 10_000n
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const DECLARED = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  [CAPABILITIES]: { extensions: { 'org.x402/payment': {} } },
}
const DECLARING = toolCall(TOOL, {}, { _meta: DECLARED })
const WITH_META = DOORS.filter((door) => !LAMBDA_TARGETS.includes(door))

test.each(WITH_META)(
  'through $name, a client that declares the extension gets its result',
  async (door) => {
    const shop = await countingShop(door.options)
    const asked = door.said(await shop.handler(door.event({ body: DECLARING })))
    const { result } = asked.message as { result: Fields }
    expect(Object.keys(result).sort()).toEqual(['paymentRequired', 'resultType'])
    expect(result).toMatchObject({
      resultType: 'payment_required',
      paymentRequired: {
        x402Version: 2,
        error: 'payment required',
        resource: { url: 'mcp://tool/T___hello' },
        accepts: [{ scheme: 'exact', amount: '10000', payTo: SHOP }],
      },
    })
    expect(asked.status).toBe(door.statuses === 'real' ? 402 : 200)
    expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
  },
)

test.each(WITH_META)(
  'through $name, a client that declares nothing gets the result of a tool',
  async (door) => {
    const shop = await countingShop(door.options)
    const { message } = door.said(await shop.handler(door.event({ body: toolCall(TOOL) })))
    const { result } = message as { result: Fields }
    expect(result).toMatchObject({ isError: true, structuredContent: { x402Version: 2 } })
    expect(result).not.toHaveProperty('resultType')
    expect(result).not.toHaveProperty('paymentRequired')
    expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
  },
)

test.each(LAMBDA_TARGETS)(
  'through $name, where no client can declare anything, it is the result of a tool',
  async (door) => {
    const shop = await countingShop()
    const sent = { body: DECLARING }
    const { message } = door.said(await shop.handler(door.event(sent), door.context(sent)))
    expect(message).toMatchObject({ result: { isError: true } })
    expect(JSON.stringify(message)).not.toContain('resultType')
    expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
  },
)

test('an MCP client that declares it gets its result with status 200', async () => {
  const shop = await moneyShop()
  const sent = { body: DECLARING, accept: MCP_ACCEPT }
  const { status, message } = FUNCTION_URL.said(await shop.handler(FUNCTION_URL.event(sent)))
  expect(status).toBe(200)
  expect(message).toMatchObject({ result: { resultType: 'payment_required' } })
})

test.each<[string, Fields]>([
  ['true for it', { [CAPABILITIES]: { extensions: { 'org.x402/payment': true } } }],
  ['null for it', { [CAPABILITIES]: { extensions: { 'org.x402/payment': null } } }],
  ['a list of extensions', { [CAPABILITIES]: { extensions: ['org.x402/payment'] } }],
  ['another extension', { [CAPABILITIES]: { extensions: { 'org.x402/refund': {} } } }],
  ['it outside of the extensions', { [CAPABILITIES]: { 'org.x402/payment': {} } }],
  ['it without capabilities', { extensions: { 'org.x402/payment': {} } }],
  ['capabilities that are a text', { [CAPABILITIES]: 'org.x402/payment' }],
  ['a revision alone', { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }],
])('a client with %s does not declare it', async (_, meta) => {
  const shop = await moneyShop()
  const output = await shop.handler(callWith(undefined, meta))
  const { result } = responseOf(output).body
  expect(result).toMatchObject({ isError: true, structuredContent: { x402Version: 2 } })
  expect(JSON.stringify(result)).not.toContain('payment_required"')
})

test('each request declares for itself', async () => {
  const shop = await moneyShop()
  const first = await shop.handler(callWith(undefined, DECLARED))
  const second = await shop.handler(callWith())
  expect(responseOf(first).body.result).toHaveProperty('resultType', 'payment_required')
  expect(responseOf(second).body.result).not.toHaveProperty('resultType')
})

test('what is declared is said in the header as well', async () => {
  const shop = await moneyShop()
  const output = await shop.handler(callWith(undefined, DECLARED))
  expect(challengeHeaderOf(output)).toEqual(moneyChallenge(output))
})

test('a payment on top of the declaration is taken, and its receipt is of the MCP transport', async () => {
  const shop = await countingShop()
  const challenge = moneyChallenge(await shop.handler(callWith(undefined, DECLARED)))
  const payment = await paymentFor(shop, challenge)
  const output = await shop.handler(callWith(payment, DECLARED))
  const { result } = responseOf(output).body
  expect(result).toMatchObject({
    resultType: 'complete',
    content: [{ text: 'Hello!' }],
    _meta: { 'x402/payment-response': { success: true, amount: '10000', network: 'eip155:84532' } },
  })
  const asked = ['verify', 'settle']
  expect(await whatHappened(shop)).toEqual({ ran: 1, taken: CENT, asked, settled: 1 })
})

test('what verify refuses is asked for again by the extension, with the reason', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  shop.local.x402.faults.set({ kind: 'refuse', route: 'verify', reason: 'insufficient_funds' })
  const output = await shop.handler(callWith(payment, DECLARED))
  expect(responseOf(output).body.result).toMatchObject({
    resultType: 'payment_required',
    paymentRequired: { error: 'verification failed: insufficient_funds' },
  })
  expect([shop.ran(), await shop.taken()]).toEqual([0, 0n])
})

test('what settle refuses is asked for again by the extension, without a receipt in the result', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  shop.local.x402.faults.set({ kind: 'refuse', route: 'settle' })
  const output = await shop.handler(callWith(payment, DECLARED))
  const { result } = responseOf(output).body
  expect(result).toMatchObject({
    resultType: 'payment_required',
    paymentRequired: { error: 'settlement failed' },
  })
  expect(result).not.toHaveProperty('_meta')
  expect(receiptOf(output)).toMatchObject({ success: false })
  expect([shop.ran(), await shop.taken()]).toEqual([1, 0n])
})

test.each([
  ['an unknown outcome', { kind: 'reset', route: 'settle', times: 3 }],
  ['an outage', { kind: 'error', route: 'verify' }],
] as const)('%s is never a result of the extension', async (_, fault) => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  shop.local.x402.faults.set(fault)
  const output = await shop.handler(callWith(payment, DECLARED))
  const { result } = responseOf(output).body
  expect(result).toMatchObject({ isError: true, resultType: 'complete' })
  expect(allTextOf(output)).toMatch(/Do not pay again|You were not charged/)
  expect(JSON.stringify(output)).not.toContain('accepts')
  expect(await shop.taken()).toBe(0n)
})

test('plans and money are side by side in it', async () => {
  const local = await stack()
  const shop = await moneyShop(centsOrPlan(local), undefined, local)
  const challenge = moneyChallenge(await shop.handler(callWith(undefined, DECLARED)))
  expect(challenge.accepts.map(({ scheme }) => scheme)).toEqual(['nvm:erc4337', 'exact'])
})

/** The two phases of an interceptor, and how they hear of each other. */
const PAIRS = [
  ['sealed', { secret: 'a secret of no less than 32 bytes' }, 'transformed'],
  ['stored', { secret: 'a secret of no less than 32 bytes', stored: true }, 'original'],
  ['untold', {}, 'original'],
] as const

test.each(PAIRS)('an interceptor asks by the extension too: %s', async (_, given, shown) => {
  const { stored, ...secret } = { stored: false, ...given }
  const local = await stack()
  const store = stored ? { store: memoryStore() } : {}
  const options = { ...inCents(local), ...secret, ...store } as InterceptorOptions
  const { handle } = createInterceptor(options)
  let ran = 0
  const target = ({ body }: { body: Fields }) => {
    ran += 1
    const result = { content: [{ type: 'text', text: 'Hello!' }] }
    return { statusCode: 200, headers: {}, body: { jsonrpc: '2.0', id: body['id'], result } }
  }
  const call = (payment?: Fields) => {
    const paid = payment === undefined ? {} : { 'x402/payment': payment }
    const event = rawEvent(toolCall(TOOL, {}, { _meta: { ...DECLARED, ...paid } }))
    return bothPhases(handle, event, target, { shown })
  }

  const asked = await call()
  expect(responseOf(asked.output).body.result).toMatchObject({ resultType: 'payment_required' })
  expect([ran, asked.forwarded]).toEqual([0, undefined])

  const buyer = { local, account: await fundedAccount(local) }
  const challenge = moneyChallenge(asked.output)
  expect(assetIn(challenge).amount).toBe('10000')
  const { output } = await call(await paymentFor(buyer, challenge))
  expect([textOf(output), paidIn(output).success, ran]).toEqual(['Hello!', true, 1])
  expect(await local.x402.balanceOf(SHOP)).toBe(CENT)
})

test('a declaration is of the client, not of the arguments of a tool', async () => {
  const shop = await moneyShop()
  const output = await shop.handler(GATEWAY.event({ body: toolCall(TOOL, { _meta: DECLARED }) }))
  expect(responseOf(output).body.result).toHaveProperty('isError', true)
})

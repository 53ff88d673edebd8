import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { expect, test } from '@jest/globals'
import { payingMcp, receiptOf, type PaymentLimits, type Payer } from '../../../src/client/index.js'
import type { PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { buyer } from '../support/client.js'
import { flattened, refusing, said, shop, sold, soldFor, type Tool } from '../support/mcp-shop.js'
import { hello, sell, stack } from '../../support/seller.js'

const TOOL = 'T___hello'
const CALL = { name: TOOL, arguments: { name: 'Ada' } }

const limitsOf = ({ planId }: Local, more: Partial<PaymentLimits> = {}): PaymentLimits => ({
  plans: [planId],
  credits: { maxAmountPerPayment: 5n, total: 100n },
  ...more,
})

test('a paid tool is called, paid once, and its result comes with a receipt', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const result = await payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  expect(said(result)).toBe('Hello!')
  expect(receiptOf(result)).toEqual({
    paid: 'yes',
    amount: '1',
    agreed: '1',
    unit: { planId: local.planId },
    transaction: local.ledger.settlements[0]?.transaction,
    network: 'eip155:84532',
    payer: local.subscriberAddress,
    creditsRedeemed: '1',
    remainingBalance: '99',
  })
  expect(calls).toHaveLength(2)
  expect(local.balance()).toBe(99n)
})

test('a free tool is called once, nobody is asked to pay, and its receipt says no', async () => {
  const never: Payer = () => Promise.reject(new Error('asked'))
  const { client, calls } = await shop({
    [TOOL]: () => ({ content: [{ type: 'text', text: 'Free!' }] }),
  })
  const limits = { plans: ['1'], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const result = await payingMcp(client, never, limits).callTool(CALL)
  expect(said(result)).toBe('Free!')
  expect(receiptOf(result)).toEqual({ paid: 'no' })
  expect(calls).toHaveLength(1)
})

test('an ordinary error of a tool is passed on unpaid', async () => {
  const local = await stack()
  const failing: Tool = () => ({ isError: true, content: [{ type: 'text', text: '{"a":1}' }] })
  const { client, calls } = await shop({ [TOOL]: failing })
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  const result = await paying.callTool(CALL)
  expect(result).toMatchObject({ isError: true, content: [{ text: '{"a":1}' }] })
  expect(receiptOf(result)).toEqual({ paid: 'no' })
  await expect(paying.callTool({ name: 'other' })).rejects.toMatchObject({ code: -32602 })
  expect(calls).toHaveLength(2)
})

test('a second challenge is returned and never paid', async () => {
  const local = await stack({ credits: 0n })
  const { client, paid, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  const result = await paying.callTool(CALL)
  expect(result).toMatchObject({ isError: true, structuredContent: { x402Version: 2 } })
  expect(receiptOf(result)).toMatchObject({
    paid: 'no',
    reason: 'verification failed: Insufficient credits',
  })
  expect(paid()).toHaveLength(1)
  expect(calls).toHaveLength(2)
})

test('a payment that could not be settled is not counted as paid', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'refuse' })
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const result = await payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  expect(receiptOf(result)).toMatchObject({ paid: 'no', reason: 'settlement failed' })
  expect(local.balance()).toBe(100n)
})

test('an answer that says nothing of the payment leaves its outcome unknown', async () => {
  const local = await stack()
  const failing: PaidHandler = () => ({ isError: true, content: [{ type: 'text', text: 'Down' }] })
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local, failing)) })
  const result = await payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  expect(said(result)).toBe('Down')
  expect(receiptOf(result)).toMatchObject({ paid: 'unknown', amount: '1', agreed: '1' })
})

test('the parameters of a call are not changed, and its own _meta is kept', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const _meta = Object.freeze({ trace: 'abc' })
  const params = Object.freeze({ ...CALL, arguments: Object.freeze({ name: 'Ada' }), _meta })
  await payingMcp(client, buyer(local), limitsOf(local)).callTool(params)
  expect(params).toEqual({ ...CALL, _meta: { trace: 'abc' } })
  expect(calls[0]).toEqual(params)
  expect(calls[1]).toMatchObject({ ...CALL, _meta: { trace: 'abc' } })
  expect(Object.keys(calls[1]?._meta ?? {})).toEqual(['trace', 'x402/payment'])
})

test('a call that the caller pays for itself goes through as it is', async () => {
  const local = await stack({ credits: 0n })
  const { client, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  const own = { ...CALL, _meta: { 'x402/payment': { x402Version: 2, payload: {} } } }
  const inArguments = { name: TOOL, arguments: { headers: { 'x-payment': 'e30=' } } }
  for (const params of [own, inArguments]) {
    expect(await paying.callTool(params)).toMatchObject({ isError: true })
  }
  expect(calls).toMatchObject([own, inArguments])
})

test('the rest of the client is the client itself', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  expect(paying).toBeInstanceOf(Client)
  expect(paying.constructor).toBe(Client)
  expect((await paying.listTools()).tools).toMatchObject([{ name: TOOL }])
  expect(paying.getServerVersion()).toEqual(client.getServerVersion())
  expect(paying.transport).toBe(client.transport)
  paying.onerror = () => undefined
  expect(client.onerror).toBe(paying.onerror)
  expect(Object.keys(client)).toEqual(Object.keys(paying))
  await paying.close()
  await expect(client.ping()).rejects.toThrow('Not connected')
})

test('methods run with the client itself, so that private fields work', async () => {
  class Counting extends Client {
    #calls = 0
    get count() {
      return this.#calls
    }
    set count(calls: number) {
      this.#calls = calls
    }
    override async callTool(...args: Parameters<Client['callTool']>) {
      this.#calls += 1
      const result = await super.callTool(...args)
      this.#calls += 10
      return result
    }
    reset() {
      this.#calls = 0
    }
  }
  const client = new Counting({ name: 'buyer', version: '1' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  far.onmessage = (message) => {
    if (!('id' in message) || !('method' in message)) return
    const server = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: NAMED }
    const result = message.method === 'initialize' ? server : { content: [] }
    void far.send({ jsonrpc: '2.0', id: message.id, result })
  }
  await client.connect(near)
  const limits = { plans: ['1'], credits: { maxAmountPerPayment: 1n, total: 1n } }
  const paying = payingMcp(client, () => Promise.resolve({}), limits)
  await paying.callTool(CALL)
  expect(paying.count).toBe(11)
  paying.count = 5
  expect(client.count).toBe(5)
  paying.reset()
  expect(client.count).toBe(0)
  await client.close()
})

const NAMED = { name: 'shop', version: '1' }

test('a tool with an output schema can be bought though the client refuses its challenge', async () => {
  const local = await stack()
  const structured: PaidHandler = () => ({ content: [], structuredContent: { sum: 3 } })
  const outputSchema = {
    type: 'object' as const,
    properties: { sum: { type: 'number' } },
    required: ['sum'],
    additionalProperties: false,
  }
  const { client } = await shop(
    { [TOOL]: soldFor('1', sell(local, structured)) },
    { [TOOL]: outputSchema },
  )
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  await paying.listTools()
  await expect(client.callTool(CALL)).rejects.toThrow('output schema')
  const result = await paying.callTool(CALL)
  expect(result.structuredContent).toEqual({ sum: 3 })
  expect(receiptOf(result).paid).toBe('yes')

  local.faults.set({ route: 'settle', kind: 'refuse' })
  const refused = await paying.callTool(CALL)
  expect(refused.isError).toBe(true)
  expect(receiptOf(refused).paid).toBe('no')
  expect(Object.hasOwn(client, 'request')).toBe(false)
})

test('a paid result the client will not take is an error that says it is paid', async () => {
  const local = await stack()
  const odd: PaidHandler = () => ({ content: [], structuredContent: { sum: 'three' } })
  const outputSchema = { type: 'object' as const, properties: { sum: { type: 'number' } } }
  const { client } = await shop(
    { [TOOL]: soldFor('1', sell(local, odd)) },
    { [TOOL]: outputSchema },
  )
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  await paying.listTools()
  await expect(paying.callTool(CALL)).rejects.toMatchObject({
    name: 'PaidCallError',
    code: 'paid_call_failed',
    message: expect.stringContaining('the payment was taken'),
    receipt: { paid: 'yes', amount: '1' },
    cause: { message: 'McpError -32602' },
  })
})

/** Its text is read, since a Lambda target has no other place to ask. */
const LAMBDA = { lambdaTargets: [TOOL] }

test('a Lambda target behind a Gateway is paid in its arguments', async () => {
  const local = await stack()
  const { client, calls } = await shop({ [TOOL]: flattened(soldFor('1', sell(local))) })
  const params = { name: TOOL, arguments: { name: 'Ada', headers: { accept: '*/*' } } }
  const result = await payingMcp(client, buyer(local), limitsOf(local), LAMBDA).callTool(params)
  expect(said(result)).toContain('Hello!')
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '1' })
  expect(calls[1]).toEqual({
    name: TOOL,
    arguments: {
      name: 'Ada',
      headers: { accept: '*/*', 'PAYMENT-SIGNATURE': expect.any(String) },
    },
  })
  expect(params.arguments.headers).toEqual({ accept: '*/*' })
  expect(local.balance()).toBe(99n)
})

test('a Lambda target that refuses the payment is not paid again', async () => {
  const local = await stack({ credits: 0n })
  const { client, calls } = await shop({ [TOOL]: flattened(soldFor('1', sell(local))) })
  const result = await payingMcp(client, buyer(local), limitsOf(local), LAMBDA).callTool(CALL)
  expect(receiptOf(result)).toMatchObject({ paid: 'no' })
  expect(calls).toHaveLength(2)
})

test('nothing is paid where the payment has no place in the arguments', async () => {
  const local = await stack()
  const { client } = await shop({ [TOOL]: flattened(soldFor('1', sell(local))) })
  const params = { name: TOOL, arguments: { headers: null } }
  const call = payingMcp(client, buyer(local), limitsOf(local), LAMBDA).callTool(params)
  await expect(call).rejects.toMatchObject({ code: 'payment_unusable' })
  expect(local.calls.filter(({ route }) => route === 'permissions')).toEqual([])
})

test('an unstated price is paid only where the limits say so, and maxAmountPerPayment is set aside', async () => {
  const local = await stack()
  const unstated: Tool = async (params) => {
    const result = await sold(sell(local))(params)
    const challenge = result.structuredContent
    return challenge ? refusing({ ...challenge, extensions: null }) : result
  }
  const { client } = await shop({ [TOOL]: unstated })
  const strict = payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  await expect(strict).rejects.toMatchObject({ limit: 'allowUnstatedPrice' })
  expect(local.balance()).toBe(100n)
  const limits = limitsOf(local, { allowUnstatedPrice: true, trustReceipts: true })
  const result = await payingMcp(client, buyer(local), limits).callTool(CALL)
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '1', agreed: '5' })
})

test('a budget that trusts counts what was redeemed, also where that is less than what was allowed', async () => {
  const local = await stack()
  const cheap: PaidHandler = () => ({ content: [], _meta: { creditsToCharge: 2 } })
  const handler = sell(local, cheap, { credits: 1, maxCredits: 5 })
  const { client } = await shop({ [TOOL]: soldFor('1', handler, '5') })
  const result = await payingMcp(
    client,
    buyer(local),
    limitsOf(local, { trustReceipts: true }),
  ).callTool(CALL)
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '2', agreed: '5' })
  expect(local.balance()).toBe(98n)
})

test('what a seller charges beyond its word is told, and counted', async () => {
  const local = await stack()
  const dear: PaidHandler = () => ({ content: [], _meta: { creditsToCharge: 9 } })
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local, dear)) })
  const limits = limitsOf(local, { credits: { maxAmountPerPayment: 1n, total: 9n } })
  const paying = payingMcp(client, buyer(local), limits)
  expect(receiptOf(await paying.callTool(CALL))).toMatchObject({ amount: '9', agreed: '1' })
  await expect(paying.callTool(CALL)).rejects.toMatchObject({ limit: 'total', allowed: '0' })
})

test('a single-use payment is bound to the tool it is for', async () => {
  const local = await stack()
  const { client, paid } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  await payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  expect(paid()[0]?._meta?.['x402/payment']).toMatchObject({
    resource: { url: `mcp://tool/${TOOL}` },
    accepted: { planId: local.planId, extra: { httpVerb: 'POST' } },
    payload: { authorization: { nonce: expect.any(String) } },
  })
})

test('a sold tool that asks for an agent is paid for that agent', async () => {
  const local = await stack()
  const options = { agentId: 'agent-1', endpoint: 'https://shop.example/mcp' }
  const { client } = await shop({ [TOOL]: soldFor('1', sell(local, hello, options)) })
  const result = await payingMcp(client, buyer(local), limitsOf(local)).callTool(CALL)
  expect(receiptOf(result).paid).toBe('yes')
})

test('a client of another make is left alone', async () => {
  const seen: unknown[] = []
  const client = { callTool: (...args: unknown[]) => Promise.resolve(seen.push(args)) }
  const limits = { plans: ['1'], credits: { maxAmountPerPayment: 1n, total: 1n } }
  await payingMcp(client, () => Promise.resolve({}), limits).callTool('tool', { a: 1 })
  expect(seen).toEqual([['tool', { a: 1 }]])
})

import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { Payments, requiresPayment } from '../../../src/index.js'
import { failureOf, permission, seller } from '../../client/support/client.js'
import { amounts, asked } from '../../support/recorded.js'
import { unhandledRejections } from '../../support/rejections.js'
import {
  challengeOf,
  eventOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  sell,
  silent,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

const TOOL = 'T___hello'

test('a notification of any method that costs is neither run nor forwarded', async () => {
  const local = await stack()
  const handler = sell(local, hello, { billableMethods: ['tools/call', 'resources/read'] })
  const body = { jsonrpc: '2.0', method: 'resources/read', params: { uri: 'file:///a' } }
  const output = await handler(eventOf(body, { 'payment-signature': local.accessToken() }))
  expect(output.mcp).toEqual({ transformedGatewayResponse: { statusCode: 202 } })
  expect(local.balance()).toBe(100n)
})

test.each([0, '', null])('an unknown tool is refused with the id %p of the call', async (id) => {
  const local = await stack()
  const handler = sell(local, hello, { tools: { known: { planId: local.planId } } })
  const { body } = responseOf(await handler(eventOf(toolCall('T___other', {}, { id }))))
  expect(body).toMatchObject({ id, error: { code: -32602 } })
})

test('a malformed payment beside a good one is not passed over', async () => {
  const local = await stack()
  const args = { headers: { 'payment-signature': local.accessToken() } }
  const body = toolCall(TOOL, args, { _meta: { 'x402/payment': 'text' } })
  const output = await sell(local)(eventOf(body))
  expect(challengeOf(output)?.error).toBe('payment malformed')
  expect(asked(local, 'verify')).toEqual([])
})

test('of two equal payments the one in a header is relayed, byte for byte', async () => {
  const local = await stack()
  const payment = JSON.parse(Buffer.from(local.accessToken(), 'base64url').toString()) as object
  const token = Buffer.from(JSON.stringify(payment, null, 1)).toString('base64')
  const args = { headers: { 'payment-signature': token } }
  await sell(local)(eventOf(toolCall(TOOL, args, { _meta: { 'x402/payment': payment } })))
  expect(asked(local, 'verify').map(({ x402AccessToken }) => x402AccessToken)).toEqual([token])
})

test('a key named __proto__ survives the stripping as a plain key', async () => {
  const local = await stack()
  const seen: unknown[] = []
  const handler = sell(local, (event) => {
    seen.push(event.mcp.gatewayRequest.body.params._meta)
    return 'Hello!'
  })
  const _meta = JSON.parse('{"__proto__":{"polluted":true},"x402/payment":{}}') as object
  Object.assign(_meta, {
    'x402/payment': JSON.parse(Buffer.from(local.accessToken(), 'base64url').toString()) as object,
  })
  await handler(eventOf(toolCall(TOOL, {}, { _meta: _meta as Record<string, unknown> })))
  expect(JSON.stringify(seen)).toBe('[{"__proto__":{"polluted":true}}]')
})

test('only the search of the Gateway itself is free, not a tool of a target named like it', async () => {
  const local = await stack()
  const event = local.paidEvent('T___x_amz_bedrock_agentcore_search')
  expect(receiptOf(await sell(local)(event))).toMatchObject({ success: true })
})

test('a scheme given alone is announced with the network that was looked up', async () => {
  const local = await stack()
  const output = await sell(local, hello, { scheme: 'own' })(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(output)?.accepts).toMatchObject([{ scheme: 'own', network: 'eip155:84532' }])
})

test('a call of the facilitator ends when the time given for it is up', async () => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'delay', delayMs: 400 })
  const asking = seller(local).facilitator.verifyPermissions(permission(local), { timeoutMs: 60 })
  expect(await failureOf(asking)).toMatchObject({ code: 'timeout', outcome: 'unknown' })
})

test('a holder cannot lead a balance request elsewhere', async () => {
  const local = await stack()
  const asked = async () => seller(local).plans.getPlanBalance(local.planId, '../../x')
  await expect(asked()).rejects.toThrow('accountAddress: expected an address')
  expect(local.calls).toEqual([])
})

/** Sells one call through a backend that calls everything good, in its own way. */
async function sellThrough(status: number, padding = ''): Promise<string | undefined> {
  const server = http.createServer((request, response) => {
    const verified = { isValid: true, padding }
    const settled = { success: true, transaction: '0x02', network: 'n', creditsRedeemed: '1' }
    response.writeHead(status)
    response.end(JSON.stringify(request.url?.endsWith('/verify') ? verified : settled))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const local = await stack()
  const backendUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl })
  const options = { payments, planId: '1', scheme: 's', network: 'n', logger: silent }
  const output = await requiresPayment(hello, options)(local.paidEvent(TOOL))
  server.closeAllConnections()
  server.close()
  return textOf(output)
}

test('every status of success is one', async () => {
  expect(await sellThrough(201)).toBe('Hello!')
})

test('an answer far larger than any of the API is not read', async () => {
  expect(await sellThrough(200, 'x'.repeat(3 * 1024 * 1024))).toBe('Hello!')
  expect(await sellThrough(200, 'x'.repeat(5 * 1024 * 1024))).toMatch(/cannot take payments/)
})

test('a proxy of the environment is not asked for what stays on this machine', async () => {
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:9'
  const local = await stack()
  const output = await sell(local)(local.paidEvent(TOOL))
  delete process.env['HTTP_PROXY']
  expect(textOf(output)).toBe('Hello!')
})

test('the price of a method that is no tool call is the default one', async () => {
  const local = await stack()
  const handler = sell(local, hello, { billableMethods: ['resources/read'], credits: 7 })
  const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } }
  await handler(eventOf(body, { 'payment-signature': local.accessToken() }))
  expect(amounts(local)).toEqual({ verify: ['7'], settle: ['7'] })
})

test.each(['tools/Call', 'tools/call ', 'TOOLS/CALL', 'anything'])(
  'a handler that answers other methods does not run for the method "%s"',
  async (method) => {
    const local = await stack()
    const runs: string[] = []
    const handler = sell(local, () => `run ${runs.push(method)}`, { otherMethods: 'handler' })
    const output = await handler(eventOf({ ...toolCall(TOOL), method }))
    expect(responseOf(output).body.error?.code).toBe(-32601)
    expect(runs).toEqual([])
  },
)

test('a receipt too long for a header goes out in the body', async () => {
  const local = await stack()
  const { facilitator } = seller(local)
  const settlePermissions = async () => ({
    success: true,
    transaction: '0x02',
    network: 'n',
    creditsRedeemed: '1',
    payer: '0x'.padEnd(4_000, 'a'),
  })
  const options = { planId: local.planId, scheme: 'nvm:erc4337', network: 'eip155:84532' }
  const handler = requiresPayment(hello, {
    facilitator: { ...facilitator, settlePermissions },
    ...options,
    logger: silent,
  })
  const output = await handler(local.paidEvent(TOOL))
  expect(receiptOf(output)).toBeUndefined()
  expect(responseOf(output).body.result?._meta).toMatchObject({ x402: { success: true } })
})

test('of the raw request a handler sees the body only', async () => {
  const local = await stack()
  const seen: unknown[] = []
  const handler = sell(local, (event) => `seen ${seen.push(event.mcp.rawGatewayRequest)}`)
  const event = local.paidEvent(TOOL) as { mcp: { rawGatewayRequest: object } }
  Object.assign(event.mcp.rawGatewayRequest, { headers: { 'payment-signature': 'token' } })
  await handler(event)
  expect(seen).toEqual([{ body: expect.any(String) }])
})

test('why a call could not be sold stands in the log', async () => {
  const local = await stack()
  const logger = recordingLogger()
  await sell(local, hello, { credits: () => 0.5, logger })(local.paidEvent(TOOL))
  expect(logger.lines).toMatchObject([
    { details: { code: 'price_invalid', reason: 'credits must give a whole number ≥ 0' } },
  ])
})

const inOutput = (response: Record<string, unknown>) => () => ({
  mcp: { transformedGatewayResponse: response },
})
const CONTENT = [{ type: 'text', text: 'Hello!' }]

test.each([199, 301, 404, 500, 999, 0, 200.5, Number.NaN])(
  'an output with status %p is not charged',
  async (statusCode) => {
    const local = await stack()
    await sell(local, inOutput({ statusCode, body: { content: CONTENT } }))(local.paidEvent(TOOL))
    expect(local.balance()).toBe(100n)
  },
)

test.each([
  ['isError that is text', { content: CONTENT, isError: 'false' }],
  [
    'an error that is null beside a result',
    { jsonrpc: '2.0', result: { content: CONTENT }, error: null },
  ],
])('a result with %s is charged', async (_, result) => {
  const local = await stack()
  await sell(local, () => result as never)(local.paidEvent(TOOL))
  expect(local.balance()).toBe(99n)
})

test('a receipt a handler made up does not go out', async () => {
  const local = await stack()
  const fake = { transaction: 'fake' }
  const _meta = { x402: fake, 'x402/payment-response': fake }
  const output = await sell(local, () => ({ content: CONTENT, _meta }))(local.paidEvent(TOOL))
  expect(JSON.stringify(output)).not.toContain('fake')
})

test('a content type of the handler is kept, and the only one', async () => {
  const local = await stack()
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const output = await sell(
    local,
    inOutput({ headers, body: { content: CONTENT } }),
  )(local.paidEvent(TOOL))
  const names = Object.keys(responseOf(output).headers).map((name) => name.toLowerCase())
  expect(names.filter((name) => name === 'content-type')).toHaveLength(1)
})

test('what belongs to the connection or the caller is not echoed to the target', async () => {
  const local = await stack()
  const headers = {
    Host: 'h',
    'Content-Length': '9',
    Connection: 'close',
    Authorization: 'a',
    'X-Kept': 'k',
  }
  const output = await sell(local)(
    eventOf({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers),
  )
  expect(output.mcp.transformedGatewayRequest?.headers).toEqual({ 'X-Kept': 'k' })
})

test('a notification the handler answers gets no answer all the same', async () => {
  const local = await stack()
  const runs: number[] = []
  const handler = sell(local, () => `run ${runs.push(1)}`, { otherMethods: 'handler' })
  const output = await handler(eventOf({ jsonrpc: '2.0', method: 'notifications/initialized' }))
  expect(output.mcp).toEqual({ transformedGatewayResponse: { statusCode: 202 } })
  expect(runs).toHaveLength(1)
})

test('a payment after a lower-case bearer pays', async () => {
  const local = await stack()
  const event = eventOf(toolCall(TOOL), { 'payment-signature': `bearer ${local.accessToken()}` })
  expect(textOf(await sell(local)(event))).toBe('Hello!')
})

test('a logger whose promise rejects costs nobody anything', async () => {
  const local = await stack()
  const failing = () => Promise.reject(new Error('no log'))
  const logger = { debug: failing, info: failing, warn: failing, error: failing }
  const handler = sell(local, hello, { logger })
  const call = () => handler(local.paidEvent(TOOL, {}, 'forged'))
  expect(await unhandledRejections(call)).toEqual([])
})

test('prices in a Map are refused, since they would count for nothing', async () => {
  const local = await stack()
  const tools = new Map([['a', { credits: 50 }]]) as never
  expect(() => sell(local, hello, { planId: local.planId, tools })).toThrow(/^tools: /)
})

test.each<[string, 2 | 3, (payment: Signed) => void]>([
  ['of version 2 aimed at another plan', 2, ({ accepted }) => (accepted.planId = '7')],
  ['of version 3 aimed at another plan', 3, ({ accepted }) => (accepted.planId = '7')],
  ['of version 3 with another verb', 3, ({ accepted }) => (accepted.extra.httpVerb = 'GET')],
])('a token %s does not hold', async (_, version, change) => {
  const local = await stack()
  local.ledger.addPlan({ planId: '7' })
  local.ledger.credit('7', local.subscriberAddress, 100n)
  const bound = { version, resource: { url: `mcp://tool/${TOOL}` }, httpVerb: 'POST' }
  const token = local.accessToken(bound)
  const payment = JSON.parse(Buffer.from(token, 'base64url').toString()) as Signed
  change(payment)
  const forged = Buffer.from(JSON.stringify(payment)).toString('base64url')
  const handler = sell(local, hello, { planIds: [local.planId, '7'] })
  const output = await handler(local.paidEvent(TOOL, {}, forged))
  expect(challengeOf(output)?.error).toBe('verification failed: BCK.X402.0005')
})

interface Signed {
  accepted: { planId: string; extra: { httpVerb?: string } }
}

test('a top-up that is too small moves nothing', async () => {
  const local = await stack({ credits: 0n, plan: { creditsPerOrder: 3n } })
  const payer = local.subscriberAddress
  const delegation = local.ledger.addDelegation(payer, { spendingLimitCents: 10_000n })
  const { planId } = local
  const order = { planId, payer, amount: 5n, nonce: undefined, agentRequestId: undefined }
  expect(() => local.ledger.settle({ ...order, delegationId: delegation.delegationId })).toThrow()
  expect([local.balance(), delegation.amountSpentCents]).toEqual([0n, 0n])
})

import { Agent, type McpClient } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import { requiresPayment, type RequiresPaymentOptions } from '../../src/index.js'
import { AgentCorePaymentsPlugin } from '../../src/strands/index.js'
import { payingMcpClient } from '../../src/strands/paying-mcp-client.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { started, tool } from '../local/support/gateway.js'
import { flattened, refusing, shop, type Params, type Tool } from '../client/support/mcp-shop.js'
import { inCents } from '../seller/money/support/money.js'
import { challengeV1, mpp } from '../agentcore/support/payment-header.js'
import { paymentUser } from '../support/payment-user.js'
import { hello, stack } from '../support/seller.js'
import { answerTo, shopper } from './support/agent.js'
import {
  CHALLENGE,
  GOODS,
  buying,
  calling,
  challengeFor,
  clientOf,
  marked,
  paymentOf,
  selling,
  structured,
} from './support/mcp.js'
import { ScriptedModel } from './support/model.js'
import { SHOP } from '../seller/money/support/x402-payments.js'

/** A user of the stack's own payments service, whose wallets its facilitator knows. */
async function localBuyer(local: Awaited<ReturnType<typeof stack>>) {
  const { settings, ids, address } = await paymentUser(local)
  const atOnce = { postPaymentRetryDelaySeconds: 0 }
  const plugin = new AgentCorePaymentsPlugin({ ...settings, ...ids, ...atOnce })
  return { plugin, wallet: address }
}

test.each([
  ['a client that pays', payingMcpClient],
  ['a client as it is, by the marker', (client: McpClient) => client],
])('a tool sold by requiresPayment behind AgentCore Gateway is bought: %s', async (_, prepare) => {
  const local = await stack()
  const options = inCents(local) as unknown as RequiresPaymentOptions
  const { url } = await started.gateway({
    targets: [{ name: 'shop', lambda: () => 'never called', tools: [tool('greet')] }],
    requestInterceptor: { lambda: requiresPayment(hello, options), passRequestHeaders: true },
  })
  const { plugin, wallet } = await localBuyer(local)
  const before = await local.x402.balanceOf(wallet)
  const model = new ScriptedModel(calling('shop___greet'))
  const tools = [prepare(clientOf({ url }))]
  const agent = new Agent({ model, tools, plugins: [plugin], printer: false })
  await agent.invoke('greet me')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'Hello!' })
  expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
  expect(await local.x402.balanceOf(wallet)).toBe(before - 10_000n)
  expect(local.paymentsService.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('a seller by x402 over MCP gets its payment in _meta, and nothing in the arguments', async () => {
  const { agent, calls, spent } = await buying(
    { tea: selling(() => structured) },
    { input: { cups: 2 } },
  )
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'goods' })
  expect(calls).toMatchObject([{ arguments: { cups: 2 } }, { arguments: { cups: 2 } }])
  expect(Object.keys(calls[1]?.arguments ?? {})).not.toContain('headers')
  const accepted = { amount: '10000', network: 'eip155:84532' }
  expect(calls[1]?._meta?.['x402/payment']).toMatchObject({ x402Version: 2, accepted })
  expect(spent()).toEqual(['0.01'])
})

test.each<[string, Awaited<ReturnType<Tool>>]>([
  ['structuredContent and its text', refusing(CHALLENGE)],
  ['a text alone', { isError: true, content: refusing(CHALLENGE).content }],
  ['x402 v1', { isError: true, structuredContent: challengeV1(), content: [] }],
])('a challenge in %s is paid in _meta', async (_, challenge) => {
  const { agent, calls } = await buying({ tea: selling(() => challenge) })
  expect(answerTo(agent).text).toBe('goods')
  expect(calls.map(paymentOf)).toMatchObject([
    { inMeta: undefined, inArguments: undefined },
    { inMeta: { payload: { authorization: {} } }, inArguments: undefined },
  ])
})

test('a challenge in a JSON-RPC error is paid in _meta', async () => {
  const refuse = () => {
    throw Object.assign(new Error('Payment required'), { code: 402, data: CHALLENGE })
  }
  const { agent, calls } = await buying({ tea: selling(refuse) })
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'goods' })
  expect(calls.map(paymentOf)[1]).toMatchObject({ inMeta: { x402Version: 2 } })
})

test('a challenge that is not of the tool’s output schema is paid', async () => {
  const [one, sold] = [
    await shopper(),
    await shop(
      {
        tea: (params) => {
          const paid = params._meta?.['x402/payment'] !== undefined
          return paid ? { ...GOODS, structuredContent: { cups: 1 } } : structured
        },
      },
      { tea: { type: 'object', required: ['cups'] } as never },
    ),
  ]
  const client = payingMcpClient(clientOf({ url: sold.url }))
  const { agent } = one.agentThat([calling('tea')], { tools: [client] })
  await agent.invoke('buy')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'goods' })
})

test('a seller that knows the marker alone gets its payment in the arguments', async () => {
  const { agent, calls } = await buying({ tea: selling(() => marked()) })
  expect(answerTo(agent).text).toBe('goods')
  expect(paymentOf(calls[1] as Params)).toMatchObject({
    inMeta: undefined,
    inArguments: { x402Version: 2 },
  })
})

test('a Lambda target that sells by itself gets its payment in the arguments', async () => {
  const { agent, calls } = await buying(
    { shop___tea: flattened(selling(() => refusing(challengeFor('shop___tea')))) },
    { lambdaTargets: ['shop___tea'] },
  )
  expect(answerTo(agent).text).toContain('goods')
  expect(paymentOf(calls[1] as Params)).toMatchObject({ inArguments: { x402Version: 2 } })
})

test('a challenge of MPP beside a result is paid in the arguments', async () => {
  const responseHeaders = { 'WWW-Authenticate': mpp() }
  const headersIn = ({ arguments: args }: Params) =>
    args?.['headers'] as Record<string, string> | undefined
  const { agent, calls } = await buying({
    tea: (params) => (headersIn(params) ? GOODS : { isError: true, content: [], responseHeaders }),
  })
  expect(answerTo(agent).text).toBe('goods')
  expect(headersIn(calls[1] as Params)).toEqual({
    Authorization: expect.stringMatching(/^Payment /),
  })
})

test('a tool that calls others gets the payment in their parameters and in _meta', async () => {
  const input = { toolName: 'tea', parameters: { cups: 2 } }
  const { agent, calls } = await buying(
    { proxy_tool_call: selling(() => ({ ...structured, isError: false })) },
    { input },
  )
  expect(answerTo(agent).text).toBe('goods')
  const { toolName, parameters } = calls[1]?.arguments as typeof input
  expect({ toolName, parameters }).toEqual({
    toolName: 'tea',
    parameters: { cups: 2, headers: { 'PAYMENT-SIGNATURE': expect.any(String) } },
  })
  const { headers } = parameters as unknown as { headers: Record<string, string> }
  expect(calls[1]?._meta?.['x402/payment']).toEqual(
    decodeHeader(headers['PAYMENT-SIGNATURE'] ?? ''),
  )
})

test('the payment is in nothing that the model or the conversation sees', async () => {
  const { agent, model, calls } = await buying({ tea: selling(() => structured) })
  const payment = calls[1]?._meta?.['x402/payment'] as { payload: { signature: string } }
  const seen = JSON.stringify(agent.messages) + model.shown.join()
  expect(payment.payload.signature).toMatch(/^0x/)
  expect(seen).not.toContain(payment.payload.signature)
  expect(seen).not.toContain('PAYMENT-SIGNATURE')
})

test('headers that the tool takes itself are kept, whatever their case', async () => {
  const headers = { accept: 'tea/green' }
  const { calls } = await buying({ tea: selling(() => structured) }, { input: { headers } })
  expect(calls[1]?.arguments).toEqual({ headers })
  expect(calls[1]?._meta).toHaveProperty(['x402/payment'])
})

test('a second challenge is not paid again', async () => {
  const { calls, agent, tokens } = await buying({ tea: () => structured })
  expect(calls).toHaveLength(2)
  expect(tokens()).toHaveLength(1)
  expect(JSON.stringify(agent.messages)).not.toContain('goods')
})

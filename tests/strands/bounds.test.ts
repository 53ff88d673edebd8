import { expect, test } from '@jest/globals'
import { Tool, ToolResultBlock, TextBlock, tool, type ToolContext } from '@strands-agents/sdk'
import { z } from 'zod'
import type { PaymentResponseHandler, SignedPaymentLimits } from '../../src/strands/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { ACCEPT_V1, challengeV1, challengeV2, mpp } from '../agentcore/support/payment-header.js'
import { ACCEPT, MERCHANT } from '../local/agentcore/support/payments-service.js'
import { answerTo, get, merchant, reasonsOf, shopper } from './support/agent.js'

test.each<[string, SignedPaymentLimits, string]>([
  [
    'costs more than one payment may',
    { maxAmountPerPayment: '9999' },
    'limits.maxAmountPerPayment',
  ],
  ['is of a scheme that may not be paid', { schemes: ['upto'] }, 'limits.schemes'],
  ['is in an asset that may not be paid with', { assets: ['0x1'] }, 'limits.assets'],
  ['goes to who may not be paid', { payees: ['0x1'] }, 'limits.payees'],
  ['is valid for longer than it may be', { maxTimeoutSeconds: 59 }, 'limits.maxTimeoutSeconds'],
  ['is asked for by a host that may not be paid', { hosts: ['shop.example'] }, 'limits.hosts'],
  ['is asked for at another port', { hosts: ['127.0.0.1:1'] }, 'limits.hosts'],
])('what %s is not paid', async (_, limits, limit) => {
  const { agentThat, calls } = await shopper({ limits })
  const shop = await merchant()
  const result = await agentThat([{ tools: [get(shop.url)] }]).agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([{ exceptionMessage: expect.stringContaining(limit) }])
  expect(calls('ProcessPayment')).toEqual([])
})

test('what is within all bounds is paid', async () => {
  const shop = await merchant()
  const { agentThat } = await shopper({
    limits: {
      maxAmountPerPayment: 10_000n,
      schemes: ['exact'],
      assets: [`base-sepolia/${ACCEPT.asset}`],
      payees: [MERCHANT],
      hosts: [new URL(shop.url).host],
      maxTimeoutSeconds: 60,
    },
  })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"goods":42')
})

/** Answers with a 402 until its input has a payment. */
function paidTool(request: { headers?: object; body?: object }, name = 'paid_tool') {
  const inputs: Record<string, string>[] = []
  const inputSchema = z.object({
    q: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
  })
  const one = tool({
    name,
    description: 'asks for a payment',
    inputSchema,
    callback: ({ headers }) => {
      inputs.push(headers ?? {})
      return headers === undefined
        ? { statusCode: 402, headers: {}, body: {}, ...request }
        : { statusCode: 200, body: { goods: 42 } }
    },
  })
  return { tool: one, inputs }
}

const call = (name = 'paid_tool') => ({ tools: [{ id: 'call-1', name, input: { q: 'x' } }] })

test('a tool that asks by x402 v1 gets the payment as X-PAYMENT', async () => {
  const { agentThat } = await shopper()
  const paid = paidTool({ body: challengeV1() })
  const { agent } = agentThat([call()], { tools: [paid.tool] })
  await agent.invoke('buy it')
  const [, { 'X-PAYMENT': payment = '' } = {}] = paid.inputs
  expect(decodeHeader(payment)).toEqual({
    x402Version: 1,
    scheme: ACCEPT_V1.scheme,
    network: ACCEPT_V1.network,
    payload: { signature: expect.any(String), authorization: expect.any(Object) },
  })
  expect(JSON.stringify(agent.messages)).not.toContain(payment.slice(0, 40))
})

test('a tool that asks by MPP gets the payment as Authorization, with the fees paid as configured', async () => {
  const { agentThat, calls } = await shopper({ buyerPaysGasFees: true })
  const paid = paidTool({ headers: { 'www-authenticate': mpp() } })
  await agentThat([call()], { tools: [paid.tool] }).agent.invoke('buy it')
  expect(paid.inputs[1]).toEqual({ Authorization: expect.stringMatching(/^Payment \S+$/) })
  expect(calls('ProcessPayment')).toMatchObject([
    { body: { paymentInput: { mpp: { buyerPaysGasFees: true } } } },
  ])
})

test.each<[readonly string[], string]>([
  [['eip155:1', 'eip155:84532'], 'eip155:1'],
  [['eip155:84532', 'eip155:1'], 'eip155:84532'],
  [[], 'eip155:84532'],
])('of the networks offered %p prefers %s', async (networkPreferencesConfig, network) => {
  const { agentThat, calls } = await shopper({ networkPreferencesConfig })
  const offered = [ACCEPT, { ...ACCEPT, network: 'eip155:1' }]
  const paid = paidTool({ body: challengeV2(offered) })
  await agentThat([call()], { tools: [paid.tool] }).agent.invoke('buy it')
  expect(calls('ProcessPayment')).toMatchObject([
    { body: { paymentInput: { cryptoX402: { payload: { network } } } } },
  ])
})

test('the allowance for Permit2 goes along where the scheme is upto', async () => {
  const { agentThat, calls } = await shopper({ permit2AllowanceLimit: '70000' })
  const paid = paidTool({ body: challengeV2([{ ...ACCEPT, scheme: 'upto' }]) })
  await agentThat([call()], { tools: [paid.tool] }).agent.invoke('buy it')
  expect(calls('ProcessPayment')).toMatchObject([
    { body: { paymentInput: { cryptoX402: { permit2AllowanceLimit: '70000' } } } },
  ])
})

/** Speaks a form that no handler but its own reads. */
class OddTool extends Tool {
  readonly name = 'http_request'
  readonly description = 'odd'
  readonly toolSpec = {
    name: this.name,
    description: this.description,
    inputSchema: { type: 'object' as const },
  }

  override async *stream({ toolUse }: ToolContext) {
    const { ticket } = toolUse.input as { ticket?: string }
    const content = [new TextBlock(ticket === undefined ? 'pay me' : 'paid')]
    return new ToolResultBlock({ toolUseId: toolUse.toolUseId, status: 'success', content })
  }
}

const odd = (more: Partial<PaymentResponseHandler> = {}): PaymentResponseHandler => ({
  extractStatusCode: ({ content: [block] }) =>
    block?.type === 'textBlock' && block.text === 'pay me' ? 402 : 200,
  extractHeaders: () => ({}),
  extractBody: () => challengeV2(),
  validateToolInput: () => true,
  applyPaymentHeader: (_, header) => ({ ticket: Object.values(header)[0] }),
  ...more,
})

test('a handler of one’s own comes before the one that is meant for the name of the tool', async () => {
  const { agentThat, calls } = await shopper({ customHandlers: { http_request: odd() } })
  const { agent } = agentThat([call('http_request')], { tools: [new OddTool()] })
  await agent.invoke('buy it')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'paid' })
  expect(calls('ProcessPayment')).toHaveLength(1)
})

test.each<[string, Partial<PaymentResponseHandler>]>([
  ['says that it has no place for a payment', { validateToolInput: () => false }],
  ['does not put a payment anywhere', { applyPaymentHeader: () => undefined }],
  [
    'throws when it is to say where a payment goes',
    {
      validateToolInput: () => {
        throw new Error('no idea')
      },
    },
  ],
])('nothing is paid where a handler %s', async (_, more) => {
  const { agentThat, calls } = await shopper({ customHandlers: { http_request: odd(more) } })
  const { agent } = agentThat([call('http_request')], { tools: [new OddTool()] })
  expect((await agent.invoke('buy it')).stopReason).toBe('interrupt')
  expect(calls('ProcessPayment')).toEqual([])
})

test('a handler that throws over an answer costs nobody the answer', async () => {
  const extractStatusCode = () => {
    throw new Error('cannot read')
  }
  const { agentThat, log } = await shopper({
    customHandlers: { http_request: odd({ extractStatusCode }) },
  })
  const { agent } = agentThat([call('http_request')], { tools: [new OddTool()] })
  expect((await agent.invoke('buy it')).stopReason).toBe('endTurn')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'pay me' })
  expect(log).toMatchObject([{ level: 'error', message: 'the answer of a tool could not be read' }])
})

import { Agent, FunctionTool, type JsonBlock, type TextBlock, tool } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { AgentCorePaymentsPlugin } from '../../src/strands/index.js'
import type { PaymentResponseHandler } from '../../src/strands/options/payment-response-handler.js'
import { ACCEPT, BASE_SEPOLIA_USDC } from '../local/agentcore/support/payments-service.js'
import { challengeV2 } from '../agentcore/support/payment-header.js'
import { answerTo, merchant, shopper } from './support/agent.js'
import { ScriptedModel } from './support/model.js'

const NAMES = [
  'get_payment_instrument',
  'get_payment_instrument_balance',
  'get_payment_session',
  'http_request',
  'list_payment_instruments',
]

/** A started agent with the plugin's tools, and what it takes to call one. */
async function toolbox(options: Parameters<typeof shopper>[0] = {}) {
  const one = await shopper(options)
  const { agent } = one.agentThat([])
  await agent.initialize()
  const call = async (name: string, input: object = {}) => {
    const result = await agent.tool[name]?.invoke(input as never)
    const [block] = result?.content ?? []
    const { json } = block as JsonBlock
    const { text } = block as TextBlock
    return { status: result?.status, json: json as Record<string, unknown>, text }
  }
  return { ...one, agent, call }
}

test('an agent gets the five tools under the names of the Python plugin', async () => {
  const { agent } = await toolbox()
  expect(agent.tools.map(({ name }) => name).sort()).toEqual(NAMES)
})

test('the inputs have the names of the Python plugin', async () => {
  const { agent } = await toolbox()
  const inputs = agent.tools.map(({ name, toolSpec: { inputSchema } }) => [
    name,
    Object.keys(inputSchema?.properties ?? {}),
    inputSchema?.required ?? [],
  ])
  expect(new Map(inputs.map(([name, ...rest]) => [name, rest]))).toEqual(
    new Map([
      ['http_request', [['url', 'method', 'headers', 'body'], ['url']]],
      [
        'get_payment_instrument',
        [['payment_instrument_id', 'user_id', 'payment_connector_id'], []],
      ],
      [
        'list_payment_instruments',
        [['user_id', 'payment_connector_id', 'max_results', 'next_token'], []],
      ],
      [
        'get_payment_instrument_balance',
        [
          ['payment_instrument_id', 'chain', 'token', 'payment_connector_id', 'user_id'],
          ['payment_instrument_id'],
        ],
      ],
      ['get_payment_session', [['payment_session_id', 'user_id'], []]],
    ]),
  )
})

test('the configured instrument is shown, with dates as text', async () => {
  const { call, paymentInstrumentId, calls } = await toolbox()
  const { status, json } = await call('get_payment_instrument')
  expect(status).toBe('success')
  expect(json).toMatchObject({ paymentInstrumentId, userId: 'user-1', status: 'ACTIVE' })
  expect(json['createdAt']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  expect(calls('GetPaymentInstrument')).toHaveLength(1)
})

test('an instrument or session that is named comes before the configured one, and blanks are nothing', async () => {
  const { call, buyer, paymentInstrumentId } = await toolbox()
  const other = await buyer.instrument('SOLANA')
  const named = await call('get_payment_instrument', { payment_instrument_id: ` ${other} ` })
  expect(named.json).toMatchObject({ paymentInstrumentId: other })
  const session = await buyer.session('3.00')
  expect((await call('get_payment_session', { payment_session_id: session })).json).toMatchObject({
    paymentSessionId: session,
  })
  for (const blank of ['', '  ', null]) {
    const input = { payment_instrument_id: blank, user_id: blank, payment_connector_id: blank }
    expect((await call('get_payment_instrument', input)).json).toMatchObject({
      paymentInstrumentId,
    })
  }
})

test('a late change of the config counts', async () => {
  const { call, buyer, plugin } = await toolbox()
  const [other, session] = [await buyer.instrument('SOLANA'), await buyer.session('2.00')]
  plugin.config.updatePaymentInstrumentId(other)
  plugin.config.updatePaymentSessionId(session)
  expect((await call('get_payment_instrument')).json).toMatchObject({ paymentInstrumentId: other })
  expect((await call('get_payment_session')).json).toMatchObject({ paymentSessionId: session })
})

test('without an instrument or session the model is told what is missing', async () => {
  const { call } = await toolbox({ paymentInstrumentId: undefined, paymentSessionId: undefined })
  const fix = 'Provide it as a parameter or configure it in the plugin.'
  expect(await call('get_payment_instrument')).toMatchObject({
    status: 'error',
    text: `Error: payment_instrument_id is not set. ${fix}`,
  })
  expect(await call('get_payment_session')).toMatchObject({
    status: 'error',
    text: `Error: payment_session_id is not set. ${fix}`,
  })
  const balance = { payment_instrument_id: 'payment-instrument-abcdefghijklmno' }
  expect(await call('get_payment_instrument_balance', balance)).toMatchObject({
    status: 'error',
    text: `Error: payment_connector_id is not set. ${fix}`,
  })
})

test('errors of AWS reach the model', async () => {
  const { call } = await toolbox()
  const missing = { payment_instrument_id: 'payment-instrument-000000000000000' }
  const { status, text } = await call('get_payment_instrument', missing)
  expect(status).toBe('error')
  expect(text).toMatch(
    /^Error: .*payment-instrument-000000000000000.*not found|^Error: .*not found/i,
  )
})

test('instruments are listed, page by page', async () => {
  const { call, buyer, paymentInstrumentId } = await toolbox()
  const second = await buyer.instrument('SOLANA')
  const idsIn = ({ json }: { json: Record<string, unknown> }) =>
    (json['paymentInstruments'] as { paymentInstrumentId: string }[]).map(
      (one) => one.paymentInstrumentId,
    )
  const all = await call('list_payment_instruments')
  expect(idsIn(all).sort()).toEqual([paymentInstrumentId, second].sort())
  const first = await call('list_payment_instruments', { max_results: 1 })
  const next = { max_results: 1, next_token: first.json['nextToken'] }
  const rest = await call('list_payment_instruments', next)
  expect([...idsIn(first), ...idsIn(rest)].sort()).toEqual(idsIn(all).sort())
})

test('a balance is asked for on the usual chain, with the configured connector', async () => {
  const { buyer, ...one } = await shopper()
  const { paymentConnectorId } = buyer
  const plugin = new AgentCorePaymentsPlugin({ ...one.settings, paymentConnectorId })
  const agent = new Agent({ model: new ScriptedModel(), plugins: [plugin], printer: false })
  await agent.initialize()
  const input = { payment_instrument_id: one.paymentInstrumentId }
  const result = await agent.tool['get_payment_instrument_balance']?.invoke(input)
  expect((result?.content[0] as JsonBlock).json).toMatchObject({
    paymentInstrumentId: one.paymentInstrumentId,
    tokenBalance: { chain: 'BASE_SEPOLIA', token: 'USDC' },
  })
  expect(one.calls('GetPaymentInstrumentBalance')[0]?.body).toMatchObject({
    paymentConnectorId,
    chain: 'BASE_SEPOLIA',
    token: 'USDC',
  })
})

test('a user that is named comes before the configured one', async () => {
  const { call, calls } = await toolbox()
  const userOf = (operation: string) =>
    calls(operation).at(-1)?.headers['x-amzn-bedrock-agentcore-payments-user-id']
  await call('list_payment_instruments', { user_id: 'user-2' })
  expect(userOf('ListPaymentInstruments')).toBe('user-2')
  await call('list_payment_instruments', { user_id: '  ' })
  expect(userOf('ListPaymentInstruments')).toBe('user-1')
  expect((await call('get_payment_session', { user_id: 'user-2' })).status).toBe('error')
  expect(userOf('GetPaymentSession')).toBe('user-2')
})

test('the session shows its limit and what is left', async () => {
  const { call, paymentSessionId } = await toolbox()
  const { json } = await call('get_payment_session')
  expect(json).toMatchObject({
    paymentSessionId,
    limits: { maxSpendAmount: { value: expect.stringMatching(/^1/), currency: 'USD' } },
  })
  expect(json['createdAt']).toEqual(expect.any(String))
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
})

test('inputs that do not fit are told to the model', async () => {
  const { call, calls } = await toolbox()
  for (const [name, input] of [
    ['list_payment_instruments', { max_results: 0 }],
    ['get_payment_instrument_balance', { payment_instrument_id: 'a', chain: 'DOGE' }],
    ['get_payment_session', { payment_session_id: 3 }],
    ['http_request', { headers: {} }],
  ] as const) {
    expect((await call(name, input)).status).toBe('error')
  }
  expect(calls('ListPaymentInstruments')).toEqual([])
})

test('a model calls the tools like any other', async () => {
  const { agentThat, paymentSessionId } = await shopper()
  const { agent, model } = agentThat([
    { tools: [{ id: 'call-1', name: 'get_payment_session', input: {} }] },
  ])
  await agent.invoke('what is left?')
  expect(model.shown[1]).toContain(paymentSessionId)
})

const CHALLENGE = challengeV2([{ ...ACCEPT, asset: BASE_SEPOLIA_USDC }])
const SOLD = { answered: 'goods' }

/** A tool that sells, with what it says before it is paid. */
function seller(name: string, challenge: unknown, paid: string[] = []) {
  return tool({
    name,
    description: 'Sells tea',
    inputSchema: z.object({ headers: z.record(z.string(), z.string()).optional() }),
    callback: ({ headers = {} }) => {
      const payment = headers['PAYMENT-SIGNATURE']
      if (challenge instanceof Error && payment === undefined) throw challenge
      if (payment === undefined) return challenge as never
      paid.push(payment)
      return SOLD
    },
  })
}

const ENVELOPE = { statusCode: 402, headers: {}, body: CHALLENGE }

test.each<[string, string, unknown]>([
  ['an error with the marker', 'shop', new Error(`PAYMENT_REQUIRED: ${JSON.stringify(ENVELOPE)}`)],
  ['an object', 'shop', ENVELOPE],
  ['an object with status', 'shop', { status: 402, headers: {}, body: CHALLENGE }],
  ['a raw MCP result', 'shop', { content: [], isError: true, structuredContent: CHALLENGE }],
  ['three texts', 'http_request', ['Status Code: 402', `Body: ${JSON.stringify(CHALLENGE)}`]],
])('a tool of one’s own that asks for money with %s is paid for', async (_, name, challenge) => {
  const { agentThat, calls } = await shopper({ provideHttpRequest: false })
  const paid: string[] = []
  const answer = Array.isArray(challenge) ? challenge.map((text: string) => ({ text })) : challenge
  const own = seller(name, answer, paid)
  const { agent } = agentThat([{ tools: [{ id: 'call-1', name, input: {} }] }], { tools: [own] })
  await agent.invoke('buy')
  expect(paid).toHaveLength(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(answerTo(agent).status).toBe('success')
})

test('headers that a model gives as null are none', async () => {
  const { agentThat } = await shopper()
  const shop = await merchant()
  const input = { url: shop.url, headers: null }
  const { agent } = agentThat([{ tools: [{ id: 'call-1', name: 'http_request', input }] }])
  await agent.invoke('buy')
  expect(shop.payments).toHaveLength(1)
  expect(answerTo(agent).text).toContain('"goods":42')
})

test('nothing is paid for a tool whose schema would lose the payment', async () => {
  const { agentThat, calls } = await shopper({ maxInterruptRetries: 0 })
  const closed = tool({
    name: 'shop',
    description: 'Sells tea',
    inputSchema: z.object({ what: z.string() }),
    callback: () => ENVELOPE as never,
  })
  const turn = { tools: [{ id: 'call-1', name: 'shop', input: { what: 'tea' } }] }
  await agentThat([turn], { tools: [closed] }).agent.invoke('buy')
  expect(calls('ProcessPayment')).toEqual([])
})

test('a tool that calls others gets the payment among their parameters', async () => {
  const { agentThat } = await shopper()
  const inputs: unknown[] = []
  const proxy = new FunctionTool({
    name: 'proxy',
    description: 'Calls another tool',
    inputSchema: { type: 'object' },
    callback: (input) => {
      inputs.push(structuredClone(input))
      return inputs.length === 1 ? { structuredContent: CHALLENGE as never } : 'goods'
    },
  })
  const input = { toolName: 'tea', parameters: { cups: 2, headers: null } }
  const turn = { tools: [{ id: 'call-1', name: 'proxy', input }] }
  const { agent } = agentThat([turn], { tools: [proxy] })
  await agent.invoke('buy')
  expect(inputs).toEqual([
    input,
    {
      toolName: 'tea',
      parameters: { cups: 2, headers: { 'PAYMENT-SIGNATURE': expect.any(String) } },
    },
  ])
})

test('a handler of one’s own reads and pays in its own way', async () => {
  const handler: PaymentResponseHandler = {
    extractStatusCode: (result) => ((result.content[0] as TextBlock).text === 'pay' ? 402 : 200),
    extractHeaders: () => ({}),
    extractBody: () => CHALLENGE,
    validateToolInput: () => true,
    applyPaymentHeader: (input, header) => ({ ...(input as object), ticket: header }),
  }
  const { agentThat } = await shopper({ customHandlers: { shop: handler } })
  const tickets: unknown[] = []
  const own = tool({
    name: 'shop',
    description: 'Sells tea',
    inputSchema: z.object({ ticket: z.record(z.string(), z.string()).optional() }),
    callback: ({ ticket }) => {
      if (ticket === undefined) return 'pay'
      tickets.push(ticket)
      return 'goods'
    },
  })
  const turn = { tools: [{ id: 'call-1', name: 'shop', input: {} }] }
  const { agent } = agentThat([turn], { tools: [own] })
  await agent.invoke('buy')
  expect(tickets).toEqual([{ 'PAYMENT-SIGNATURE': expect.any(String) }])
  expect(answerTo(agent).text).toBe('goods')
})

test('without http_request the agent has the other four, and private hosts stay out of reach', async () => {
  const without = await toolbox({ provideHttpRequest: false })
  expect(without.agent.tools.map(({ name }) => name).sort()).toEqual(
    NAMES.filter((name) => name !== 'http_request'),
  )
  const { call } = await toolbox({ allowPrivateHosts: undefined })
  const { status, text } = await call('http_request', { url: 'http://127.0.0.1:1/' })
  expect(status).toBe('error')
  expect(text).toContain('the host is private')
})

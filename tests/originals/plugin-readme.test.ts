/**
 * The README of AWS's payments plugin for Strands, in TypeScript, as a user would write it, section by section:
 * `bedrock_agentcore/payments/integrations/strands/README.md` of the AgentCore SDK for Python at commit ddfab76,
 * https://github.com/aws/bedrock-agentcore-sdk-python/blob/ddfab76/src/bedrock_agentcore/payments/integrations/strands/README.md
 *
 * `...LOCAL` stands where the README has AWS and the internet.
 */
import { expect, test } from '@jest/globals'
import { Agent, TextBlock, Tool, ToolResultBlock, type ToolContext } from '@strands-agents/sdk'
import { httpRequest } from '@strands-agents/sdk/vended-tools/http-request'
import { PaymentClient, PaymentManager } from 'agentcore-x402/agentcore'
import {
  AgentCorePaymentsPlugin,
  AgentCorePaymentsPluginConfig,
  type AgentCorePaymentsPluginOptions,
} from 'agentcore-x402/strands'
import { answering } from '../agentcore/support/answering.js'
import {
  ACCEPT_V1,
  base64,
  challengeV1,
  challengeV2,
  mpp,
} from '../agentcore/support/payment-header.js'
import { jwt } from '../agentcore/support/payment-manager.js'
import { ACCEPT } from '../local/agentcore/support/payments-service.js'
import { answerTo, askForPayment, get, merchant } from '../strands/support/agent.js'
import { ScriptedModel, type Turn } from '../strands/support/model.js'
import { LOCAL, USER_ID, funded, fundedWorld, world } from './support/plugin-world.js'

const asks = (...urls: string[]) =>
  new ScriptedModel(...urls.map((url, at): Turn => ({ tools: [get(url, `call-${at + 1}`)] })))

/** An agent as the README makes it, with the session and the instrument of the environment. */
function agentWith(model: ScriptedModel, more: Partial<AgentCorePaymentsPluginOptions> = {}) {
  const config = new AgentCorePaymentsPluginConfig({
    paymentManagerArn: process.env.PAYMENT_MANAGER_ARN ?? '',
    userId: 'test-user-123',
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
    paymentSessionId: process.env.PAYMENT_SESSION_ID,
    region: process.env.AWS_REGION,
    ...LOCAL,
    ...more,
  })
  const plugin = new AgentCorePaymentsPlugin(config)
  const agent = new Agent({ model, tools: [httpRequest], plugins: [plugin], printer: false })
  return { agent, plugin, config }
}

test('"Quick Start": an agent with http_request and the plugin pays', async () => {
  const { spent } = await fundedWorld()
  const api = await merchant()
  const plugin = new AgentCorePaymentsPlugin(
    new AgentCorePaymentsPluginConfig({
      paymentManagerArn: process.env.PAYMENT_MANAGER_ARN ?? '',
      userId: 'test-user-123',
      paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
      paymentSessionId: process.env.PAYMENT_SESSION_ID,
      region: process.env.AWS_REGION,
      ...LOCAL,
    }),
  )
  const agent = new Agent({
    model: asks(`${api.url}/joke`),
    systemPrompt: 'You are a helpful assistant that can access paid APIs.',
    tools: [httpRequest],
    plugins: [plugin],
    printer: false,
  })
  await agent.invoke(`Fetch a joke from ${api.url}/joke`)
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(spent()).toBe('0.01')
})

test('"Built-in Agent Tools": three tools tell of instruments and sessions, as the configured user', async () => {
  const { paymentInstrumentId, paymentSessionId } = await fundedWorld()
  const names = ['get_payment_instrument', 'list_payment_instruments', 'get_payment_session']
  const model = new ScriptedModel({ tools: names.map((name) => ({ id: name, name, input: {} })) })
  const { agent } = agentWith(model)
  await agent.invoke('what do I have?')
  const shown = JSON.stringify(agent.messages)
  expect(shown).toContain(paymentInstrumentId)
  expect(shown).toContain(paymentSessionId)
  expect(names.map((name) => answerTo(agent, name).status)).toEqual(Array(3).fill('success'))
})

test('"Setup": a manager with its connector, an instrument and a session', async () => {
  await world()
  const paymentClient = new PaymentClient({ region: process.env.AWS_REGION })
  const response = await paymentClient.createPaymentManagerWithConnector({
    paymentManagerName: 'AgentCorePaymentManager',
    paymentManagerDescription: 'Payment Manager for Agent Core',
    authorizerType: 'AWS_IAM',
    roleArn: 'arn:aws:iam::123456789012:role/BedrockAgentCoreFullAccess',
    paymentConnectorConfig: {
      // 'agent-core-connector' in the README: AWS takes no hyphen here.
      name: 'agent_core_connector',
      description: 'Payment Connector for Agent Core',
      paymentCredentialProviderConfig: {
        name: 'agent-core-provider',
        credentialProviderVendor: 'CoinbaseCDP',
        credentials: {
          // AWS takes neither of the README's placeholders: it allows no `<` and no `>`.
          apiKeyId: 'your-coinbase-api-key-id',
          apiKeySecret: 'your-coinbase-api-key-secret',
          walletSecret: 'your-coinbase-wallet-secret',
        },
      },
    },
    waitForReady: true,
    maxWait: 300,
    pollInterval: 1,
  })
  const { paymentManagerArn } = response.paymentManager
  const { paymentConnectorId } = response.paymentConnector
  expect(response.paymentManager.status).toBe('READY')

  const manager = new PaymentManager({ paymentManagerArn, region: process.env.AWS_REGION })
  const instrument = await manager.createPaymentInstrument({
    userId: 'test-user-123',
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: {
      embeddedCryptoWallet: {
        network: 'ETHEREUM',
        linkedAccounts: [{ email: { emailAddress: 'email@example.com' } }],
      },
    },
  })
  expect(instrument.paymentInstrumentId).toMatch(/^payment-instrument-/)

  const session = await manager.createPaymentSession({
    userId: 'test-user-123',
    limits: { maxSpendAmount: { value: '100.00', currency: 'USD' } },
    expiryTimeInMinutes: 60,
  })
  expect(session.paymentSessionId).toMatch(/^payment-session-/)
})

test('"Dynamic Instrument/Session Selection": ids that are set later are used', async () => {
  const { paymentInstrumentId, paymentSessionId, spent } = await fundedWorld()
  const api = await merchant()
  const later = { paymentInstrumentId: undefined, paymentSessionId: undefined }
  const { agent, config } = agentWith(asks(api.url), later)
  config.updatePaymentInstrumentId(paymentInstrumentId)
  config.updatePaymentSessionId(paymentSessionId)
  await agent.invoke('buy it')
  expect(spent()).toBe('0.01')
})

test('"Network Preferences": the preferred network is paid on', async () => {
  await fundedWorld()
  const base = {
    ...ACCEPT,
    network: 'eip155:8453',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    extra: { name: 'USD Coin', version: '2' },
  }
  const paid: unknown[] = []
  const { url } = await answering((request, response) => {
    const payment = request.headers['payment-signature']
    if (typeof payment !== 'string') {
      const challenge = challengeV2([ACCEPT, base])
      return response.writeHead(402, { 'payment-required': base64(challenge) }).end('{}')
    }
    paid.push(JSON.parse(Buffer.from(payment, 'base64').toString()))
    return response.end('{"goods":42}')
  })
  const networkPreferencesConfig = ['eip155:8453', 'base-sepolia', 'solana-mainnet']
  const { agent } = agentWith(asks(url), { networkPreferencesConfig })
  await agent.invoke('buy it')
  expect(paid).toMatchObject([{ accepted: { network: 'eip155:8453' } }])
})

test.each([
  [['http_request', 'mcp_proxy_tool_call'], '0.01'],
  [['mcp_proxy_tool_call'], '0.00'],
])('"Payment Tool Allowlist": only the named tools are paid for: %j', async (names, expected) => {
  const { spent } = await fundedWorld()
  const api = await merchant()
  const { agent } = agentWith(asks(api.url), { paymentToolAllowlist: names })
  await agent.invoke('buy it')
  expect(spent()).toBe(expected)
})

test.each(['bearerToken', 'tokenProvider'] as const)(
  '"Using CUSTOM_JWT": an agent pays as the user of its token: %s',
  async (name) => {
    const { local, paymentManagerArn } = await world('CUSTOM_JWT')
    const token = jwt('alice')
    const manager = new PaymentManager({ paymentManagerArn, bearerToken: token })
    const { paymentInstrumentId, paymentSessionId, spent } = await funded(local, manager)
    const identityProvider = await answering((_, response) =>
      response.end(JSON.stringify({ access_token: token })),
    )
    const getFreshToken = async () => {
      const response = await fetch(identityProvider.url, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      return ((await response.json()) as { access_token: string }).access_token
    }
    const api = await merchant()
    const config = new AgentCorePaymentsPluginConfig({
      paymentManagerArn,
      ...(name === 'bearerToken' ? { bearerToken: token } : { tokenProvider: getFreshToken }),
      paymentInstrumentId,
      paymentSessionId,
      region: process.env.AWS_REGION,
      ...LOCAL,
    })
    const plugins = [new AgentCorePaymentsPlugin(config)]
    const agent = new Agent({ model: asks(api.url), tools: [httpRequest], plugins, printer: false })
    await agent.invoke('Fetch data')
    expect(spent()).toBe('0.01')
    expect(identityProvider.asked() > 0).toBe(name === 'tokenProvider')
  },
)

/** Marked as the README says, with the status `error`. */
class Quote extends Tool {
  readonly name = 'quote'
  readonly description = 'a paid tool of one’s own'
  readonly toolSpec = {
    name: this.name,
    description: this.description,
    inputSchema: { type: 'object' as const, properties: { headers: { type: 'object' as const } } },
  }
  override async *stream({ toolUse }: ToolContext) {
    const { headers } = toolUse.input as { headers?: Record<string, string> }
    yield* []
    const paymentRequired = { statusCode: 402, headers: {}, body: challengeV1() }
    const isPaid = headers?.['X-PAYMENT'] !== undefined
    return new ToolResultBlock({
      toolUseId: toolUse.toolUseId,
      status: isPaid ? 'success' : 'error',
      content: [
        new TextBlock(
          isPaid ? 'gold is up' : `PAYMENT_REQUIRED: ${JSON.stringify(paymentRequired)}`,
        ),
      ],
    })
  }
}

test('"Custom Tools": a tool that answers with the marker is paid for', async () => {
  const { spent } = await fundedWorld()
  const { agent, plugin } = agentWith(asks())
  expect(agent.tools).toBeDefined()
  const model = new ScriptedModel({ tools: [{ id: 'call-1', name: 'quote', input: {} }] })
  const own = new Agent({ model, tools: [new Quote()], plugins: [plugin], printer: false })
  await own.invoke('what is gold?')
  expect(answerTo(own)).toEqual({ status: 'success', text: 'gold is up' })
  expect(spent()).toBe('0.01')
})

test('"Retry Limits": a 402 after a payment is an interrupt, not another payment', async () => {
  const { calls } = await fundedWorld()
  const api = await merchant((_, response) => askForPayment(response, 'invalid signature'))
  const { agent } = agentWith(asks(api.url))
  const result = await agent.invoke('buy it')
  expect(result.stopReason).toBe('interrupt')
  expect(result.interrupts?.[0]?.reason).toMatchObject({
    exceptionMessage: 'Payment rejected after signing: invalid signature',
    maxRetries: 3,
  })
  expect(calls('ProcessPayment')).toHaveLength(1)
})

const PROTOCOLS: [string, Record<string, string>, object, string][] = [
  ['x402 v1', {}, challengeV1([ACCEPT_V1]), 'x-payment'],
  ['x402 v2', { 'payment-required': base64(challengeV2()) }, {}, 'payment-signature'],
  ['MPP', { 'www-authenticate': mpp() }, {}, 'authorization'],
]

test.each(PROTOCOLS)('"x402 Protocol Support": %s is paid', async (_, headers, body, carrier) => {
  const { spent } = await fundedWorld()
  const { url } = await answering((request, response) =>
    request.headers[carrier] === undefined
      ? response.writeHead(402, headers).end(JSON.stringify(body))
      : response.end('{"goods":42}'),
  )
  const { agent } = agentWith(asks(url), { buyerPaysGasFees: true })
  await agent.invoke('buy it')
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(spent()).toBe('0.01')
})

test('"Configuration Reference": what is left out has the defaults of the table', () => {
  const paymentManagerArn = process.env.PAYMENT_MANAGER_ARN ?? ''
  const config = new AgentCorePaymentsPluginConfig({ paymentManagerArn, userId: USER_ID })
  expect(config).toMatchObject({ autoPayment: true, maxInterruptRetries: 5 })
  const { paymentInstrumentId, paymentSessionId, agentName, paymentToolAllowlist } = config
  const unset = [paymentInstrumentId, paymentSessionId, agentName, paymentToolAllowlist]
  expect(unset).toEqual([undefined, undefined, undefined, undefined])
})

/**
 * AWS's documentation of the payments plugin for Strands, in TypeScript, as a user would write it:
 *
 * - "Framework integrations for AgentCore payments", Amazon Bedrock AgentCore Developer Guide, version `latest`:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-framework-integrations.html
 * - "Process a payment", the same guide:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-process-payment.html
 * - "Amazon AgentCore Payments", Strands Agents, community plugins:
 *   https://strandsagents.com/docs/community/plugins/agentcore-payments/
 *
 * Ids of the guide are those of the local stack. `...LOCAL` stands where the guide has AWS and the internet.
 */
import { randomUUID } from 'node:crypto'
import { BedrockAgentCoreClient, ProcessPaymentCommand } from '@aws-sdk/client-bedrock-agentcore'
import { expect, test } from '@jest/globals'
import { Agent, type AgentResult } from '@strands-agents/sdk'
import { httpRequest } from '@strands-agents/sdk/vended-tools/http-request'
import {
  AgentCorePaymentsPlugin,
  AgentCorePaymentsPluginConfig,
  paymentFailureOf,
} from 'agentcore-x402/strands'
import { answerTo, get, merchant } from '../strands/support/agent.js'
import { ScriptedModel } from '../strands/support/model.js'
import { LOCAL, fundedWorld } from './support/plugin-world.js'

const asks = (url: string, id?: string) =>
  new ScriptedModel({ tools: [{ ...get(url, id), input: { method: 'GET', url } }] })

test('"Configure and use the plugin": responses with a 402 are handled automatically', async () => {
  const { paymentManagerArn, paymentInstrumentId, paymentSessionId, spent } = await fundedWorld()
  const paid = await merchant()

  // Configure the plugin
  const config = new AgentCorePaymentsPluginConfig({
    paymentManagerArn,
    userId: 'test-user-123',
    paymentInstrumentId,
    paymentSessionId,
    region: process.env.AWS_REGION,
    ...LOCAL,
  })
  // Create the plugin
  const plugin = new AgentCorePaymentsPlugin(config)
  // Create agent with the plugin
  const agent = new Agent({
    model: asks(paid.url),
    systemPrompt: 'You are a helpful assistant that can access paid APIs.',
    tools: [httpRequest],
    plugins: [plugin],
    printer: false,
  })
  // Use the agent
  await agent.invoke(`access ${paid.url}/market-recap`)

  expect(answerTo(agent)).toMatchObject({ status: 'success' })
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(paid.payments).toHaveLength(1)
  expect(spent()).toBe('0.01')
})

/** The loop of "Handling payment interrupts". @returns its result, and what each interrupt was about */
async function handlingInterrupts(
  agent: Agent,
  plugin: AgentCorePaymentsPlugin,
  fresh: { instrument: string; session: string },
): Promise<{ result: AgentResult; types: string[]; attempts: number[] }> {
  const types: string[] = []
  const attempts: number[] = []
  let result = await agent.invoke('Access the premium endpoint')
  while (result.stopReason === 'interrupt') {
    const responses = []
    for (const interrupt of result.interrupts ?? []) {
      const reason = paymentFailureOf(interrupt)
      if (reason === undefined) continue
      types.push(reason.exceptionType)
      attempts.push(reason.retryAttempt)
      if (reason.exceptionType === 'PaymentInstrumentConfigurationRequired') {
        plugin.config.updatePaymentInstrumentId(fresh.instrument)
        responses.push({
          interruptResponse: {
            interruptId: interrupt.id,
            response: 'Payment instrument configured. Please retry.',
          },
        })
      } else if (reason.exceptionType === 'PaymentSessionConfigurationRequired') {
        plugin.config.updatePaymentSessionId(fresh.session)
        responses.push({
          interruptResponse: {
            interruptId: interrupt.id,
            response: 'Payment session configured. Please retry.',
          },
        })
      } else {
        responses.push({
          interruptResponse: {
            interruptId: interrupt.id,
            response: `Payment failed: ${reason.exceptionMessage}`,
          },
        })
      }
    }
    result = await agent.invoke(responses)
  }
  return { result, types, attempts }
}

test('"Handling payment interrupts": what is not configured is set, and the agent pays', async () => {
  const { paymentManagerArn, paymentInstrumentId, paymentSessionId, spent } = await fundedWorld()
  const paid = await merchant()
  const plugin = new AgentCorePaymentsPlugin({
    paymentManagerArn,
    userId: 'test-user-123',
    ...LOCAL,
  })
  const agent = new Agent({ model: asks(paid.url), plugins: [plugin], printer: false })
  const fresh = { instrument: paymentInstrumentId, session: paymentSessionId }
  const { result, types, attempts } = await handlingInterrupts(agent, plugin, fresh)
  expect(result.stopReason).toBe('endTurn')
  expect(types).toEqual([
    'PaymentInstrumentConfigurationRequired',
    'PaymentSessionConfigurationRequired',
  ])
  expect(attempts).toEqual([1, 2])
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(spent()).toBe('0.01')
})

test('"Handling payment interrupts": an exhausted session ends after five interrupts', async () => {
  const { manager, paymentManagerArn, paymentInstrumentId, calls } = await fundedWorld()
  const { paymentSessionId } = await manager.createPaymentSession({
    limits: { maxSpendAmount: { value: '0.001', currency: 'USD' } },
    expiryTimeInMinutes: 15,
  })
  const paid = await merchant()
  const plugin = new AgentCorePaymentsPlugin({
    paymentManagerArn,
    userId: 'test-user-123',
    paymentInstrumentId,
    paymentSessionId,
    ...LOCAL,
  })
  const agent = new Agent({ model: asks(paid.url), plugins: [plugin], printer: false })
  const fresh = { instrument: paymentInstrumentId, session: paymentSessionId }
  const { result, types, attempts } = await handlingInterrupts(agent, plugin, fresh)
  expect(result.stopReason).toBe('endTurn')
  expect(new Set(types)).toEqual(new Set(['InsufficientBudget']))
  expect(attempts).toEqual([1, 2, 3, 4, 5])
  expect(calls('ProcessPayment')).toHaveLength(6)
  expect(answerTo(agent).text).toMatch(/^PAYMENT ERROR: /)
})

test('"Disabling auto-payment": only the query tools are there, and nothing is paid', async () => {
  const { paymentManagerArn, paymentSessionId, spent, calls } = await fundedWorld()
  const paid = await merchant()
  const config = new AgentCorePaymentsPluginConfig({
    paymentManagerArn,
    userId: 'test-user-123',
    region: process.env.AWS_REGION,
    autoPayment: false,
    ...LOCAL,
  })
  const agent = new Agent({
    model: new ScriptedModel({
      tools: [
        get(paid.url),
        {
          id: 'query',
          name: 'get_payment_session',
          input: { payment_session_id: paymentSessionId },
        },
      ],
    }),
    plugins: [new AgentCorePaymentsPlugin(config)],
    printer: false,
  })
  await agent.invoke('what would it cost?')
  expect(answerTo(agent).text).toMatch(/^PAYMENT_REQUIRED: /)
  expect(answerTo(agent, 'query').status).toBe('success')
  expect(calls('ProcessPayment')).toEqual([])
  expect(spent()).toBe('0.00')
})

test('"Process a payment": the call of the AWS SDK gives a proof for the payload', async () => {
  const { paymentManagerArn, paymentInstrumentId, paymentSessionId } = await fundedWorld()
  const client = new BedrockAgentCoreClient({ region: process.env.AWS_REGION ?? '' })
  const payment = await client.send(
    new ProcessPaymentCommand({
      userId: 'test-user-123',
      paymentManagerArn,
      paymentSessionId,
      paymentInstrumentId,
      paymentType: 'CRYPTO_X402',
      paymentInput: {
        cryptoX402: {
          version: '2',
          payload: {
            scheme: 'exact',
            network: 'eip155:84532',
            amount: '100000',
            asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
            payTo: '0x99935f281d3ED1E804bF1413b76E0B03e1fed4F9',
            maxTimeoutSeconds: 300,
            extra: { name: 'USDC', version: '2' },
          },
        },
      },
      clientToken: randomUUID(),
    }),
  )
  client.destroy()
  expect(payment).toMatchObject({
    status: 'PROOF_GENERATED',
    paymentSessionId,
    paymentOutput: { cryptoX402: { payload: expect.anything() } },
  })
})

test('"Process a payment": the payment manager makes the header of a 402', async () => {
  const { manager, paymentInstrumentId, paymentSessionId } = await fundedWorld()
  const paid = await merchant()
  const asked = await fetch(paid.url)
  const header = await manager.generatePaymentHeader({
    paymentInstrumentId,
    paymentSessionId,
    paymentRequiredRequest: {
      statusCode: 402,
      headers: Object.fromEntries(asked.headers),
      body: await asked.json(),
    },
  })
  const answer = await fetch(paid.url, { headers: { ...header }, redirect: 'error' })
  expect([answer.status, await answer.text()]).toEqual([200, '{"goods":42}'])
})

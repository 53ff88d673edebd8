// What the original's quick start promises: an agent with the plugin pays, and no limit has to be set.
import { expect, test } from '@jest/globals'
import { Agent } from '@strands-agents/sdk'
import { AgentCorePaymentsPlugin } from '../../src/strands/index.js'
import { CREDENTIALS, funded } from '../agentcore/support/payment-manager.js'
import { answerTo, get, merchant } from './support/agent.js'
import { ScriptedModel } from './support/model.js'

test('an agent with the plugin and no limits of its own pays', async () => {
  const { buyer, paymentInstrumentId, paymentSessionId, calls } = await funded()
  const shop = await merchant()
  const plugin = new AgentCorePaymentsPlugin({
    paymentManagerArn: buyer.paymentManagerArn,
    userId: 'user-1',
    paymentInstrumentId,
    paymentSessionId,
    // Only because the service and the shop are local.
    endpoint: buyer.service.url,
    credentials: CREDENTIALS,
    allowPrivateHosts: true,
  })
  const model = new ScriptedModel({ tools: [get(shop.url)] })
  const agent = new Agent({ model, plugins: [plugin], printer: false })
  const result = await agent.invoke('buy it')
  expect(result.toString()).toBe('done')
  expect(answerTo(agent)).toMatchObject({ status: 'success' })
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(shop.payments).toHaveLength(1)
  expect(calls('ProcessPayment')).toHaveLength(1)
  expect(buyer.service.sessions().map(({ spent }) => spent)).toEqual(['0.01'])
})

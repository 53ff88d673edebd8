/**
 * An agent that buys what it needs, with a model on Amazon Bedrock. It pays with AWS's AgentCore payments: at
 * most one cent a payment, and in all what the session allows.
 *
 * Manager, instrument and session come from the `payment-*` examples.
 */
import { Agent, BedrockModel, type Model } from '@strands-agents/sdk'
import {
  AgentCorePaymentsPlugin,
  type AgentCorePaymentsPluginOptions,
} from 'agentcore-x402/strands'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_USER_ID = 'user-1' } = process.env
/** USDC on Base Sepolia. Unit of amounts: atomic units, of which a dollar has a million. */
const { PAYMENT_ASSET = 'eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e' } = process.env

/**
 * Makes the agent.
 *
 * @param more options of the plugin, e.g. `allowPrivateHosts` if the sellers are on this machine
 */
export function payingAgent(
  model: Model,
  more: Partial<AgentCorePaymentsPluginOptions> = {},
): Agent {
  const payments = new AgentCorePaymentsPlugin({
    paymentManagerArn: PAYMENT_MANAGER_ARN,
    userId: PAYMENT_USER_ID,
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
    paymentSessionId: process.env.PAYMENT_SESSION_ID,
    limits: { assets: [PAYMENT_ASSET], maxAmountPerPayment: '10000' },
    ...more,
  })
  return new Agent({
    model,
    // The plugin brings `http_request`, and four tools that look at wallets and sessions.
    plugins: [payments],
    systemPrompt: 'You look things up. What costs something is paid for you: just ask for it.',
    printer: false,
  })
}

if (process.argv[1]?.includes('paying-agent')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  const agent = payingAgent(new BedrockModel())
  const result = await agent.invoke(`What does ${url} say? And what is left in my session?`)
  console.log(result.toString())
}

/**
 * If a seller takes money on several networks, the agent chooses one. It follows the order given here, or the
 * default `NETWORK_PREFERENCES`. That is the order of AWS's Python SDK, with main networks first. An order
 * forbids nothing; `limits.assets` does.
 */
import { Agent, BedrockModel, type Model } from '@strands-agents/sdk'
import {
  AgentCorePaymentsPlugin,
  type AgentCorePaymentsPluginOptions,
} from 'agentcore-x402/strands'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_USER_ID = 'user-1' } = process.env

/**
 * The names of x402 v1 or of CAIP-2. Both work, whichever the seller writes. Networks that are not listed
 * come last.
 */
const TEST_NETWORKS_FIRST = ['base-sepolia', 'solana-devnet']

/** USDC on test networks. */
export const TEST_MONEY = [
  'eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1/4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
]

/**
 * Makes the agent.
 *
 * @param more e.g. `limits: { assets: TEST_MONEY }`, so that no real money can be spent
 */
export function choosyAgent(
  model: Model,
  more: Partial<AgentCorePaymentsPluginOptions> = {},
): Agent {
  const payments = new AgentCorePaymentsPlugin({
    paymentManagerArn: PAYMENT_MANAGER_ARN,
    userId: PAYMENT_USER_ID,
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
    paymentSessionId: process.env.PAYMENT_SESSION_ID,
    networkPreferencesConfig: TEST_NETWORKS_FIRST,
    ...more,
  })
  return new Agent({ model, plugins: [payments], printer: false })
}

if (process.argv[1]?.includes('agent-network-preferences')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  const agent = choosyAgent(new BedrockModel(), { limits: { assets: TEST_MONEY } })
  console.log((await agent.invoke(`What does ${url} say?`)).toString())
}

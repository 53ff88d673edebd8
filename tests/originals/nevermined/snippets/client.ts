/**
 * Nevermined documentation, page "AgentCore" as of 2026-08-19, translated as a reader would.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore
 * Section "Client Implementation".
 */
import { Payments } from 'agentcore-x402'

const payments = Payments.getInstance({
  nvmApiKey: process.env.NVM_SUBSCRIBER_API_KEY,
  environment: process.env.NVM_ENVIRONMENT ?? 'sandbox',
})

const PLAN_ID = process.env.NVM_PLAN_ID!
const AGENT_ID = process.env.NVM_AGENT_ID

// Step 1: Check balance
export const balance = await payments.plans.getPlanBalance({ planId: PLAN_ID })
console.log(`Balance: ${balance.balance} credits`)

// Step 2: Get x402 access token
const delegation = await payments.delegation.createDelegation({
  provider: 'erc4337',
  spendingLimitCents: 10000,
  durationSecs: 604800,
  currency: 'usdc',
})
const tokenResult = await payments.x402.getX402AccessToken({
  planId: PLAN_ID,
  agentId: AGENT_ID,
  tokenOptions: {
    scheme: 'nvm:erc4337',
    delegationConfig: { delegationId: delegation.delegationId },
  },
})
const accessToken = tokenResult.accessToken

// Step 3: Call the agent with the token in payment-signature header
const response = await fetch(process.env.AGENT_ENDPOINT!, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'payment-signature': accessToken },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: '1',
    method: 'tools/call',
    params: { name: 'getPatient', arguments: { patient_id: '123' } },
  }),
})
export const answer = (await response.json()) as Record<string, unknown>

// Step 4: Check settlement receipt
const paymentResponse = response.headers.get('payment-response')
export const receipt = paymentResponse
  ? JSON.parse(Buffer.from(paymentResponse, 'base64').toString())
  : undefined
if (receipt) {
  console.log(`Credits redeemed: ${receipt.creditsRedeemed}`)
  console.log(`Transaction: ${receipt.transactionHash}`)
}

/** The same steps as the official TypeScript client takes their arguments. */
export async function positional() {
  const { balance: left } = await payments.plans.getPlanBalance(PLAN_ID)
  const { accessToken: token } = await payments.x402.getX402AccessToken(PLAN_ID, AGENT_ID, {
    delegationConfig: { delegationId: delegation.delegationId },
  })
  return { left, token }
}

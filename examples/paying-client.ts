/**
 * An MCP client that buys within a budget: at most 5 credits a call, and 20 in all.
 *
 * `GATEWAY_URL` is the MCP endpoint of a Gateway, real or local.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Payments } from 'agentcore-x402'
import {
  PaidCallError,
  PaymentLimitError,
  createBudget,
  payingMcp,
  receiptOf,
} from 'agentcore-x402/client'

const { NVM_SUBSCRIBER_API_KEY, NVM_PLAN_ID = '', GATEWAY_URL = '' } = process.env

const payments = Payments.getInstance({ nvmApiKey: NVM_SUBSCRIBER_API_KEY })
export const budget = createBudget({
  plans: [NVM_PLAN_ID],
  credits: { maxAmountPerPayment: 5n, total: 20n },
})

const client = new Client({ name: 'buyer', version: '1.0.0' })
await client.connect(new StreamableHTTPClientTransport(new URL(GATEWAY_URL)))
/** The same client, but its `callTool` pays. */
export const paying = payingMcp(client, payments, budget)

/** Calls a tool, and says what happened and what it cost. */
export async function buy(name: string, args: Record<string, unknown>): Promise<string> {
  try {
    const result = await paying.callTool({ name, arguments: args })
    const { paid, amount, reason } = receiptOf(result)
    const cost = { yes: `${amount} credits`, no: 'nothing', unknown: `perhaps ${amount} credits` }
    const note = reason === undefined ? '' : ` (${reason})`
    return `${JSON.stringify(result.content)} for ${cost[paid]}${note}`
  } catch (error) {
    // Nothing was paid: the price is too high, or the budget is used up.
    if (error instanceof PaymentLimitError) return `not bought: ${error.message}`
    // A payment was sent and its answer got lost. Find out what became of it before you pay again.
    if (error instanceof PaidCallError) return `lost: ${error.message}`
    throw error
  }
}

if (process.argv[1]?.includes('paying-client')) {
  console.log(await buy('Greeter___hello', { name: 'Ada' }))
  console.log(budget.standing())
  await client.close()
}

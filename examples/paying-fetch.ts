/**
 * Fetches URLs that have a price. AWS's AgentCore payments pay: at most one cent a call, and one dollar in
 * all. The session on AWS has a limit of its own. The limits here also know whom you pay, and for what.
 *
 * Manager, instrument and session come from the `payment-*` examples.
 */
import { InsufficientBudget, PaymentManager } from 'agentcore-x402/agentcore'
import {
  PaidCallError,
  PaymentLimitError,
  createBudget,
  payingFetch,
  receiptOf,
} from 'agentcore-x402/client'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_INSTRUMENT_ID, PAYMENT_SESSION_ID } = process.env
/** USDC on Base Sepolia. Unit of amounts: atomic units, of which a dollar has a million. */
const { PAYMENT_ASSET = 'eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e' } = process.env

const manager = new PaymentManager({
  paymentManagerArn: PAYMENT_MANAGER_ARN,
  userId: process.env.PAYMENT_USER_ID ?? 'user-1',
  paymentInstrumentId: PAYMENT_INSTRUMENT_ID,
  paymentSessionId: PAYMENT_SESSION_ID,
})
export const budget = createBudget({
  budgets: { [PAYMENT_ASSET]: { maxAmountPerPayment: 10_000n, total: 1_000_000n } },
})
/** The global `fetch`, but it pays. */
const paid = payingFetch(manager, budget)

/** Fetches a URL, and says what happened and what it cost. */
export async function buy(url: string): Promise<string> {
  try {
    const response = await paid(url)
    const { paid: outcome, amount, reason = '' } = receiptOf(response)
    const cost = { yes: `${amount}`, no: 'nothing', unknown: `perhaps ${amount}, ${reason}` }
    return `${response.status} ${await response.text()} for ${cost[outcome]}`
  } catch (error) {
    // Nothing was paid: the price is too high, the payee is wrong, or this budget is used up.
    if (error instanceof PaymentLimitError) return `not bought: ${error.message}`
    // Nothing was paid: the session's limit on AWS is reached.
    if (error instanceof InsufficientBudget) return `not bought: ${error.message}`
    // A payment was sent and its answer got lost. Find out what became of it before you pay again.
    if (error instanceof PaidCallError) return `lost: ${error.message}`
    throw error
  }
}

if (process.argv[1]?.includes('paying-fetch')) {
  const [url = 'https://api.example.com/quote'] = process.argv.slice(2)
  console.log(await buy(url))
}

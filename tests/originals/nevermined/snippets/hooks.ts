/**
 * Nevermined documentation, page "AgentCore" as of 2026-08-19, translated as a reader would.
 *
 * @see https://nevermined.ai/docs/integrate/add-to-your-agent/agentcore
 * Section "Lifecycle Hooks".
 */
import {
  Payments,
  isPlanRequirement,
  requiresPayment,
  type PaymentError,
  type PaymentRequired,
  type SettleResponse,
  type VerifyResponse,
} from 'agentcore-x402'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })

function onBeforeVerify(paymentRequired: PaymentRequired) {
  console.log(`Verifying payment for plan ${paymentRequired.accepts[0].planId}`)
}

function onAfterVerify(verification: VerifyResponse) {
  console.log(`Verified! Payer: ${verification.payer}`)
}

function onAfterSettle(creditsUsed: bigint, settlement: SettleResponse) {
  console.log(`Settled ${creditsUsed} credits, tx: ${settlement.transaction}`)
}

function onPaymentError(error: PaymentError) {
  // Return a custom error response or null for the default one
  void error
  return null
}

export const handler = requiresPayment(() => 'Hello!', {
  payments,
  planId: process.env.NVM_PLAN_ID,
  credits: 1,
  onBeforeVerify,
  onAfterVerify,
  onAfterSettle,
  onPaymentError,
})

/** The custom error response that the comment speaks of. */
export const handlerWithResponse = requiresPayment(() => 'Hello!', {
  payments,
  planId: process.env.NVM_PLAN_ID,
  onPaymentError: (error) => ({
    isError: true,
    content: [{ type: 'text', text: `Sorry: ${error.code}` }],
  }),
})

/** Where plans and money are offered, the guard tells them apart. */
export const plansOf = ({ accepts }: PaymentRequired): string[] =>
  accepts.filter(isPlanRequirement).map(({ planId }) => planId)

/**
 * The payment alone: turns a 402 you have, from whatever client, into the header that pays it. Use it
 * where `payingFetch` does not fit; then redirects, retries and budgets are yours to mind.
 */
import { PaymentManager } from 'agentcore-x402/agentcore'

const {
  PAYMENT_MANAGER_ARN = '',
  PAYMENT_INSTRUMENT_ID = '',
  PAYMENT_SESSION_ID = '',
} = process.env

const manager = new PaymentManager({
  paymentManagerArn: PAYMENT_MANAGER_ARN,
  userId: process.env.PAYMENT_USER_ID ?? 'user-1',
})

/** Asks, pays at most one cent, and asks once more. */
export async function buy(url: string): Promise<Response> {
  const response = await fetch(url)
  if (response.status !== 402) return response
  const header = await manager.generatePaymentHeader({
    paymentInstrumentId: PAYMENT_INSTRUMENT_ID,
    paymentSessionId: PAYMENT_SESSION_ID,
    paymentRequiredRequest: {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    },
    networkPreferences: ['eip155:84532', 'base-sepolia'],
    limits: { schemes: ['exact'], maxAmountPerPayment: 10_000n },
  })
  // A payment is money: it goes to the URL that asked for it, and nowhere else.
  return fetch(url, { headers: header, redirect: 'manual' })
}

if (process.argv[1]?.includes('payment-header')) {
  const response = await buy(process.argv[2] ?? 'https://api.example.com/quote')
  console.log(response.status, await response.text())
}

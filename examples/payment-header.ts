/**
 * Makes the header that pays a 402 of any client. Use it if `payingFetch` does not fit. Redirects, retries
 * and budgets are then up to you.
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

/** Sends a request, pays at most one cent, and sends the request again. */
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
  // A payment is money. It goes to the URL that asked for it, and nowhere else.
  return fetch(url, { headers: header, redirect: 'manual' })
}

if (process.argv[1]?.includes('payment-header')) {
  const response = await buy(process.argv[2] ?? 'https://api.example.com/quote')
  console.log(response.status, await response.text())
}

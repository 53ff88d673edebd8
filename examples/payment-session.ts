/**
 * Opens a session. It limits how much an agent may spend for a user, and for how long, in any number of
 * payments. AWS enforces the limit, even against an agent that is led astray. Next: paying-fetch.ts.
 *
 * The manager comes from one of the payment-manager-*.ts. Offline, `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE` names
 * a local stack.
 */
import { PaymentManager, PaymentSessionNotFound } from 'agentcore-x402/agentcore'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_USER_ID } = process.env

const manager = new PaymentManager({
  paymentManagerArn: PAYMENT_MANAGER_ARN,
  userId: PAYMENT_USER_ID ?? 'user-1',
})

/**
 * Opens a session.
 *
 * @param dollars a decimal string, e.g. `1.00`: no number can hold every cent
 */
export async function open(dollars: string, minutes = 60): Promise<string> {
  const { paymentSessionId } = await manager.createPaymentSession({
    limits: { maxSpendAmount: { value: dollars, currency: 'USD' } },
    expiryTimeInMinutes: minutes, // Unit: minutes, 15 to 480.
  })
  return paymentSessionId
}

/** Says what is left of the session's money and time, or that the session is over. */
export async function left(paymentSessionId: string): Promise<string> {
  try {
    const session = await manager.getPaymentSession({ paymentSessionId })
    const { createdAt, expiryTimeInMinutes, availableLimits } = session
    const endsAtMs = createdAt.getTime() + expiryTimeInMinutes * 60_000
    const minutes = Math.max(0, Math.floor((endsAtMs - Date.now()) / 60_000))
    const money = availableLimits?.availableSpendAmount
    return `${money?.value ?? 'no limit'} ${money?.currency ?? ''} for ${minutes} minutes`
  } catch (error) {
    if (error instanceof PaymentSessionNotFound) return 'nothing: there is no such session'
    throw error
  }
}

/** Ends a session before its time. What was paid stays paid. */
export async function close(paymentSessionId: string): Promise<void> {
  await manager.deletePaymentSession({ paymentSessionId })
}

if (process.argv[1]?.includes('payment-session')) {
  const paymentSessionId = await open(process.argv[2] ?? '1.00')
  console.error(`left: ${await left(paymentSessionId)}`)
  console.log(`export PAYMENT_SESSION_ID=${paymentSessionId}`)
}

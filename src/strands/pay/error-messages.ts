import { PaymentRejected } from './payment-rejected.js'

/** What a model reads in place of an answer that was not paid for. The same for the same error. */
const MESSAGES: Readonly<Record<string, string>> = {
  PaymentInstrumentConfigurationRequired: 'No payment instrument is configured.',
  PaymentSessionConfigurationRequired: 'No payment session is configured.',
  PaymentInstrumentNotFound: 'The payment instrument was not found.',
  PaymentSessionNotFound: 'The payment session was not found.',
  InvalidPaymentInstrument: 'The payment instrument cannot pay: it is not active, or does not fit.',
  InsufficientBudget: 'What is left of the budget of the payment session does not pay for this.',
  PaymentSessionExpired: 'The payment session has expired.',
  MppChallengeSelectionError: 'None of the offered ways to pay can be used.',
}
const REJECTED = 'The payment was signed, but the seller did not accept it.'
const GENERIC = 'The payment could not be made.'
const ADVICE = 'Do not repeat this call. Tell the user what happened.'

/** Texts that other programs look for too. */
export const PAYMENT_ERROR_PREFIX = 'PAYMENT ERROR: '

export function paymentErrorText(error: Error): string {
  const known = Object.hasOwn(MESSAGES, error.name) ? MESSAGES[error.name] : undefined
  const what = error instanceof PaymentRejected ? REJECTED : (known ?? GENERIC)
  return `${PAYMENT_ERROR_PREFIX}${what} ${ADVICE}`
}

/** An answer of the agent's user to an interrupt: no. */
export const DECLINED = `${PAYMENT_ERROR_PREFIX}The payment was declined. ${ADVICE}`

/** The agent was cancelled after the payment was signed. */
export const CANCELLED = `${PAYMENT_ERROR_PREFIX}Cancelled while paying; the payment was not sent.`

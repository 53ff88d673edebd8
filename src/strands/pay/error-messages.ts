import { PaymentRejected } from './payment-rejected.js'

/** What a model reads if a call was not paid. It is the same text for the same error. */
const MESSAGES: Readonly<Record<string, string>> = {
  PaymentInstrumentConfigurationRequired: 'No payment instrument is configured.',
  PaymentSessionConfigurationRequired: 'No payment session is configured.',
  PaymentInstrumentNotFound: 'The payment instrument was not found.',
  PaymentSessionNotFound: 'The payment session was not found.',
  InvalidPaymentInstrument: 'The payment instrument cannot pay: it is not active, or does not fit.',
  InsufficientBudget:
    'The budget that is left in the payment session is too small for this payment.',
  PaymentSessionExpired: 'The payment session has expired.',
  MppChallengeSelectionError: 'None of the offered ways to pay can be used.',
}
const REJECTED = 'The payment was signed, but the seller did not accept it.'
const GENERIC = 'The payment could not be made.'
const ADVICE = 'Do not repeat this call. Tell the user what happened.'

/** A prefix that other programs look for too. */
export const PAYMENT_ERROR_PREFIX = 'PAYMENT ERROR: '

export function paymentErrorText(error: Error): string {
  const known = Object.hasOwn(MESSAGES, error.name) ? MESSAGES[error.name] : undefined
  const what = error instanceof PaymentRejected ? REJECTED : (known ?? GENERIC)
  return `${PAYMENT_ERROR_PREFIX}${what} ${ADVICE}`
}

/** The agent's user answered an interrupt with no. */
export const DECLINED = `${PAYMENT_ERROR_PREFIX}The payment was declined. ${ADVICE}`

/** The agent was cancelled after the payment was signed. */
export const CANCELLED = `${PAYMENT_ERROR_PREFIX}The call was cancelled while paying. The payment was not sent.`

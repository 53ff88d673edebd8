import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import type { ToolUseData } from './paying-agent.js'

/** Attempts to pay for one tool call between two interrupts. */
export const MAX_PAYMENT_RETRIES = 3

/** Why a tool call was not paid: the `reason` of its interrupt, with the keys of AWS's Python plugin. */
export type PaymentFailure = {
  tool: string
  toolUseId: string
  /** Name of the error's class, e.g. `PaymentSessionConfigurationRequired`. */
  exceptionType: string
  exceptionMessage: string
  /** Which failed attempt to pay for this tool call it was: from 1, and each number once. */
  retryAttempt: number
  /** Most attempts between two interrupts. */
  maxRetries: number
  /** Unit: seconds since 1970, with a fraction. */
  timestamp: number
}

export function paymentFailure(
  { name, toolUseId }: ToolUseData,
  error: Error,
  retryAttempt: number,
): PaymentFailure {
  return {
    tool: name,
    toolUseId,
    exceptionType: error.name,
    exceptionMessage: error instanceof PaymentError ? error.message : redacted(error.message),
    retryAttempt,
    maxRetries: MAX_PAYMENT_RETRIES,
    timestamp: Date.now() / 1000,
  }
}

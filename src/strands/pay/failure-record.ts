import * as z from 'zod/mini'
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

export const PaymentFailureSchema: z.ZodMiniType<PaymentFailure> = z.object({
  tool: z.string(),
  toolUseId: z.string(),
  exceptionType: z.string(),
  exceptionMessage: z.string(),
  retryAttempt: z.number(),
  maxRetries: z.number(),
  timestamp: z.number(),
})

/** What the names of the plugin's interrupts begin with, as in Python. */
const NAME_PREFIX = 'payment-failure-'

/** @param interrupts how many there were for this tool call, this one included */
export function interruptName({ toolUseId }: ToolUseData, interrupts: number): string {
  return `${NAME_PREFIX}${toolUseId}-${interrupts}`
}

/**
 * The failed payment that an interrupt of the agent is about, or `undefined` where a hook or a tool of
 * somebody else's raised it. The interrupt may come from another process, as JSON.
 *
 * @example
 * for (const interrupt of result.interrupts ?? []) {
 *   if (paymentFailureOf(interrupt)?.exceptionType === 'PaymentSessionExpired') { … }
 * }
 */
export function paymentFailureOf(interrupt: {
  readonly name: string
  readonly reason?: unknown
}): PaymentFailure | undefined {
  if (!interrupt.name.startsWith(NAME_PREFIX)) return undefined
  return PaymentFailureSchema.safeParse(interrupt.reason).data
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

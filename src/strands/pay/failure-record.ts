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
  /**
   * Number of the failed attempt to pay for this tool call. It begins with 1, and each number occurs once.
   */
  retryAttempt: number
  /** The most attempts between two interrupts. */
  maxRetries: number
  /** Unit: seconds since the epoch, with a fraction. */
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

/** The prefix of the plugin's interrupts, as in Python. */
const NAME_PREFIX = 'payment-failure-'

/** @param interrupts number of interrupts for this tool call, including this one */
export function interruptName({ toolUseId }: ToolUseData, interrupts: number): string {
  return `${NAME_PREFIX}${toolUseId}-${interrupts}`
}

/**
 * The failed payment that an interrupt of the agent is about. `undefined` if somebody else's hook or tool
 * raised it. The interrupt may come from another process, as JSON.
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

import type { PaymentRequiredRequest } from '../../agentcore/pay/payment-required-request.js'
import type { AgentCorePaymentsPluginConfig } from './config.js'

/** What `onPaymentError` may answer. */
export const ErrorResolution = Object.freeze({
  /** Try again, e.g. since the handler gave `config` another session. */
  RETRY: 'retry',
  /** Go on as without a handler: interrupt the agent. */
  PROPAGATE: 'propagate',
} as const)

/** {@link ErrorResolution}, or a text that the model gets after `PAYMENT ERROR: ` in place of the answer. */
export type PaymentErrorAnswer = 'retry' | 'propagate' | (string & {}) | undefined

/** A payment that failed. */
export interface PaymentErrorContext {
  exception: Error
  /** Name of its class. */
  exceptionType: string
  exceptionMessage: string
  toolName: string
  /** A copy of the tool's input. */
  toolArgs: unknown
  /** The 402, where it could be read. */
  paymentRequiredRequest: PaymentRequiredRequest
  /** Of the plugin; what is changed here counts at once. */
  config: AgentCorePaymentsPluginConfig
  /** How often the handler has had this call tried again. */
  retryCount: number
}

/**
 * Decides what becomes of a tool call whose payment failed. A payment that was signed is not made
 * again: `retry` sends the same one once more. What it throws counts as `propagate`.
 */
export type OnPaymentError = (
  context: PaymentErrorContext,
) => PaymentErrorAnswer | Promise<PaymentErrorAnswer>

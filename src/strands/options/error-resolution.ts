import type { PaymentManagerOptions } from '../../agentcore/manager/manager-options.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { PaymentRequiredRequest } from '../../agentcore/pay/payment-required-request.js'
import type { Logger } from '../../logger.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/** Answers of `onPaymentError`. */
export const ErrorResolution = Object.freeze({
  /** Try again, e.g. because the handler gave `config` another session. */
  RETRY: 'retry',
  /** Go on as if there were no handler: interrupt the agent. */
  PROPAGATE: 'propagate',
} as const)

/**
 * {@link ErrorResolution}, or a text that the model gets after `PAYMENT ERROR: ` in place of the tool's
 * answer. No answer (`null` or `undefined`) means `propagate`. So does anything else, with a warning.
 */
export type PaymentErrorAnswer = 'retry' | 'propagate' | (string & {}) | null | undefined

/** A payment that failed. */
export interface PaymentErrorContext {
  exception: Error
  /** Name of the error's class. */
  exceptionType: string
  exceptionMessage: string
  toolName: string
  /** A copy of the tool's input. */
  toolArgs: unknown
  /** The 402, if it could be read. */
  paymentRequiredRequest: PaymentRequiredRequest
  /** The config of the plugin. A change made here counts at once. */
  config: LivePaymentsConfig
  /** How often the handler has already asked to retry this call. */
  retryCount: number
}

/**
 * Decides what becomes of a tool call whose payment failed. A signed payment is not made again: `retry` sends
 * the same payment once more. After three attempts, `retry` means `propagate`. An error that it throws means
 * `propagate` too.
 */
export type OnPaymentError = (
  context: PaymentErrorContext,
) => PaymentErrorAnswer | Promise<PaymentErrorAnswer>

/**
 * The checked options of a plugin, as they are now. They are read at each payment. A change made by these
 * methods takes effect with the next payment, for every agent of the plugin.
 */
export interface LivePaymentsConfig {
  readonly paymentManagerArn: string
  readonly userId: string | undefined
  readonly paymentInstrumentId: string | undefined
  readonly paymentSessionId: string | undefined
  readonly paymentConnectorId: string | undefined
  readonly region: string | undefined
  readonly networkPreferencesConfig: readonly string[] | undefined
  readonly autoPayment: boolean
  readonly agentName: string | undefined
  /** `undefined` means every tool. */
  readonly paymentToolAllowlist: readonly string[] | undefined
  readonly provideHttpRequest: boolean
  readonly postPaymentRetryDelaySeconds: number
  readonly maxInterruptRetries: number
  readonly customHandlers: Readonly<Record<string, PaymentResponseHandler>> | undefined
  readonly autoSession: boolean
  readonly autoSessionBudget: string
  readonly autoSessionExpiryMinutes: number
  readonly onPaymentError: OnPaymentError | undefined
  readonly maxErrorRetries: number
  readonly buyerPaysGasFees: boolean | undefined
  readonly permit2AllowanceLimit: string | undefined
  /** Limits of single payments. */
  readonly limits: Readonly<SignedPaymentLimits>
  readonly allowPrivateHosts: boolean
  readonly logger: Logger | undefined
  /** The options of the plugin's `PaymentManager`. They hold the bearer token, if there is one. */
  managerOptions(): PaymentManagerOptions
  /** @throws OptionsError if it is empty. */
  updatePaymentInstrumentId(paymentInstrumentId: string): void
  /** @throws OptionsError if it is empty. */
  updatePaymentSessionId(paymentSessionId: string): void
  /** Allows payments for these tools from now on. If every tool was allowed before, only these are now. */
  addToAllowlist(...names: string[]): void
  /** Forbids payments for these tools from now on. If no tool is left on the list, none is allowed. */
  removeFromAllowlist(...names: string[]): void
  /** Whether a tool may be paid for. */
  isToolAllowed(name: string): boolean
}

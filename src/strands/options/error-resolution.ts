import type { PaymentManagerOptions } from '../../agentcore/manager/manager-options.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { PaymentRequiredRequest } from '../../agentcore/pay/payment-required-request.js'
import type { Logger } from '../../logger.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/** What `onPaymentError` may answer. */
export const ErrorResolution = Object.freeze({
  /** Try again, e.g. since the handler gave `config` another session. */
  RETRY: 'retry',
  /** Go on as without a handler: interrupt the agent. */
  PROPAGATE: 'propagate',
} as const)

/**
 * {@link ErrorResolution}, or a text that the model gets after `PAYMENT ERROR: ` in place of the answer. No answer
 * (`null` or `undefined`) is `propagate`; anything else is too, with a warning.
 */
export type PaymentErrorAnswer = 'retry' | 'propagate' | (string & {}) | null | undefined

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
  /** The config of the plugin. A change made here counts at once. */
  config: LivePaymentsConfig
  /** How often the handler has had this call tried again. */
  retryCount: number
}

/**
 * Decides what becomes of a tool call whose payment failed. A payment that was signed is not made
 * again: `retry` sends the same one once more. After three attempts `retry` counts as `propagate`, and so
 * does what it throws.
 */
export type OnPaymentError = (
  context: PaymentErrorContext,
) => PaymentErrorAnswer | Promise<PaymentErrorAnswer>

/**
 * The checked options of a plugin, as they are now. They are read at each payment: what the methods change
 * counts from the next one on, for every agent of the plugin.
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
  /** `undefined` is every tool. */
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
  /** What single payments may be. */
  readonly limits: Readonly<SignedPaymentLimits>
  readonly allowPrivateHosts: boolean
  readonly logger: Logger | undefined
  /** What the plugin makes its `PaymentManager` of. Holds the bearer token, if there is one. */
  managerOptions(): PaymentManagerOptions
  /** @throws OptionsError if it is empty. */
  updatePaymentInstrumentId(paymentInstrumentId: string): void
  /** @throws OptionsError if it is empty. */
  updatePaymentSessionId(paymentSessionId: string): void
  /** Tools that may be paid for from now on. Where every tool might, only these may. */
  addToAllowlist(...names: string[]): void
  /** Tools that may no more be paid for. When none is left on the list, no tool may. */
  removeFromAllowlist(...names: string[]): void
  /** Whether a tool may be paid for. */
  isToolAllowed(name: string): boolean
}

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
  /** The error because of which the payment failed. */
  exception: Error
  /** Name of the error's class. */
  exceptionType: string
  /** The message of the error. */
  exceptionMessage: string
  /** The name of the tool. */
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
  /** The manager that pays. */
  readonly paymentManagerArn: string
  /** Whose instruments and sessions are meant. */
  readonly userId: string | undefined
  /** What to pay with, as of now. */
  readonly paymentInstrumentId: string | undefined
  /** The session in whose limits to pay, as of now. */
  readonly paymentSessionId: string | undefined
  /** The connector that the plugin's tools mean when they look up instruments. */
  readonly paymentConnectorId: string | undefined
  /** The region of AWS, if the options name one. */
  readonly region: string | undefined
  /** Networks to pay on, the preferred first; `undefined` means `NETWORK_PREFERENCES`. */
  readonly networkPreferencesConfig: readonly string[] | undefined
  /** Whether to pay. With `false`, answers that ask for a payment reach the model as they are. */
  readonly autoPayment: boolean
  /** Which agent asks, for AWS's observability. */
  readonly agentName: string | undefined
  /** The tools that may be paid for, by their names; `undefined` means every tool. */
  readonly paymentToolAllowlist: readonly string[] | undefined
  /** Whether the agent gets the tool `http_request`. */
  readonly provideHttpRequest: boolean
  /** How long to wait between signing a payment and sending it. Unit: s. */
  readonly postPaymentRetryDelaySeconds: number
  /** How often a tool call that could not be paid interrupts the agent. Unit: interrupts. */
  readonly maxInterruptRetries: number
  /** Handlers for tools whose answers or inputs have a form of their own, by the names of the tools. */
  readonly customHandlers: Readonly<Record<string, PaymentResponseHandler>> | undefined
  /** Whether to make a session when the first payment needs one. */
  readonly autoSession: boolean
  /** How much may be spent in that session. Unit: US dollars, as a decimal text. */
  readonly autoSessionBudget: string
  /** How long that session lasts. Unit: minutes. */
  readonly autoSessionExpiryMinutes: number
  /** Asked when a payment fails, before the agent is interrupted. */
  readonly onPaymentError: OnPaymentError | undefined
  /** How often `onPaymentError` may have one tool call tried again. Unit: attempts. */
  readonly maxErrorRetries: number
  /** For MPP only: whether to pay network fees on top of the amount if the seller does not pay them. */
  readonly buyerPaysGasFees: boolean | undefined
  /**
   * For the scheme `upto` only: the allowance to set for Permit2 before the payment. Unit: atomic units of
   * the asset.
   */
  readonly permit2AllowanceLimit: string | undefined
  /** Limits of single payments. */
  readonly limits: Readonly<SignedPaymentLimits>
  /** Whether `http_request` may reach this machine and private networks. */
  readonly allowPrivateHosts: boolean
  /** What is logged through; `undefined` means the console. */
  readonly logger: Logger | undefined
  /** The options of the plugin's `PaymentManager`. They hold the bearer token, if there is one. */
  managerOptions(): PaymentManagerOptions
  /**
   * Pays with another instrument from now on.
   *
   * @throws OptionsError if it is empty.
   */
  updatePaymentInstrumentId(paymentInstrumentId: string): void
  /**
   * Pays in another session from now on.
   *
   * @throws OptionsError if it is empty.
   */
  updatePaymentSessionId(paymentSessionId: string): void
  /** Allows payments for these tools from now on. If every tool was allowed before, only these are now. */
  addToAllowlist(...names: string[]): void
  /** Forbids payments for these tools from now on. If no tool is left on the list, none is allowed. */
  removeFromAllowlist(...names: string[]): void
  /** Whether a tool may be paid for. */
  isToolAllowed(name: string): boolean
}

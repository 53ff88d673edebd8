import type { PaymentManagerOptions } from '../../agentcore/manager/manager-options.js'
import { optionalNetworks } from '../../agentcore/manager/network-preference.js'
import { optionalFlag, optionalFunction, optionalText, optionalTexts, text } from '../../checks.js'
import { checkSignedLimits } from '../../limits/check-limits.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { Logger } from '../../logger.js'
import {
  autoSessionOptions,
  customHandlers,
  delaySeconds,
  logger,
  managerOptions,
  paymentSettings,
  retries,
} from './config-checks.js'
import type { LivePaymentsConfig, OnPaymentError } from './error-resolution.js'
import type { AgentCorePaymentsPluginOptions } from './options.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/** The checked options of the plugin. */
export class AgentCorePaymentsPluginConfig implements LivePaymentsConfig {
  readonly paymentManagerArn: string
  readonly userId: string | undefined
  readonly paymentConnectorId: string | undefined
  readonly region: string | undefined
  readonly networkPreferencesConfig: readonly string[] | undefined
  readonly autoPayment: boolean
  readonly agentName: string | undefined
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
  readonly limits: Readonly<SignedPaymentLimits>
  readonly allowPrivateHosts: boolean
  readonly logger: Logger | undefined
  // This is private, since objects are printed, and it may hold a token.
  readonly #manager: PaymentManagerOptions
  #paymentInstrumentId: string | undefined
  #paymentSessionId: string | undefined
  #allowed: readonly string[] | undefined
  readonly #removed = new Set<string>()

  /** @throws OptionsError naming the option that is missing, unknown or not of its kind. */
  constructor(options: AgentCorePaymentsPluginOptions) {
    this.#manager = managerOptions(options)
    const session = autoSessionOptions(options)
    const payment = paymentSettings(options)
    this.paymentManagerArn = options.paymentManagerArn
    this.userId = options.userId
    this.#paymentInstrumentId = optionalText('paymentInstrumentId', options.paymentInstrumentId)
    this.#paymentSessionId = optionalText('paymentSessionId', options.paymentSessionId)
    this.paymentConnectorId = optionalText('paymentConnectorId', options.paymentConnectorId)
    this.region = options.region
    this.networkPreferencesConfig = optionalNetworks(
      'networkPreferencesConfig',
      options.networkPreferencesConfig,
    )
    this.autoPayment = optionalFlag('autoPayment', options.autoPayment) ?? true
    this.agentName = options.agentName
    this.#allowed = optionalTexts('paymentToolAllowlist', options.paymentToolAllowlist)
    this.provideHttpRequest = optionalFlag('provideHttpRequest', options.provideHttpRequest) ?? true
    this.postPaymentRetryDelaySeconds = delaySeconds(options.postPaymentRetryDelaySeconds)
    this.maxInterruptRetries = retries('maxInterruptRetries', options.maxInterruptRetries, 5)
    this.customHandlers = customHandlers(options.customHandlers)
    this.autoSession = session.autoSession
    this.autoSessionBudget = session.autoSessionBudget
    this.autoSessionExpiryMinutes = session.autoSessionExpiryMinutes
    this.onPaymentError = optionalFunction('onPaymentError', options.onPaymentError)
    this.maxErrorRetries = retries('maxErrorRetries', options.maxErrorRetries, 3)
    this.buyerPaysGasFees = payment.buyerPaysGasFees
    this.permit2AllowanceLimit = payment.permit2AllowanceLimit
    this.limits = limitsOf(options.limits)
    this.allowPrivateHosts = optionalFlag('allowPrivateHosts', options.allowPrivateHosts) ?? false
    this.logger = logger(options.logger)
    Object.freeze(this)
  }

  get paymentInstrumentId(): string | undefined {
    return this.#paymentInstrumentId
  }

  get paymentSessionId(): string | undefined {
    return this.#paymentSessionId
  }

  get paymentToolAllowlist(): readonly string[] | undefined {
    return this.#allowed
  }

  managerOptions(): PaymentManagerOptions {
    return this.#manager
  }

  updatePaymentInstrumentId(paymentInstrumentId: string): void {
    this.#paymentInstrumentId = text('paymentInstrumentId', paymentInstrumentId)
  }

  updatePaymentSessionId(paymentSessionId: string): void {
    this.#paymentSessionId = text('paymentSessionId', paymentSessionId)
  }

  addToAllowlist(...names: string[]): void {
    const added = names.map((name) => text('paymentToolAllowlist', name))
    added.forEach((name) => this.#removed.delete(name))
    this.#allowed = [...new Set([...(this.#allowed ?? []), ...added])]
  }

  removeFromAllowlist(...names: string[]): void {
    names.forEach((name) => this.#removed.add(name))
    this.#allowed = this.#allowed?.filter((name) => !names.includes(name))
  }

  isToolAllowed(name: string): boolean {
    return !this.#removed.has(name) && (this.#allowed?.includes(name) ?? true)
  }
}

/** A copy, so that nobody can change it after the checks. */
function limitsOf(limits: SignedPaymentLimits = {}): Readonly<SignedPaymentLimits> {
  checkSignedLimits(limits)
  return Object.freeze(structuredClone(limits))
}

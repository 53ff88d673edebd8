import { CONNECTION_OPTIONS } from '../../agentcore/aws/connection.js'
import { defined } from '../../agentcore/aws/defined.js'
import {
  checkManagerOptions,
  type CheckedSettings,
  type PaymentManagerOptions,
} from '../../agentcore/manager/manager-options.js'
import { optionalFlag, optionalInteger, optionalText } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { Logger } from '../../logger.js'
import { isRecord } from '../../wire/json.js'
import { checkOptionNames } from './option-names.js'
import type { AgentCorePaymentsPluginOptions } from './options.js'
import type { PaymentResponseHandler } from './payment-response-handler.js'

/** The options of the plugin's manager: those that are the same for every payment. */
export function managerOptions(options: AgentCorePaymentsPluginOptions): PaymentManagerOptions {
  checkOptionNames(options, OPTION_NAMES)
  const { paymentManagerArn, userId, agentName, client, bearerToken, tokenProvider } = options
  const connection = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(CONNECTION_OPTIONS, name)),
  )
  const forManager = { ...connection, ...defined({ userId, agentName }), paymentManagerArn }
  checkManagerOptions(forManager)
  const isSaid = [userId, client, bearerToken, tokenProvider].some((one) => one !== undefined)
  if (!isSaid) throw new OptionsError('userId', 'required without a bearer token')
  return forManager
}

/** The settings of a payment, by the options as they are now. */
export function paymentSettings(
  options: AgentCorePaymentsPluginOptions,
): Pick<CheckedSettings, 'buyerPaysGasFees' | 'permit2AllowanceLimit'> {
  const { paymentManagerArn, buyerPaysGasFees, permit2AllowanceLimit } = options
  const settings = { buyerPaysGasFees, permit2AllowanceLimit }
  return checkManagerOptions({ paymentManagerArn, ...settings }).settings
}

const MAX_DELAY_SECONDS = 3600

export function delaySeconds(value: unknown): number {
  if (value === undefined) return 3
  if (typeof value === 'number' && value >= 0 && value <= MAX_DELAY_SECONDS) return value
  const expected = `expected a number of seconds from 0 to ${MAX_DELAY_SECONDS}`
  throw new OptionsError('postPaymentRetryDelaySeconds', expected)
}

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_CreatePaymentSession.html */
export function autoSessionOptions(options: AgentCorePaymentsPluginOptions) {
  const { autoSession, autoSessionExpiryMinutes: minutes } = options
  const budget = optionalText('autoSessionBudget', options.autoSessionBudget) ?? '1.00'
  if (!/^\d{1,15}(\.\d{1,6})?$/.test(budget) || Number(budget) === 0) {
    throw new OptionsError('autoSessionBudget', "expected US dollars > 0 as text, e.g. '1.00'")
  }
  return {
    autoSession: optionalFlag('autoSession', autoSession) ?? false,
    autoSessionBudget: budget,
    autoSessionExpiryMinutes: optionalInteger('autoSessionExpiryMinutes', minutes, 15, 480) ?? 60,
  }
}

const MAX_RETRIES = 1000

export function retries(
  name: 'maxInterruptRetries' | 'maxErrorRetries',
  value: unknown,
  standard: number,
): number {
  return optionalInteger(name, value, 0, MAX_RETRIES) ?? standard
}

type Handlers = Readonly<Record<string, PaymentResponseHandler>>

const METHODS: Record<keyof PaymentResponseHandler, true> = {
  extractStatusCode: true,
  extractHeaders: true,
  extractBody: true,
  validateToolInput: true,
  applyPaymentHeader: true,
}

export function customHandlers(value: unknown): Handlers | undefined {
  if (value === undefined) return undefined
  if (!isRecord(value)) throw new OptionsError('customHandlers', 'expected an object of handlers')
  for (const [tool, handler] of Object.entries(value)) {
    const missing = Object.keys(METHODS).find((method) => !hasMethod(handler, method))
    if (missing === undefined) continue
    throw new OptionsError(`customHandlers.${tool}`, `expected an object with a method ${missing}`)
  }
  return Object.freeze({ ...value }) as Handlers
}

export function logger(value: unknown): Logger | undefined {
  if (value === undefined) return undefined
  const missing = LEVELS.find((level) => !hasMethod(value, level))
  if (missing === undefined) return value as Logger
  throw new OptionsError('logger', `expected an object with a method ${missing}`)
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null)?.[name] === 'function'
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** Every option of the plugin. */
export const OPTION_NAMES: Record<keyof AgentCorePaymentsPluginOptions, true> = {
  ...CONNECTION_OPTIONS,
  paymentManagerArn: true,
  userId: true,
  paymentInstrumentId: true,
  paymentSessionId: true,
  paymentConnectorId: true,
  networkPreferencesConfig: true,
  autoPayment: true,
  agentName: true,
  paymentToolAllowlist: true,
  provideHttpRequest: true,
  postPaymentRetryDelaySeconds: true,
  maxInterruptRetries: true,
  customHandlers: true,
  autoSession: true,
  autoSessionBudget: true,
  autoSessionExpiryMinutes: true,
  onPaymentError: true,
  maxErrorRetries: true,
  buyerPaysGasFees: true,
  permit2AllowanceLimit: true,
  logger: true,
  limits: true,
  allowPrivateHosts: true,
}

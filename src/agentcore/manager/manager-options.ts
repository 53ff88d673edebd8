import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import {
  onlyKnown,
  optionalFlag,
  optionalFunction,
  optionalHeaderText,
  optionalText,
} from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { toAmount, type Amount } from '../../wire/amounts.js'
import {
  CONNECTION_OPTIONS,
  checkConnection,
  type Connection,
  type ConnectionOptions,
} from '../aws/connection.js'
import { defined } from '../aws/defined.js'
import { regionOfManager } from './manager-arn.js'
import { optionalNetworks } from './network-preference.js'
import { checkSignedLimits, type CheckedSignedLimits } from '../../limits/check-limits.js'
import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import { narrowed } from './narrowed-limits.js'

/**
 * What payments are made from and how. Each setting can be given once for all, and again for one payment.
 */
export interface PaymentSettings {
  /**
   * Whose instruments and sessions are meant. It is not sent with a bearer token, which says so itself. At most 120
   * characters.
   *
   * @default none
   */
  userId?: string | undefined
  /**
   * What to pay with. A payment needs one.
   *
   * @default none
   */
  paymentInstrumentId?: string | undefined
  /**
   * The session in whose limits to pay. A payment needs one.
   *
   * @default none
   */
  paymentSessionId?: string | undefined
  /**
   * Networks by their names in x402 or CAIP-2, the preferred first. The empty list leaves the choice to the seller.
   *
   * @default `NETWORK_PREFERENCES`
   */
  networkPreferences?: readonly string[] | undefined
  /**
   * What a single payment may be. Limits that are given again narrow those given before, and never widen them.
   *
   * @default what the session allows, in the schemes `exact`, `upto` and `mpp:charge`, for payments valid for an hour
   * at most
   */
  limits?: SignedPaymentLimits | undefined
  /**
   * For MPP only: whether to pay network fees on top of the amount if the seller does not pay them.
   *
   * @default false
   */
  buyerPaysGasFees?: boolean | undefined
  /**
   * For the scheme `upto` only: the allowance to set for Permit2 before the payment. Setting it is an on-chain
   * transaction of its own. Unit: atomic units of the asset, 1 or more.
   *
   * @default none: no allowance is set
   */
  permit2AllowanceLimit?: Amount | undefined
}

/** Options of `PaymentManager`. Optional ones may be undefined, but not empty. */
export interface PaymentManagerOptions
  extends ConnectionOptions<BedrockAgentCoreClient>,
    PaymentSettings {
  /**
   * The manager, `arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<id>`. Calls are made in its region.
   */
  paymentManagerArn: string
  /**
   * Which agent asks, for AWS's observability. At most 256 characters.
   *
   * @default none
   */
  agentName?: string | undefined
  /**
   * The clock, for challenges that expire, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

export interface CheckedSettings {
  userId: string | undefined
  paymentInstrumentId: string | undefined
  paymentSessionId: string | undefined
  networkPreferences: readonly string[] | undefined
  limits: CheckedSignedLimits
  buyerPaysGasFees: boolean | undefined
  permit2AllowanceLimit: string | undefined
}

export interface CheckedManager {
  paymentManagerArn: string
  agentName: string | undefined
  connection: Connection<BedrockAgentCoreClient>
  settings: CheckedSettings
  now: () => number
}

/** Keys of {@link PaymentSettings}, for checks of whole options. */
export const SETTINGS: Record<keyof PaymentSettings, true> = {
  userId: true,
  paymentInstrumentId: true,
  paymentSessionId: true,
  networkPreferences: true,
  limits: true,
  buyerPaysGasFees: true,
  permit2AllowanceLimit: true,
}

const NAMES: Record<keyof PaymentManagerOptions, true> = {
  ...CONNECTION_OPTIONS,
  ...SETTINGS,
  paymentManagerArn: true,
  agentName: true,
  now: true,
}

/** @throws OptionsError naming the option that is missing, unknown or not of its kind. */
export function checkManagerOptions(options: PaymentManagerOptions): CheckedManager {
  onlyKnown('the options of PaymentManager', options, NAMES)
  const { paymentManagerArn, agentName, now } = options
  const arnRegion = regionOfManager(paymentManagerArn)
  const given = checkConnection(options)
  const { region = arnRegion } = given
  if (region !== arnRegion) {
    const why = 'a payment manager is reached only in the region of its ARN'
    throw new OptionsError('region', `expected ${arnRegion}, or none: ${why}`)
  }
  return {
    paymentManagerArn,
    agentName: optionalHeaderText('agentName', agentName, 256),
    connection: { ...given, region, config: { ...given.config, region } },
    settings: checkSettings(options),
    now: optionalFunction('now', now) ?? Date.now,
  }
}

/** @throws OptionsError naming the setting that is not of its kind. */
export function checkSettings(settings: PaymentSettings): CheckedSettings {
  const { limits = {} } = settings
  return {
    userId: optionalHeaderText('userId', settings.userId, 120),
    paymentInstrumentId: optionalText('paymentInstrumentId', settings.paymentInstrumentId),
    paymentSessionId: optionalText('paymentSessionId', settings.paymentSessionId),
    networkPreferences: optionalNetworks('networkPreferences', settings.networkPreferences),
    limits: checkSignedLimits(limits),
    buyerPaysGasFees: optionalFlag('buyerPaysGasFees', settings.buyerPaysGasFees),
    permit2AllowanceLimit: allowance(settings.permit2AllowanceLimit),
  }
}

function allowance(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const units = toAmount(value)
  if (units !== undefined && units > 0n) return units.toString()
  const expected = 'expected a whole amount > 0 as bigint or decimal string'
  throw new OptionsError('permit2AllowanceLimit', expected)
}

/** A payment's own settings over those of the manager. Both limits hold. */
export function withDefaults(own: CheckedSettings, defaults: CheckedSettings): CheckedSettings {
  const limits = narrowed(own.limits, defaults.limits)
  return { ...defaults, ...defined(own), limits }
}

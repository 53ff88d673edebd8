import { optionalText, record, refuseUnknown } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import type { Names } from './call-arguments.js'

/** Which delegation a payment may spend. Further fields go to the API as they are. */
export interface DelegationConfig {
  /**
   * The id that `payments.delegation.createDelegation` gave.
   *
   * @default none
   */
  delegationId?: string | undefined
  /** Further fields of the API. A name in the style of Python, with `_`, is an `OptionsError`. */
  [key: string]: unknown
}

/** How `Payments.payer` pays. */
export interface PayerOptions {
  /**
   * An existing delegation to pay from: `{ delegationId }`.
   *
   * @default the account's own credits
   */
  delegationConfig?: DelegationConfig | undefined
  /**
   * Which tokens to pay with. 3 asks for single-use tokens, bound to what is bought. 2 takes reusable tokens too.
   *
   * @default 3
   */
  tokenVersion?: 2 | 3 | undefined
}

const OPTIONS: Readonly<Record<keyof PayerOptions, true>> = {
  delegationConfig: true,
  tokenVersion: true,
}

/** @throws OptionsError naming the option at fault. */
export function checkPayerOptions(options: PayerOptions): void {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option of payer')
  checkDelegationConfig('delegationConfig', options.delegationConfig)
  checkTokenVersion('tokenVersion', options.tokenVersion)
}

export function checkTokenVersion(name: string, version: unknown): void {
  if (version === undefined || version === 2 || version === 3) return
  throw new OptionsError(name, 'expected 2 or 3')
}

/** Fields that we do not know go to the API as they are. A name in the style of Python is refused. */
export function checkDelegationConfig(name: string, config: unknown): void {
  if (config === undefined) return
  record(name, config)
  const styled = Object.keys(config).find((key) => key.includes('_'))
  if (styled !== undefined) {
    refuseUnknown({ [styled]: true }, DELEGATION_CONFIG, 'is not a field of it', `${name}.`)
  }
  optionalText(`${name}.delegationId`, config['delegationId'])
}

const DELEGATION_CONFIG: Names = {
  delegationId: true,
  apiKeyId: true,
  cardId: true,
  providerPaymentMethodId: true,
  spendingLimitCents: true,
  durationSecs: true,
  currency: true,
  planId: true,
  merchantAccountId: true,
  maxTransactions: true,
}

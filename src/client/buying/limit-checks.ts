import {
  amount,
  optionalAmount,
  optionalFlag,
  optionalFunction,
  record,
  refuseUnknown,
  texts,
} from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import {
  AWS_NETWORK,
  SIGNED_LIMITS,
  checkSignedLimits,
  type CheckedSignedLimits,
} from '../../limits/check-limits.js'
import { DEFAULT_SCHEMES } from '../../limits/missed-limit.js'
import { isRecord } from '../../wire/json.js'
import { caip2, isAwsNetwork } from '../../wire/networks.js'
import { DEFAULT_VALID_SECONDS } from '../../wire/signed-terms.js'
import type { Allowance, PaymentLimits } from './limits.js'
import { sameUnit, type PaymentUnit } from './units.js'

/** An allowance that was checked. */
export interface CheckedAllowance {
  unit: PaymentUnit
  /** For an asset, no more than the limit for every payment. */
  maxAmountPerPayment: bigint
  total: bigint
  confirmAbove: bigint | undefined
}

/** Limits that were checked, with their defaults. */
export interface CheckedLimits {
  allowances: readonly CheckedAllowance[]
  /** What every payment has to be within, with the schemes that clients pay by default. */
  signed: CheckedSignedLimits
  maxTimeoutSeconds: number
  networks: readonly string[] | undefined
  allowUnstatedPrice: boolean
  trustReceipts: boolean | undefined
  confirm: PaymentLimits['confirm']
}

const SCHEMES = [...DEFAULT_SCHEMES, 'nvm:erc4337', 'nvm:card-delegation']

/** @throws OptionsError naming the limit that is missing, unknown or not of its kind. */
export function checkLimits(limits: PaymentLimits): CheckedLimits {
  const given = checkSignedLimits(limits, LIMITS)
  const signed = { ...given, schemes: given.schemes ?? SCHEMES }
  const allowances = [
    ...planAllowances(limits),
    ...assetAllowances(limits.budgets, signed.maxAmountPerPayment),
  ]
  if (allowances.length === 0) {
    const expected = 'give credits with plans, or budgets: nothing is paid without them'
    throw new OptionsError('limits', expected)
  }
  noneTwice(allowances)
  return {
    allowances,
    signed,
    maxTimeoutSeconds: signed.maxTimeoutSeconds ?? DEFAULT_VALID_SECONDS,
    networks: networks(limits.networks),
    allowUnstatedPrice:
      optionalFlag('limits.allowUnstatedPrice', limits.allowUnstatedPrice) ?? false,
    trustReceipts: optionalFlag('limits.trustReceipts', limits.trustReceipts),
    confirm: confirmation(limits.confirm, allowances),
  }
}

const LIMITS: Record<keyof PaymentLimits, true> = {
  ...SIGNED_LIMITS,
  credits: true,
  plans: true,
  budgets: true,
  networks: true,
  allowUnstatedPrice: true,
  trustReceipts: true,
  confirm: true,
}
const ALLOWANCE: Record<keyof Allowance, true> = {
  maxAmountPerPayment: true,
  total: true,
  confirmAbove: true,
}

function allowance(name: string, value: Allowance) {
  record(name, value)
  refuseUnknown(value, ALLOWANCE, 'is not a limit', `${name}.`)
  const { maxAmountPerPayment, total, confirmAbove } = value
  return {
    maxAmountPerPayment: amount(`${name}.maxAmountPerPayment`, maxAmountPerPayment),
    total: amount(`${name}.total`, total),
    confirmAbove: optionalAmount(`${name}.confirmAbove`, confirmAbove),
  }
}

function planAllowances({ credits, plans }: PaymentLimits): CheckedAllowance[] {
  if (credits === undefined && plans === undefined) return []
  if (credits === undefined) throw new OptionsError('limits.credits', 'required with plans')
  const planIds = plans === undefined ? undefined : texts('limits.plans', plans)
  if (planIds === undefined) throw new OptionsError('limits.plans', 'required with credits')
  const perPlan = allowance('limits.credits', credits)
  return planIds.map((planId) => ({ ...perPlan, unit: { planId } }))
}

function assetAllowances(
  budgets: PaymentLimits['budgets'],
  most: bigint | undefined,
): CheckedAllowance[] {
  if (budgets === undefined) return []
  if (!isRecord(budgets) || Object.keys(budgets).length === 0) {
    throw new OptionsError('limits.budgets', 'expected an object of <network>/<asset>')
  }
  return Object.entries(budgets).map(([key, value]) => {
    const name = `limits.budgets.${key}`
    const [, network, asset] = /^([^/\s]+)\/(\S+)$/.exec(key) ?? []
    if (network === undefined || asset === undefined) {
      throw new OptionsError(name, 'expected <network>/<asset> as its name')
    }
    if (isAwsNetwork(network)) throw new OptionsError(name, EXPECTED_CHAIN)
    const given = allowance(name, value)
    const isWithin = most === undefined || given.maxAmountPerPayment <= most
    const maxAmountPerPayment = isWithin ? given.maxAmountPerPayment : most
    return { ...given, maxAmountPerPayment, unit: { network: caip2(network), asset } }
  })
}

/**
 * Refuses a second entry for the same asset. An address can be written in two cases, and would then have two
 * budgets.
 */
function noneTwice(allowances: readonly CheckedAllowance[]): void {
  allowances.forEach(({ unit }, i) => {
    if (allowances.findIndex((other) => sameUnit(other.unit, unit)) === i) return
    const name = 'planId' in unit ? 'limits.plans' : 'limits.budgets'
    throw new OptionsError(name, 'has the same entry twice')
  })
}

function confirmation(
  confirm: PaymentLimits['confirm'],
  allowances: readonly CheckedAllowance[],
): PaymentLimits['confirm'] {
  if (confirm !== undefined) return optionalFunction('limits.confirm', confirm)
  if (allowances.every(({ confirmAbove }) => confirmAbove === undefined)) return undefined
  throw new OptionsError('limits.confirm', 'required with confirmAbove')
}

function networks(value: unknown): readonly string[] | undefined {
  const given = value === undefined ? undefined : texts('limits.networks', value)
  if (given?.some(isAwsNetwork)) throw new OptionsError('limits.networks', EXPECTED_CHAIN)
  return given?.map(caip2)
}

const EXPECTED_CHAIN = `${AWS_NETWORK}; expected eip155:<chain id>`

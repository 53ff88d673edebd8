import {
  amount,
  optionalAmount,
  optionalFlag,
  optionalFunction,
  optionalSeconds,
  record,
  refuseUnknown,
  texts,
} from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { caip2, isAwsNetwork } from '../../wire/networks.js'
import { DEFAULT_VALID_SECONDS } from '../../wire/signed-terms.js'
import { isRecord } from '../../wire/json.js'
import type { Allowance, PaymentLimits } from './limits.js'
import { sameUnit, type PaymentUnit } from './units.js'

export interface CheckedAllowance {
  unit: PaymentUnit
  perCall: bigint
  total: bigint
  confirmAbove: bigint | undefined
}

export interface CheckedLimits {
  allowances: readonly CheckedAllowance[]
  payees: readonly string[] | undefined
  hosts: readonly string[] | undefined
  maxTimeoutSeconds: number
  networks: readonly string[] | undefined
  schemes: readonly string[]
  allowUnstatedPrice: boolean
  trustReceipts: boolean | undefined
  confirm: PaymentLimits['confirm']
}

const SCHEMES = ['exact', 'upto', 'nvm:erc4337', 'nvm:card-delegation', 'mpp:charge']

/** @throws OptionsError naming the limit that is missing, unknown or not of its kind. */
export function checkLimits(limits: PaymentLimits): CheckedLimits {
  known('limits', limits, LIMITS)
  const allowances = [...planAllowances(limits), ...assetAllowances(limits.assets)]
  if (allowances.length === 0) {
    throw new OptionsError(
      'limits',
      'expected credits with plans, or assets: nothing is paid without',
    )
  }
  noneTwice(allowances)
  return {
    allowances,
    payees: someTexts('payees', limits.payees),
    hosts: hosts(limits.hosts),
    maxTimeoutSeconds:
      optionalSeconds('maxTimeoutSeconds', limits.maxTimeoutSeconds) ?? DEFAULT_VALID_SECONDS,
    networks: networks(limits.networks),
    schemes: someTexts('schemes', limits.schemes) ?? SCHEMES,
    allowUnstatedPrice: optionalFlag('allowUnstatedPrice', limits.allowUnstatedPrice) ?? false,
    trustReceipts: optionalFlag('trustReceipts', limits.trustReceipts),
    confirm: confirmation(limits.confirm, allowances),
  }
}

const LIMITS: Record<keyof PaymentLimits, true> = {
  credits: true,
  plans: true,
  assets: true,
  payees: true,
  hosts: true,
  maxTimeoutSeconds: true,
  networks: true,
  schemes: true,
  allowUnstatedPrice: true,
  trustReceipts: true,
  confirm: true,
}
const ALLOWANCE: Record<keyof Allowance, true> = { perCall: true, total: true, confirmAbove: true }

function known(name: string, value: unknown, names: Readonly<Record<string, true>>): void {
  record(name, value)
  refuseUnknown(value, names, 'is not a limit', name === 'limits' ? '' : `${name}.`)
}

function allowance(name: string, value: Allowance) {
  known(name, value, ALLOWANCE)
  const { perCall, total, confirmAbove } = value
  return {
    perCall: amount(`${name}.perCall`, perCall),
    total: amount(`${name}.total`, total),
    confirmAbove: optionalAmount(`${name}.confirmAbove`, confirmAbove),
  }
}

function planAllowances({ credits, plans }: PaymentLimits): CheckedAllowance[] {
  if (credits === undefined && plans === undefined) return []
  if (credits === undefined) throw new OptionsError('credits', 'required with plans')
  const planIds = someTexts('plans', plans)
  if (planIds === undefined) throw new OptionsError('plans', 'required with credits')
  const perPlan = allowance('credits', credits)
  return planIds.map((planId) => ({ ...perPlan, unit: { planId } }))
}

function assetAllowances(assets: PaymentLimits['assets']): CheckedAllowance[] {
  if (assets === undefined) return []
  if (!isRecord(assets) || Object.keys(assets).length === 0) {
    throw new OptionsError('assets', 'expected an object of <network>/<asset>')
  }
  return Object.entries(assets).map(([key, value]) => {
    const [, network, asset] = /^([^/\s]+)\/(\S+)$/.exec(key) ?? []
    if (network === undefined || asset === undefined) {
      throw new OptionsError(`assets.${key}`, 'expected <network>/<asset> as its name')
    }
    if (isAwsNetwork(network)) throw new OptionsError(`assets.${key}`, AWS_NETWORK)
    return { ...allowance(`assets.${key}`, value), unit: { network: caip2(network), asset } }
  })
}

/**
 * Refuses a second entry for the same asset. An address can be written in two cases, and would then have two
 * budgets.
 */
function noneTwice(allowances: readonly CheckedAllowance[]): void {
  allowances.forEach(({ unit }, i) => {
    if (allowances.findIndex((other) => sameUnit(other.unit, unit)) === i) return
    throw new OptionsError('planId' in unit ? 'plans' : 'assets', 'has the same entry twice')
  })
}

function confirmation(
  confirm: PaymentLimits['confirm'],
  allowances: readonly CheckedAllowance[],
): PaymentLimits['confirm'] {
  if (confirm !== undefined) return optionalFunction('confirm', confirm)
  if (allowances.every(({ confirmAbove }) => confirmAbove === undefined)) return undefined
  throw new OptionsError('confirm', 'required with confirmAbove')
}

function networks(value: unknown): readonly string[] | undefined {
  const given = someTexts('networks', value)
  if (given?.some(isAwsNetwork)) throw new OptionsError('networks', AWS_NETWORK)
  return given?.map(caip2)
}

const AWS_NETWORK =
  'aws:* is a network of AWS Marketplace, where nothing can sign; expected eip155:<chain id>'

function someTexts(name: string, value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : texts(name, value)
}

/** Hosts as `URL` writes them, so that they can be compared. A port stays, even the standard one. */
function hosts(value: unknown): readonly string[] | undefined {
  return someTexts('hosts', value)?.map((host) => {
    const url = `https://${host}`
    if (URL.canParse(url) && /^[^/?#@\\]+$/.test(host)) {
      const { hostname, port } = new URL(url)
      return /:0*443$/.test(host) ? `${hostname}:443` : port ? `${hostname}:${port}` : hostname
    }
    throw new OptionsError('hosts', 'expected host names without scheme and path')
  })
}

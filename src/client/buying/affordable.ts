import { missedLimit, schemesOf, type Terms } from '../../limits/missed-limit.js'
import { amountText, whyForbidden } from '../../limits/why-forbidden.js'
import { toAmount } from '../../wire/amounts.js'
import { redacted } from '../../errors/redact.js'
import { caip2, isAwsNetwork } from '../../wire/networks.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { CREDITS_EXTENSION } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import { PaymentLimitError, type LimitName } from './errors.js'
import type { CheckedAllowance, CheckedLimits } from './limit-checks.js'
import { sameUnit, type PaymentUnit } from './units.js'

/** An allowance, and the amounts taken from it. */
export interface Account extends CheckedAllowance {
  spent: bigint
  held: bigint
}

/** A way to pay that fits the limits. */
export interface Choice {
  account: Account
  requirement: Requirement
  /** The most that the call costs, in the account's unit. */
  amount: bigint
}

/** Why a way to pay does not fit, and at which limit. */
interface Miss {
  limit: LimitName
  message: string
  amounts?: { amount: bigint; allowed: bigint }
}

/**
 * The first way to pay that fits all limits. Accounts are tried in the caller's order. For one account the
 * cheapest way is taken.
 *
 * @throws PaymentLimitError if none fits. It names the limit that the closest one missed.
 */
export function affordable(
  challenge: Challenge,
  accounts: readonly Account[],
  limits: CheckedLimits,
): Choice {
  const misses: Miss[] = []
  for (const account of accounts) {
    const offers = challenge.accepts.filter((one) => {
      const unit = isAwsNetwork(one.network) ? undefined : unitOf(one)
      return unit !== undefined && sameUnit(unit, account.unit)
    })
    const tried = offers.map((requirement) => tryOffer(challenge, requirement, account, limits))
    const cheapest = tried.filter(isChoice).sort(byAmountAndScheme(limits))[0]
    if (cheapest !== undefined) return cheapest
    misses.push(...tried.filter((one): one is Miss => !isChoice(one)))
  }
  throw refusal(challenge, misses)
}

function isChoice(one: Choice | Miss): one is Choice {
  return 'requirement' in one
}

/** The cheapest first. Of two that cost the same, the scheme that comes first in the limits. */
function byAmountAndScheme({ signed }: CheckedLimits): (a: Choice, b: Choice) => number {
  const rank = ({ requirement }: Choice) => schemesOf(signed).indexOf(requirement.scheme)
  return (a, b) => (a.amount === b.amount ? rank(a) - rank(b) : a.amount < b.amount ? -1 : 1)
}

/**
 * The unit of a way to pay. Nevermined's schemes name a plan and no amount. All others name an amount of an
 * asset.
 */
function unitOf({ scheme, planId, asset, network }: Requirement): PaymentUnit | undefined {
  if (scheme.startsWith('nvm:')) return planId ? { planId } : undefined
  return asset ? { network: caip2(network), asset } : undefined
}

function tryOffer(
  challenge: Challenge,
  requirement: Requirement,
  account: Account,
  limits: CheckedLimits,
): Choice | Miss {
  const stated = priceOf(challenge, requirement)
  const amount = stated ?? account.maxAmountPerPayment
  const terms = termsOf(requirement, account, amount)
  const within = { ...limits.signed, maxAmountPerPayment: account.maxAmountPerPayment }
  const missed = missedLimit(terms, within)
  const isNetwork = limits.networks?.includes(caip2(requirement.network)) ?? true
  if (!isNetwork && missed !== 'schemes') {
    const message = `the network ${shownOf(requirement.network)} is not in networks`
    return { limit: 'networks', message }
  }
  if (missed !== undefined && missed !== 'maxAmountPerPayment') {
    return { limit: missed, message: whyForbidden(missed, within, [terms]) }
  }
  if (stated === undefined && !(limits.allowUnstatedPrice && 'planId' in account.unit)) {
    const message = 'the seller does not say what the call costs, and allowUnstatedPrice is not set'
    return { limit: 'allowUnstatedPrice', message }
  }
  if (missed !== undefined) {
    const amounts = { amount, allowed: account.maxAmountPerPayment }
    return { limit: missed, message: whyForbidden(missed, within, [terms]), amounts }
  }
  const allowed = leftOf(account)
  if (amount <= allowed) return { account, requirement, amount }
  const message = `the call costs ${amountText(terms)}, and ${allowed} of total ${account.total} are left`
  return { limit: 'total', message, amounts: { amount, allowed } }
}

function termsOf(requirement: Requirement, { unit }: Account, amount: bigint): Terms {
  const { scheme, network, asset, payTo } = requirement
  return {
    scheme,
    network,
    asset: asset ?? undefined,
    payees: [payTo ?? ''],
    amount,
    timeoutSeconds: requirement['maxTimeoutSeconds'],
    planId: 'planId' in unit ? unit.planId : undefined,
  }
}

/** A name that a seller wrote, as an error may show it. */
function shownOf(name: string): string {
  return redacted(name.slice(0, 40))
}

/** What is left of an account. It is never below zero, even if a seller charged more than it said. */
export function leftOf({ total, spent, held }: Account): bigint {
  const left = total - spent - held
  return left > 0n ? left : 0n
}

/** The most that a call costs by the seller's statement; `undefined` if it states no price. */
export function priceOf(
  { extensions }: Challenge,
  { scheme, amount }: Requirement,
): bigint | undefined {
  if (!scheme.startsWith('nvm:')) return toAmount(amount)
  const extension = extensions?.[CREDITS_EXTENSION]
  const info = isRecord(extension) ? extension['info'] : undefined
  if (!isRecord(info)) return undefined
  const credits = toAmount(info['credits'])
  const maxCredits = toAmount(info['maxCredits'] ?? info['credits'])
  if (credits === undefined || maxCredits === undefined) return undefined
  return maxCredits > credits ? maxCredits : credits
}

/** The order in which limits are checked. The later a way to pay fails, the closer it came. */
const ORDER: readonly LimitName[] = [
  'schemes',
  'networks',
  'assets',
  'payees',
  'maxTimeoutSeconds',
  'allowUnstatedPrice',
  'maxAmountPerPayment',
  'total',
]

function refusal(challenge: Challenge, misses: readonly Miss[]): PaymentLimitError {
  const [closest] = misses.toSorted(
    (a, b) => ORDER.indexOf(b.limit) - ORDER.indexOf(a.limit) || byAmount(a, b),
  )
  if (closest === undefined) {
    const [first] = challenge.accepts
    if (first !== undefined && challenge.accepts.every(({ network }) => isAwsNetwork(network))) {
      const message = `the seller takes payments only on ${shownOf(first.network)}, where nothing can sign`
      return new PaymentLimitError('networks', message, challenge)
    }
    const isPlan = challenge.accepts.some(({ scheme }) => scheme.startsWith('nvm:'))
    const message =
      'the limits have no budget for any of the plans and assets that the seller takes'
    return new PaymentLimitError(isPlan ? 'plans' : 'budgets', message, challenge)
  }
  return new PaymentLimitError(closest.limit, closest.message, challenge, closest.amounts)
}

/** The cheaper of two that are too dear is the closer one. */
function byAmount({ amounts: a }: Miss, { amounts: b }: Miss): number {
  if (a === undefined || b === undefined || a.amount === b.amount) return 0
  return a.amount < b.amount ? -1 : 1
}

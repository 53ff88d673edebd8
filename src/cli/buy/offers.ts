import { priceOf } from '../../client/buying/affordable.js'
import type { PaymentLimits } from '../../client/buying/limits.js'
import { knownAsset, toAtomic, toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { caip2, nameInV1 } from '../../wire/networks.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { shownId } from '../../mistakes/shown-id.js'
import { shortPlan } from '../output/short-plan.js'
import type { BuyOptions } from './buy-options.js'
import type { Wallet } from './wallets.js'

/** One way to pay, as its buyer sees it. */
export interface Offer {
  readonly requirement: Requirement
  /** The most that it costs. Unit: credits of the plan, or atomic units of the asset. */
  readonly amount: bigint | undefined
  /** What it costs, e.g. `$0.01`. */
  readonly price: string
  /** In what it is paid, e.g. `exact on base`. */
  readonly by: string
  /** The same for those who check it: atomic units, asset and payee, or the whole id of the plan. */
  readonly terms: string
  /** Who would pay it. */
  readonly wallet: Wallet | undefined
  /** Why it is not paid. `undefined`: it fits. */
  readonly whyNot: string | undefined
  /** What may be paid, if it fits. */
  readonly limits?: PaymentLimits
}

type Limits = Pick<BuyOptions, 'max' | 'maxUnits' | 'maxCredits' | 'allowUnstatedPrice'>

/** The ways to pay of a challenge: what each costs, who can pay it, and whether it fits the limits. */
export function offersIn(challenge: Challenge, wallets: readonly Wallet[], wish: Limits): Offer[] {
  return challenge.accepts.map((requirement) => {
    const wallet = wallets.find((one) => one.whyNot(requirement) === undefined)
    const { problem, ...terms } =
      typeof requirement.planId === 'string'
        ? inCredits(challenge, requirement, wish)
        : inMoney(challenge, requirement, wish)
    const whyNot = wallet === undefined ? whyNobody(requirement, wallets) : problem
    return { requirement, ...terms, wallet, whyNot }
  })
}

/** The offer to pay: the first that fits, or a cheaper one that is paid in the same way. */
export function chosenFrom(offers: readonly Offer[]): Offer | undefined {
  const fitting = offers.filter(({ whyNot }) => whyNot === undefined)
  const [first] = fitting
  const same = fitting.filter((one) => WAY.every((key) => wayOf(one, key) === wayOf(first, key)))
  return same.toSorted((a, b) => ((a.amount ?? 0n) < (b.amount ?? 0n) ? -1 : 1))[0]
}

const WAY = ['scheme', 'network', 'asset', 'planId'] as const

function wayOf(offer: Offer | undefined, key: (typeof WAY)[number]): string | undefined {
  return offer?.requirement[key]?.toLowerCase()
}

function whyNobody(offer: Requirement, wallets: readonly Wallet[]): string {
  if (wallets.length === 0) return 'there is no wallet'
  return [...new Set(wallets.map((one) => one.whyNot(offer)))].join('; ')
}

type Terms = Pick<Offer, 'amount' | 'price' | 'by' | 'terms' | 'limits'> & {
  readonly problem: string | undefined
}

/** Nevermined's plans. The amount of a plan's credits is its seller's word. */
function inCredits(
  challenge: Challenge,
  offer: Requirement,
  { maxCredits: max, allowUnstatedPrice }: Limits,
): Terms {
  const amount = priceOf(challenge, offer)
  const planId = offer.planId ?? ''
  const shown = {
    amount,
    price: amount === undefined ? 'credits, how many is not said,' : creditsText(amount),
    by: `of the plan ${shortPlan(planId)}`,
    terms: `plan ${shownId(planId)}, ${offer.scheme} on ${networkText(offer.network)}`,
  }
  if (max === undefined) return { ...shown, problem: 'it needs --max-credits' }
  if (amount === undefined && !allowUnstatedPrice) {
    return {
      ...shown,
      problem: 'its seller may take any number, so it needs --allow-unstated-price',
    }
  }
  if (amount !== undefined && amount > BigInt(max)) {
    return { ...shown, problem: `it is more than --max-credits ${max}` }
  }
  const credits = { maxAmountPerPayment: BigInt(max), total: BigInt(max) }
  const isOpen = allowUnstatedPrice === true
  const limits = { plans: [planId], credits, allowUnstatedPrice: isOpen, schemes: [offer.scheme] }
  return { ...shown, problem: undefined, limits }
}

function inMoney(challenge: Challenge, offer: Requirement, wish: Limits): Terms {
  const { scheme } = offer
  const network = caip2(offer.network)
  const asset = offer.asset ?? ''
  const known = knownAsset(network, asset)
  const amount = priceOf(challenge, offer)
  const units = `${amount ?? 'an unknown number of'} units of ${asset}`
  const shown = {
    amount,
    price: known && amount !== undefined ? `$${toDecimal(`${amount}`, known.decimals)}` : units,
    by: `by ${scheme} on ${networkText(network)}`,
    terms: `${units} to ${offer.payTo ?? 'nobody who is named'}`,
  }
  if (amount === undefined) return { ...shown, problem: 'its price cannot be read' }
  const caps = capsOf(wish, known?.decimals)
  if (caps.length === 0) {
    const isDollar = known !== undefined
    return {
      ...shown,
      problem: isDollar
        ? 'it needs --max'
        : 'its worth in dollars is not known here, so it needs --max-units',
    }
  }
  const missed = caps.find(({ most }) => amount > most)
  if (missed !== undefined) return { ...shown, problem: `it is more than ${missed.flag}` }
  // The seller's offer is within all of them, so its own amount is the limit.
  const allowance = { maxAmountPerPayment: amount, total: amount }
  const limits = { budgets: { [`${network}/${asset}`]: allowance }, schemes: [scheme] }
  return { ...shown, problem: undefined, limits }
}

/** A limit of the command line. Unit of `most`: atomic units. */
interface Cap {
  readonly flag: string
  readonly most: bigint
}

/** The limits that count for an asset. @param decimals those of a dollar; `undefined` for other tokens */
function capsOf({ max, maxUnits }: Limits, decimals: number | undefined): Cap[] {
  const inDollars =
    max === undefined || decimals === undefined
      ? []
      : [{ flag: `--max $${max}`, most: toAtomic(max, decimals) ?? 0n }]
  const inUnits =
    maxUnits === undefined ? [] : [{ flag: `--max-units ${maxUnits}`, most: BigInt(maxUnits) }]
  return [...inDollars, ...inUnits]
}

function networkText(network: string): string {
  return nameInV1(caip2(network)) ?? network
}

import { priceOf } from '../../client/buying/affordable.js'
import type { PaymentLimits } from '../../client/buying/limits.js'
import { knownAsset, toAtomic, toDecimal } from '../../seller/options/money/assets.js'
import { creditsText } from '../../wire/amounts.js'
import { caip2, nameInV1 } from '../../wire/networks.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { shortPlan } from '../output/short-plan.js'
import type { BuyOptions } from './buy-options.js'
import type { Wallet } from './wallets.js'

/** One way to pay, as its buyer sees it. */
export interface Offer {
  readonly requirement: Requirement
  /** What it costs, e.g. `$0.01`. */
  readonly price: string
  /** In what it is paid, e.g. `exact on base`. */
  readonly by: string
  /** Who would pay it. */
  readonly wallet: Wallet | undefined
  /** Why it is not paid. `undefined`: it fits. */
  readonly whyNot: string | undefined
  readonly limits: PaymentLimits | undefined
}

type Limits = Pick<BuyOptions, 'max' | 'maxUnits' | 'maxCredits'>

/** The ways to pay of a challenge: what each costs, who can pay it, and whether it fits the limits. */
export function offersIn(challenge: Challenge, wallets: readonly Wallet[], wish: Limits): Offer[] {
  return challenge.accepts.map((requirement) => {
    const wallet = wallets.find((one) => one.canPay(requirement))
    const { price, by, problem, limits } =
      typeof requirement.planId === 'string'
        ? inCredits(challenge, requirement, wish.maxCredits)
        : inMoney(challenge, requirement, wish)
    const whyNot = wallet === undefined ? 'no wallet here can pay it' : problem
    return { requirement, price, by, wallet, whyNot, limits }
  })
}

type Terms = Pick<Offer, 'price' | 'by' | 'limits'> & { readonly problem: string | undefined }

function inCredits(challenge: Challenge, offer: Requirement, max: number | undefined): Terms {
  const amount = priceOf(challenge, offer)
  const price = amount === undefined ? 'credits, how many is not said' : creditsText(amount)
  const by = `of the plan ${shortPlan(offer.planId ?? '')}`
  if (max === undefined) return { price, by, problem: 'it needs --max-credits', limits: undefined }
  if (amount !== undefined && amount > BigInt(max)) {
    return { price, by, problem: `it is more than --max-credits ${max}`, limits: undefined }
  }
  const most = BigInt(max)
  const limits = {
    plans: [offer.planId ?? ''],
    credits: { maxAmountPerPayment: most, total: most },
    allowUnstatedPrice: true,
  }
  return { price, by, problem: undefined, limits }
}

function inMoney(challenge: Challenge, offer: Requirement, wish: Limits): Terms {
  const { max, maxUnits } = wish
  const { scheme, network } = offer
  const asset = offer.asset ?? ''
  const known = knownAsset(caip2(network), asset)
  const amount = priceOf(challenge, offer)
  const by = `by ${scheme} on ${nameInV1(caip2(network)) ?? network}`
  if (amount === undefined)
    return { price: 'an unknown amount', by, problem: NO_PRICE, limits: undefined }
  const isDollar = known !== undefined && maxUnits === undefined
  const price = known
    ? `$${toDecimal(String(amount), known.decimals)}`
    : `${amount} units of ${asset}`
  const most = isDollar ? toAtomic(max ?? '0', known.decimals) : BigInt(maxUnits ?? 0)
  const problem = whyNot({ amount, most, isDollar }, wish)
  if (problem !== undefined) return { price, by, problem, limits: undefined }
  const allowance = { maxAmountPerPayment: most ?? 0n, total: most ?? 0n }
  const limits = { budgets: { [`${caip2(network)}/${asset}`]: allowance }, schemes: [scheme] }
  return { price, by, problem: undefined, limits }
}

const NO_PRICE = 'its price cannot be read'

interface Compared {
  readonly amount: bigint
  readonly most: bigint | undefined
  readonly isDollar: boolean
}

function whyNot(
  { amount, most = 0n, isDollar }: Compared,
  { max, maxUnits }: Limits,
): string | undefined {
  if (!isDollar && maxUnits === undefined) {
    return 'its worth in dollars is not known here, so it needs --max-units'
  }
  if (isDollar && max === undefined) return 'it needs --max'
  if (amount <= most) return undefined
  return `it is more than ${isDollar ? `--max $${max ?? ''}` : `--max-units ${maxUnits ?? ''}`}`
}

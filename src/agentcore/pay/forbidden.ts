import { PaymentError } from '../../errors/payment-error.js'
import {
  DEFAULT_SCHEMES,
  longestOf,
  missedLimit,
  schemesOf,
  type CheckedSpendLimits,
  type SpendLimitName,
  type Terms,
} from '../manager/spend-limits.js'

/** Why none of the ways to pay may be taken: the limit, what was asked and what is allowed. */
export function forbidden(
  limit: SpendLimitName,
  limits: CheckedSpendLimits,
  offers: readonly { readonly terms: Terms }[],
): PaymentError {
  if (limit === 'schemes' && limits.schemes === undefined) {
    const message = `no scheme is known (${DEFAULT_SCHEMES.join(', ')}); others need limits.schemes`
    return new PaymentError('payment_unusable', `${message}; nothing was paid`)
  }
  const terms = offers.map((offer) => offer.terms)
  const missed = terms.filter((one) => missedLimit(one, limits) === limit)
  const [asked, allowed] = comparisonOf(limit, limits, missed)
  const amounts = `asked is ${asked}, allowed is ${allowed}`
  const message = `limits.${limit} forbids every way to pay that is offered: ${amounts}; nothing was paid`
  return new PaymentError('limit_exceeded', message)
}

/** What was asked by the closest of the ways to pay, and what a limit allows. */
function comparisonOf(
  limit: SpendLimitName,
  limits: CheckedSpendLimits,
  missed: readonly Terms[],
): [asked: string, allowed: string] {
  const [first] = missed
  const least = missed.toSorted((a, b) => (isLess(a.amount, b.amount) ? -1 : 1))[0]
  switch (limit) {
    case 'maxAmountPerPayment':
      return [amountOf(least), `at most ${limits.maxAmountPerPayment}`]
    case 'maxTimeoutSeconds':
      return [secondsOf(first), `at most ${longestOf(limits)} s`]
    case 'schemes':
      return [id(first?.scheme), eachOf([schemesOf(limits)])]
    case 'assets':
      return [assetOf(first), eachOf(limits.assets)]
    case 'payees':
      return [first?.payees.map(id).join(' and ') ?? NOT_STATED, eachOf(limits.payees)]
  }
}

const NOT_STATED = 'not stated'

/** An amount that is not stated comes last. */
function isLess(a: bigint | undefined, b: bigint | undefined): boolean {
  return b === undefined || (a !== undefined && a < b)
}

function amountOf(terms: Terms | undefined): string {
  return terms?.amount === undefined ? NOT_STATED : `${terms.amount} of ${assetOf(terms)}`
}

function secondsOf(terms: Terms | undefined): string {
  const seconds = terms?.timeoutSeconds
  return typeof seconds === 'number' ? `${seconds} s` : NOT_STATED
}

function assetOf(terms: Terms | undefined): string {
  return `${id(terms?.network)}/${id(terms?.asset)}`
}

/** All lists hold. Of a long one the first are named. */
function eachOf(lists: readonly (readonly string[])[]): string {
  const named = lists.map((list) => {
    const more = list.length > MAX_NAMED ? ` or ${list.length - MAX_NAMED} more` : ''
    return list.slice(0, MAX_NAMED).join(' or ') + more
  })
  return named.join(', and ')
}

const MAX_NAMED = 3

/** The seller wrote it: an address or a name is shown, and no text. */
function id(given: string | undefined): string {
  if (given === undefined) return NOT_STATED
  return /^[\w:-]{1,64}$/.test(given) ? given : '(no plain name)'
}

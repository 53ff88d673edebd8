import { creditsText } from '../wire/amounts.js'
import type { CheckedSignedLimits } from './check-limits.js'
import { isAllowedHost } from './hosts.js'
import { longestOf, schemesOf, type Terms, type TermsLimitName } from './missed-limit.js'

/**
 * Says why no way to pay is allowed: the limit, the value that was asked, and the one that is allowed.
 *
 * @param missed the ways to pay that this limit forbids
 */
export function whyForbidden(
  limit: TermsLimitName,
  limits: CheckedSignedLimits,
  missed: readonly Terms[],
): string {
  const [asked, allowed] = comparisonOf(limit, limits, missed)
  return `limits.${limit} forbids every way to pay that the seller offers (asked: ${asked}; allowed: ${allowed})`
}

/**
 * Says why a call may not be paid at all, because of the host that asks for the payment.
 *
 * @param url the URL that asks for it; `undefined` if it is not known
 * @returns `undefined` if the call may be paid
 */
export function whyHostForbidden(
  url: string | undefined,
  { hosts }: CheckedSignedLimits,
): string | undefined {
  if (hosts.length === 0) return undefined
  const asked = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  if (asked !== undefined && isAllowedHost(asked, hosts)) return undefined
  const host = asked?.host ?? 'not known, since the call has no URL'
  return `limits.hosts forbids every way to pay that the seller offers (asked: ${host}; allowed: ${eachOf(hosts)})`
}

/** What the closest way to pay asks for, and what the limit allows. */
function comparisonOf(
  limit: TermsLimitName,
  limits: CheckedSignedLimits,
  missed: readonly Terms[],
): [asked: string, allowed: string] {
  const [first] = missed
  const least = missed.toSorted((a, b) => (isLess(a.amount, b.amount) ? -1 : 1))[0]
  switch (limit) {
    case 'maxAmountPerPayment':
      return [amountText(least), `at most ${limits.maxAmountPerPayment}`]
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

/** Compares two amounts. An amount that is not stated comes last. */
function isLess(a: bigint | undefined, b: bigint | undefined): boolean {
  return b === undefined || (a !== undefined && a < b)
}

/** The amount in words: `10000 of eip155:8453/0x…`, `2 credits of plan 7`. */
export function amountText(terms: Terms | undefined): string {
  if (terms?.amount === undefined) return NOT_STATED
  const { amount, planId } = terms
  if (planId !== undefined) return `${creditsText(amount)} of plan ${planId}`
  return `${amount} of ${assetOf(terms)}`
}

function secondsOf(terms: Terms | undefined): string {
  const seconds = terms?.timeoutSeconds
  return typeof seconds === 'number' ? `${seconds} s` : NOT_STATED
}

function assetOf(terms: Terms | undefined): string {
  return `${id(terms?.network)}/${id(terms?.asset)}`
}

/** The allowed values. All lists hold. Only the first entries of a long list are named. */
function eachOf(lists: readonly (readonly string[])[]): string {
  const named = lists.map((list) => {
    const more = list.length > MAX_NAMED ? ` or ${list.length - MAX_NAMED} more` : ''
    return list.slice(0, MAX_NAMED).join(' or ') + more
  })
  return named.join(', and ')
}

const MAX_NAMED = 3

/** A name that the seller wrote. An address or a plain name is shown, but no other text. */
function id(given: string | undefined): string {
  if (given === undefined) return NOT_STATED
  return /^[\w:-]{1,64}$/.test(given) ? given : '(no plain name)'
}

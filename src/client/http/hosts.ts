import { PaymentError } from '../../errors/payment-error.js'
import type { CheckedSignedLimits } from '../../limits/check-limits.js'
import { isAllowedHost } from '../../limits/hosts.js'
import { whyHostForbidden } from '../../limits/why-forbidden.js'
import { PaymentLimitError } from '../buying/errors.js'
import type { Offer } from './http-offer.js'
import type { Original } from '../buying/payer.js'

/** An HTTP call that was answered with a challenge. */
export interface AnsweredCall {
  method: string
  /** The URL that was called. */
  called: URL
  /** The URL that answered. It is another one after redirects. */
  answered: URL
}

/**
 * Checks that the server that asks for money is the one that was called. A challenge can come from behind a
 * redirect. It can also be that of another seller, passed on by somebody who wants to have it paid. A port in
 * the challenge does not count: sellers behind a proxy do not know theirs.
 *
 * @throws PaymentLimitError with limit `hosts`, or PaymentError if the call cannot be repeated as it was.
 */
export function checkHosts(
  { challenge, originals }: Offer,
  { method, called, answered }: AnsweredCall,
  limits: CheckedSignedLimits,
): void {
  const why = whyHostForbidden(answered.href, limits)
  if (why !== undefined) throw new PaymentLimitError('hosts', why, challenge)
  const areListed = limits.hosts.length > 0
  const isDowngraded = called.protocol === 'https:' && answered.protocol !== 'https:'
  if (isDowngraded || (!areListed && answered.origin !== called.origin)) {
    const message = `the challenge came from ${answered.origin}, which is not the origin that was called, nor in hosts`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  const isListed = (url: URL) => areListed && isAllowedHost(url, limits.hosts)
  const meant = [challenge.resource.url, ...[...originals.values()].map(hostOfRealm)].flatMap(
    httpUrl,
  )
  const foreign = meant.find((url) => url.hostname !== answered.hostname && !isListed(url))
  if (foreign !== undefined) {
    const message = `the challenge is for ${foreign.host}, but it came from ${answered.host}`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  if (isSameTarget(answered, called) || ['GET', 'HEAD'].includes(method)) return
  // Afterwards it is not known which redirect it was, and whether the body went along.
  const where = `${answered.origin}${answered.pathname}`
  const message = `the call was redirected. To pay, call ${where} itself; nothing was paid`
  throw new PaymentError('payment_unusable', message)
}

/**
 * The host in a realm. A realm can be any text. Sellers by MPP mostly put their host there, and cannot be
 * paid for another one.
 */
function hostOfRealm({ mpp }: Original): string {
  const realm = mpp?.realm ?? ''
  return /^(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?$/.test(realm) ? `https://${realm}` : realm
}

function httpUrl(text: string): URL[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? [url] : []
}

/** Whether two URLs ask a server for the same. Fragments and user names do not count. */
export function isSameTarget(a: URL, b: URL): boolean {
  return a.origin === b.origin && a.pathname === b.pathname && a.search === b.search
}

import { PaymentError } from '../../errors/payment-error.js'
import { PaymentLimitError } from '../buying/errors.js'
import type { Offer } from './http-offer.js'
import type { Original } from '../buying/payer.js'

/** An HTTP call that was answered with a challenge. */
export interface AnsweredCall {
  method: string
  /** The URL that was called. */
  called: URL
  /** The URL that answered; another one after redirects. */
  answered: URL
}

/**
 * Whether the one who asks for money is the one who was called. A challenge can come from behind a
 * redirect, or be another seller's, passed on by one who wants to have it paid. In the challenge a port
 * counts for nothing: sellers behind a proxy do not know theirs.
 *
 * @throws PaymentLimitError with limit `hosts`, or PaymentError if the call cannot be repeated as it was.
 */
export function checkHosts(
  { challenge, originals }: Offer,
  { method, called, answered }: AnsweredCall,
  hosts: readonly string[] | undefined,
): void {
  const isListed = ({ protocol, hostname, port }: URL) => {
    const standardPort = protocol === 'http:' ? '80' : '443'
    return hosts?.some((one) => one === hostname || one === `${hostname}:${port || standardPort}`)
  }
  const isDowngraded = called.protocol === 'https:' && answered.protocol !== 'https:'
  if (isDowngraded || !(isListed(answered) ?? answered.origin === called.origin)) {
    const message = `the challenge came from ${answered.origin}, which may not be paid`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  const meant = [challenge.resource.url, ...[...originals.values()].map(hostOfRealm)].flatMap(
    httpUrl,
  )
  const foreign = meant.find((url) => url.hostname !== answered.hostname && isListed(url) !== true)
  if (foreign !== undefined) {
    const message = `the challenge is for ${foreign.host} and came from ${answered.host}`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  if (isSameTarget(answered, called) || ['GET', 'HEAD'].includes(method)) return
  // Which redirect it was is not known afterwards, nor whether the body went along.
  const where = `${answered.origin}${answered.pathname}`
  const message = `the call was redirected; call ${where} itself to pay; nothing was paid`
  throw new PaymentError('payment_unusable', message)
}

/** A realm can be any text; sellers by MPP mostly put their host there, and cannot be paid for another. */
function hostOfRealm({ mpp }: Original): string {
  const realm = mpp?.realm ?? ''
  return /^(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?$/.test(realm) ? `https://${realm}` : realm
}

function httpUrl(text: string): URL[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? [url] : []
}

/** True of URLs that ask a server for the same: fragments and user names are no part of that. */
export function isSameTarget(a: URL, b: URL): boolean {
  return a.origin === b.origin && a.pathname === b.pathname && a.search === b.search
}

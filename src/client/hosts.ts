import { PaymentError } from '../errors.js'
import type { Challenge } from '../x402.js'
import { PaymentLimitError } from './errors.js'

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
  challenge: Challenge,
  { method, called, answered }: AnsweredCall,
  hosts: readonly string[] | undefined,
): void {
  const isListed = ({ host, hostname }: URL) =>
    hosts?.some((one) => one === host || one === hostname)
  const isDowngraded = called.protocol === 'https:' && answered.protocol !== 'https:'
  if (isDowngraded || !(isListed(answered) ?? answered.origin === called.origin)) {
    const message = `the challenge came from ${answered.origin}, which may not be paid`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  const { url } = challenge.resource
  const resource = URL.canParse(url) ? new URL(url) : undefined
  const isForeign = resource !== undefined && resource.hostname !== answered.hostname
  if (isForeign && /^https?:$/.test(resource.protocol) && isListed(resource) !== true) {
    const message = `the challenge is for ${resource.host} and came from ${answered.host}`
    throw new PaymentLimitError('hosts', message, challenge)
  }
  if (answered.href === called.href || ['GET', 'HEAD'].includes(method)) return
  // Which redirect it was is not known afterwards, nor whether the body went along.
  const where = `${answered.origin}${answered.pathname}`
  const message = `the call was redirected; call ${where} itself to pay; nothing was paid`
  throw new PaymentError('payment_unusable', message)
}

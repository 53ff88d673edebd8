import { PaymentError } from '../../errors/payment-error.js'
import { isRecord } from '../../wire/json.js'

/** @throws PaymentError with code `limit_exceeded` if what the call goes to is not one of the hosts. */
export function checkAllowedHosts(input: unknown, hosts: readonly string[] | undefined): void {
  if (hosts === undefined) return
  const url = isRecord(input) && typeof input['url'] === 'string' ? input['url'] : ''
  if (!URL.canParse(url)) {
    throw limitExceeded('the call has no url in its input')
  }
  const { hostname, port, protocol } = new URL(url)
  const standardPort = protocol === 'http:' ? '80' : '443'
  if (hosts.includes(hostname) || hosts.includes(`${hostname}:${port || standardPort}`)) return
  throw limitExceeded(`${hostname} may not be paid`)
}

function limitExceeded(why: string): PaymentError {
  return new PaymentError('limit_exceeded', `allowedHosts: ${why}; nothing was paid`)
}

import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'

type Headers = Readonly<Record<string, unknown>>

/** Headers that pay, by x402 in either version or by MPP. */
export function paymentHeadersIn(headers: Headers): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && isPayment(name.toLowerCase(), value) ? [[name, value]] : [],
  )
}

/** Headers that pay by x402. */
export function x402HeadersIn(headers: Headers): [name: string, value: string][] {
  return paymentHeadersIn(headers).filter(([name]) => name.toLowerCase() !== 'authorization')
}

function isPayment(name: string, value: string): boolean {
  if (name === 'authorization') return /^payment\s/i.test(value.trimStart())
  return name === PAYMENT_SIGNATURE_HEADER || name === X_PAYMENT_HEADER
}

import { record } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { RequiresPaymentOptions } from './options.js'

/** What an interceptor takes beside the options of `requiresPayment`. */
export interface HandoffOptions {
  /**
   * Encrypts what the REQUEST phase tells the RESPONSE phase. This is the verified amount, the price, the facilitator's
   * request id, and a payment that came in an HTTP header. It travels in the header `x-agentcore-x402` of the forwarded
   * request. It holds for this call and payment only, for 16 minutes. With it, RESPONSE needs no second verify. If the
   * Gateway repeats RESPONSE, it settles under the same request id.
   *
   * Without a secret, or if the Gateway does not show the header, RESPONSE verifies again and settles at most a fresh
   * price. A payment in `Authorization` is then not found, and the result is withheld. A secret is a text of at least
   * 32 bytes, the same in every container, or a function that fetches it. The function is called once, when it is
   * needed.
   *
   * @default derived from the key of our `Payments`; with other clients none
   */
  secret?: InterceptorSecret | undefined
  /**
   * Keeps the same in a place of yours too, encrypted. Then RESPONSE finds it even if the Gateway does not show the
   * changed request. HTTP targets need it, since their RESPONSE phase is shown no request at all. It needs a secret.
   *
   * @default none
   */
  store?: InterceptorStore | undefined
}

/** Options of `createInterceptor`. */
export type InterceptorOptions = RequiresPaymentOptions & HandoffOptions

/** The options of an interceptor in two parts: those of the seller, and those that connect the two phases. */
export interface SplitOptions {
  selling: RequiresPaymentOptions
  secret: InterceptorSecret | Uint8Array | undefined
  store: InterceptorStore | undefined
}

/** @throws OptionsError naming the option at fault. */
export function splitOptions(options: InterceptorOptions): SplitOptions {
  record('options', options)
  const { secret: given, store, ...selling } = options as InterceptorOptions
  if (selling.flow === 'overlap') {
    throw new OptionsError('flow', `'overlap' runs beside a handler, and an interceptor has none`)
  }
  if (given !== undefined && typeof given !== 'function' && !isLongEnough(given)) {
    throw new OptionsError('secret', 'expected a text of at least 32 bytes, or a function')
  }
  if (store !== undefined && !isStore(store)) {
    throw new OptionsError('store', 'expected an object with the functions put and take')
  }
  const secret = given ?? derivedSecret(selling.payments)
  if (store !== undefined && secret === undefined) {
    throw new OptionsError('secret', 'required together with store: it seals what is kept there')
  }
  if (selling.flow === 'upfront' && secret === undefined) {
    throw new OptionsError('secret', `required with flow 'upfront': it seals receipts and refunds`)
  }
  return { selling, secret, store }
}

function isLongEnough(secret: unknown): boolean {
  return typeof secret === 'string' && Buffer.byteLength(secret) >= 32
}

function isStore(store: unknown): boolean {
  if (typeof store !== 'object' || store === null) return false
  return ['put', 'take'].every(
    (name) => typeof (store as Record<string, unknown>)[name] === 'function',
  )
}

/** Our `Payments` derives a secret; the official client does not. */
function derivedSecret(payments: unknown): Uint8Array | undefined {
  const { deriveSecret } = (payments ?? {}) as { deriveSecret?: unknown }
  if (typeof deriveSecret !== 'function') return undefined
  return deriveSecret.call(payments, 'interceptor') as Uint8Array
}

/**
 * Where an interceptor may keep what its two phases share. Values are sealed, so the store need not be
 * trusted.
 */
export interface InterceptorStore {
  /** Keeps a value for `ttlSeconds`. */
  put(key: string, value: string, ttlSeconds: number): Promise<unknown>
  /** Removes a value and returns it, in one step: two callers never get the same value. */
  take(key: string): Promise<string | null | undefined>
}

/** The secret of the seal: at least 32 bytes, or a function that fetches it, called once. */
export type InterceptorSecret = string | (() => Promise<string> | string)

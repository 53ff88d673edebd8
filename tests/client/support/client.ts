import {
  Payments,
  PaymentsError,
  type PaymentRequired,
  type PlanRequirements,
  type PaymentsOptions,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { RESOURCE } from '../../support/outcome.js'

/** Makes our client with the seller's key. */
export const seller = (local: Local, options: Partial<PaymentsOptions> = {}) =>
  Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url, ...options })

/** Makes our client with the subscriber's key. */
export const buyer = (local: Local) => seller(local, { nvmApiKey: local.subscriberApiKey })

/** The challenge for the stack's plan, as a seller sends it. */
export function paymentRequired({ planId }: Local): PaymentRequired<PlanRequirements> {
  const accepts = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId }
  return {
    x402Version: 2,
    resource: RESOURCE,
    accepts: [{ ...accepts, extra: { version: '1' } }],
    extensions: {},
  }
}

/** The argument of verify and settle, for one credit. */
export function permission(local: Local) {
  return {
    paymentRequired: paymentRequired(local),
    x402AccessToken: local.accessToken(),
    maxAmount: 1n,
  }
}

/** The facts in the error of a rejected call. */
export async function failureOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof PaymentsError)) throw new Error('expected a PaymentsError')
  const { code, httpStatus, retryable, outcome } = error
  return { code, httpStatus, retryable, outcome }
}

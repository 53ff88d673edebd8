import {
  Payments,
  PaymentsError,
  type PaymentRequired,
  type PlanRequirements,
  type PaymentsOptions,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { RESOURCE } from '../../support/outcome.js'

/** Our client with the seller's key. */
export const seller = (local: Local, options: Partial<PaymentsOptions> = {}) =>
  Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url, ...options })

/** Our client with the key of the subscriber. */
export const buyer = (local: Local) => seller(local, { nvmApiKey: local.subscriberApiKey })

/** Terms of the stack's plan, as a seller sends them. */
export function paymentRequired({ planId }: Local): PaymentRequired<PlanRequirements> {
  const accepts = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId }
  return {
    x402Version: 2,
    resource: RESOURCE,
    accepts: [{ ...accepts, extra: { version: '1' } }],
    extensions: {},
  }
}

/** What verify and settle of one credit are asked. */
export function permission(local: Local) {
  return {
    paymentRequired: paymentRequired(local),
    x402AccessToken: local.accessToken(),
    maxAmount: 1n,
  }
}

/** What a rejected call says of itself. */
export async function failureOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof PaymentsError)) throw new Error('expected a PaymentsError')
  const { code, httpStatus, retryable, outcome } = error
  return { code, httpStatus, retryable, outcome }
}

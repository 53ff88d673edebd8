import { onlyKnown } from '../../checks.js'
import { asInput, checkClientToken } from '../manager/input-checks.js'
import {
  SETTINGS,
  checkSettings,
  withDefaults,
  type CheckedManager,
  type PaymentSettings,
} from '../manager/manager-options.js'
import type { Idempotent } from '../aws/operations.js'
import { payOffer, type PayingApi } from './pay-offer.js'
import { readPaymentRequired, type PaymentRequiredRequest } from './payment-required-request.js'
import type { CallOptions } from '../aws/sdk-call.js'

/** The input of `generatePaymentHeader`. Settings that are left out are those of the manager. */
export interface PaymentHeaderInput extends PaymentSettings, Idempotent {
  /** The 402 to pay. */
  paymentRequiredRequest: PaymentRequiredRequest
}

/** The one header that pays. */
export type PaymentHeader =
  | { 'X-PAYMENT': string }
  | { 'PAYMENT-SIGNATURE': string }
  | { Authorization: string }

const NAMES: Record<keyof PaymentHeaderInput, true> = {
  ...SETTINGS,
  clientToken: true,
  paymentRequiredRequest: true,
}

/** Turns an answer with status 402 into the header to repeat the request with. */
export async function generatePaymentHeader(
  api: PayingApi,
  input: PaymentHeaderInput,
  manager: Pick<CheckedManager, 'settings' | 'now'>,
  { abortSignal }: CallOptions = {},
): Promise<PaymentHeader> {
  asInput(() => onlyKnown('the input', input, NAMES))
  const settings = withDefaults(
    asInput(() => checkSettings(input)),
    manager.settings,
  )
  const clientToken = checkClientToken(input.clientToken)
  const offer = readPaymentRequired(input.paymentRequiredRequest)
  const { url } = input.paymentRequiredRequest
  const payment = { settings, url, clientToken, now: manager.now, abortSignal }
  const { name, value } = await payOffer(api, offer, payment)
  return { [name]: value } as PaymentHeader
}

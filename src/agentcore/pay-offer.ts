import type { PaymentInput, PaymentInstrument } from '@aws-sdk/client-bedrock-agentcore'
import { redacted } from '../reason.js'
import type { Answer, CallOptions } from './control-plane.js'
import {
  InvalidPaymentInstrument,
  PaymentInstrumentConfigurationRequired,
  PaymentSessionConfigurationRequired,
} from './errors.js'
import type { CheckedSettings } from './manager-options.js'
import { NETWORK_PREFERENCES, type NetworkFamily } from './network-preference.js'
import type { GetPaymentInstrumentInput, ProcessPaymentInput } from './operations.js'
import type { Offer } from './payment-required-request.js'
import type { ProcessedPayment } from './process-payment.js'
import { readyPayment, type ReadyPayment } from './proof.js'
import { select, type MppSelection, type X402Selection } from './select.js'
import { NO_LIMITS } from './spend-limits.js'

/** What of a manager a payment needs. */
export interface PayingApi {
  getPaymentInstrument(
    input: GetPaymentInstrumentInput,
    options: CallOptions,
  ): Promise<Answer<PaymentInstrument>>
  processPayment(input: ProcessPaymentInput, options: CallOptions): Promise<ProcessedPayment>
}

export interface OnePayment extends CallOptions {
  settings: CheckedSettings
  clientToken?: string | undefined
  nowMs: number
}

/**
 * Pays what is offered. Everything that can be known to be wrong is found before AWS is asked to sign, since
 * that takes from the session whatever becomes of the payment.
 */
export async function payOffer(
  api: PayingApi,
  offer: Offer,
  { settings, clientToken, nowMs, ...options }: OnePayment,
): Promise<ReadyPayment> {
  const { userId, paymentInstrumentId, paymentSessionId } = configured(settings)
  const instrument = await api.getPaymentInstrument({ paymentInstrumentId, userId }, options)
  const { networkPreferences = NETWORK_PREFERENCES, limits = NO_LIMITS } = settings
  const buyer = { family: payableFamily(instrument), networkPreferences, limits, nowMs }
  const selection = select(offer, buyer)
  const ids = { userId, paymentInstrumentId, paymentSessionId, clientToken }
  const request = { ...ids, ...paymentOf(selection, settings) }
  return readyPayment(await api.processPayment(request, options), selection)
}

function configured({ paymentInstrumentId, paymentSessionId, ...settings }: CheckedSettings) {
  if (paymentInstrumentId === undefined) {
    const how = 'createPaymentInstrument makes one'
    const message = `paymentInstrumentId: nothing to pay with; ${how}. ${WHERE}`
    throw new PaymentInstrumentConfigurationRequired(message)
  }
  if (paymentSessionId === undefined) {
    const how = 'createPaymentSession makes one'
    const message = `paymentSessionId: no session to pay in; ${how}. ${WHERE}`
    throw new PaymentSessionConfigurationRequired(message)
  }
  return { ...settings, paymentInstrumentId, paymentSessionId }
}

const WHERE = 'Give its id to the PaymentManager, to payer() or to the call'

/** @throws InvalidPaymentInstrument if AWS would not sign for it. */
function payableFamily({
  status,
  paymentInstrumentDetails: details,
}: Answer<PaymentInstrument>): NetworkFamily {
  if ((status as unknown) !== 'ACTIVE') {
    const message = `paymentInstrumentId: the instrument is ${redacted(status)}, not ACTIVE`
    throw new InvalidPaymentInstrument(`${message}; nothing was paid`)
  }
  const network: unknown = details.embeddedCryptoWallet?.network
  if (network === 'ETHEREUM' || network === 'SOLANA') return network
  const message = 'paymentInstrumentId: the instrument is for neither ETHEREUM nor SOLANA'
  throw new InvalidPaymentInstrument(`${message}; nothing was paid`)
}

function paymentOf(
  selection: X402Selection | MppSelection,
  { buyerPaysGasFees, permit2AllowanceLimit }: CheckedSettings,
): Pick<ProcessPaymentInput, 'paymentType' | 'paymentInput'> {
  if (selection.protocol === 'mpp') {
    const wwwAuthenticateHeaders = [selection.challenge.raw]
    const mpp = { version: '1', wwwAuthenticateHeaders, ...defined({ buyerPaysGasFees }) }
    return { paymentType: 'MPP', paymentInput: { mpp } }
  }
  const { version, entry, terms } = selection
  const allowance = terms.scheme === 'upto' ? defined({ permit2AllowanceLimit }) : {}
  const payload = entry as NonNullable<PaymentInput['cryptoX402']>['payload']
  const cryptoX402 = { version: String(version), payload, ...allowance }
  return { paymentType: 'CRYPTO_X402', paymentInput: { cryptoX402 } }
}

function defined<T extends object>(values: T): T {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T
}

import type { PaymentInput, PaymentInstrument } from '@aws-sdk/client-bedrock-agentcore'
import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import { CLOCK_SKEW_SECONDS } from '../../wire/signed-terms.js'
import { isRecord } from '../../wire/json.js'
import { defined } from '../aws/defined.js'
import {
  InvalidPaymentInstrument,
  PaymentInstrumentConfigurationRequired,
  PaymentSessionConfigurationRequired,
} from '../aws/errors.js'
import type { CheckedSettings } from '../manager/manager-options.js'
import { NETWORK_PREFERENCES, type NetworkFamily } from '../manager/network-preference.js'
import type { GetPaymentInstrumentInput, ProcessPaymentInput } from '../aws/operations.js'
import type { Offer } from './payment-required-request.js'
import type { ProcessedPayment } from '../manager/process-payment.js'
import { readyPayment, type ReadyPayment } from './proof.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'
import { select } from './select.js'
import type { MppSelection, X402Selection } from './selection.js'
import { longestOf } from '../../limits/missed-limit.js'
import { requireAllowedHost } from './forbidden.js'

/** The functions of a manager that a payment needs. */
export interface PayingApi {
  getPaymentInstrument(
    input: GetPaymentInstrumentInput,
    options: CallOptions,
  ): Promise<AwsAnswer<PaymentInstrument>>
  processPayment(input: ProcessPaymentInput, options: CallOptions): Promise<ProcessedPayment>
}

export interface OnePayment extends CallOptions {
  settings: CheckedSettings
  /** What asks for the payment, where that is known. */
  url: string | undefined
  clientToken?: string | undefined
  /** Unit: ms since the epoch. */
  now: () => number
}

/**
 * Pays an offer. Everything that can be known to be wrong is found before AWS is asked to sign. Signing takes
 * the amount from the session, whatever becomes of the payment.
 */
export async function payOffer(
  api: PayingApi,
  offer: Offer,
  { settings, url, clientToken, now, ...options }: OnePayment,
): Promise<ReadyPayment> {
  requireAllowedHost(url, settings.limits)
  const { userId, paymentInstrumentId, paymentSessionId } = configured(settings)
  const instrument = await api.getPaymentInstrument({ paymentInstrumentId, userId }, options)
  const { networkPreferences = NETWORK_PREFERENCES, limits } = settings
  const buyer = { family: payableFamily(instrument), networkPreferences, limits, nowMs: now() }
  const selection = select(offer, buyer)
  checkSize(selection)
  const ids = { userId, paymentInstrumentId, paymentSessionId, clientToken }
  const request = { ...ids, ...paymentOf(selection, settings) }
  const processed = await api.processPayment(request, options)
  // Counted from now, since AWS may have been asked more than once.
  const latestSeconds = Math.ceil(now() / 1000) + longestOf(limits) + CLOCK_SKEW_SECONDS
  return readyPayment(processed, selection, latestSeconds)
}

/**
 * How much text of the challenge may go back beside the proof. Servers of Node take 16 KiB of headers. Unit:
 * characters.
 */
const MAX_ECHO_CHARS = 8_192

/** @throws PaymentError if the text that the seller wants back leaves no room for a proof in a header. */
function checkSize(selection: X402Selection | MppSelection): void {
  if (echoChars(selection) <= MAX_ECHO_CHARS) return
  const message = 'the challenge is too long to be answered in a header; nothing was paid'
  throw new PaymentError('payment_unusable', message)
}

function echoChars(selection: X402Selection | MppSelection): number {
  if (selection.protocol === 'mpp') return selection.challenge.raw.length
  const { entry, resource, extensions } = selection
  try {
    return JSON.stringify([entry, resource, extensions]).length
  } catch {
    return Infinity // It is nested deeper than the stack.
  }
}

function configured({ paymentInstrumentId, paymentSessionId, ...settings }: CheckedSettings) {
  if (paymentInstrumentId === undefined) {
    const how = 'create one with createPaymentInstrument'
    const message = `paymentInstrumentId: no instrument to pay with was given; ${how}. ${WHERE}`
    throw new PaymentInstrumentConfigurationRequired(message)
  }
  if (paymentSessionId === undefined) {
    const how = 'create one with createPaymentSession'
    const message = `paymentSessionId: no session to pay in was given; ${how}. ${WHERE}`
    throw new PaymentSessionConfigurationRequired(message)
  }
  return { ...settings, paymentInstrumentId, paymentSessionId }
}

const WHERE = 'Give its id to the PaymentManager, to payer() or to the call'

/** @throws InvalidPaymentInstrument if AWS would not sign with it. */
function payableFamily(instrument: AwsAnswer<PaymentInstrument>): NetworkFamily {
  const { status, paymentInstrumentDetails: details }: Unchecked = instrument
  if (status !== 'ACTIVE') {
    const message = `paymentInstrumentId: the instrument is ${redacted(String(status))}, not ACTIVE`
    throw new InvalidPaymentInstrument(`${message}; nothing was paid`)
  }
  const wallet = isRecord(details) ? details['embeddedCryptoWallet'] : undefined
  const network = isRecord(wallet) ? wallet['network'] : undefined
  if (network === 'ETHEREUM' || network === 'SOLANA') return network
  const message = 'paymentInstrumentId: the instrument is for neither ETHEREUM nor SOLANA'
  throw new InvalidPaymentInstrument(`${message}; nothing was paid`)
}

/** An answer whose members are checked here: the SDK does not check them. */
interface Unchecked {
  status?: unknown
  paymentInstrumentDetails?: unknown
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

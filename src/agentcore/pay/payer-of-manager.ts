import type { PayFunction, PayerAnswer, PayerCall } from '../../client/buying/payer.js'
import { PaymentError } from '../../errors/payment-error.js'
import { mppChallenges } from '../../wire/mpp.js'
import type { Challenge } from '../../wire/x402-challenge.js'
import { PAYMENT_META_KEY } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'
import type { CheckedSettings } from '../manager/manager-options.js'
import { payOffer, type PayingApi } from './pay-offer.js'
import { readX402, type Offer } from './payment-required-request.js'

/** Pays what a paying client has chosen, in the form that its seller asked for. */
export function payerOf(api: PayingApi, settings: CheckedSettings, now: () => number): PayFunction {
  return async (challenge, call): Promise<PayerAnswer> => {
    if (!isRecord(call)) throw new PaymentError('invalid_input', 'call: expected { requirement }')
    const payment = { settings, url: call.url, now, abortSignal: call.signal }
    const { name, value, payload } = await payOffer(api, offerOf(challenge, call), payment)
    const headers = { [name]: value }
    const isForMeta = name === 'PAYMENT-SIGNATURE' && payload !== undefined
    return isForMeta ? { headers, meta: { [PAYMENT_META_KEY]: payload } } : { headers }
  }
}

/** The one way to pay that was chosen, as its seller wrote it. */
function offerOf(challenge: Challenge, { requirement, v1, mpp }: PayerCall): Offer {
  if (mpp !== undefined) return { mpp: mppChallenges(mpp.raw) }
  const x402Version = v1 === undefined ? 2 : 1
  return { x402: readX402({ ...challenge, x402Version, accepts: [v1 ?? requirement] }), mpp: [] }
}

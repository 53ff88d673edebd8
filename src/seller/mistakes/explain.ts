import { inWords, type Mistake } from '../../errors/mistake.js'
import {
  type PaymentError,
  OptionsError,
  PaymentRefusedError,
  PaymentRequiredError,
} from '../../errors/payment-error.js'
import { PaymentsError } from '../../errors/payments-error.js'
import { isNews } from '../../mistakes/told.js'
import { unreachableBackend } from '../../nevermined/backend-mistake.js'
import { isAssetRequirement } from '../../wire/x402.js'
import type { Sale } from '../options/sale.js'
import { isAssetPayment, mismatchOf } from '../rails/match-terms.js'
import { findPrice } from '../price/quote.js'
import { kindMistake, wrongClock } from './ask-facilitators.js'
import { misplacedPayment } from './misplaced-payment.js'
import { otherOffer } from './other-offer.js'
import { unreadablePayment } from './unreadable-payment.js'

/**
 * Looks for the mistake that a failure comes from, and logs it in words, once for each container. Buyers hear nothing
 * of it. Whatever fails here, the call goes on.
 */
export async function explain(sale: Sale, error: PaymentError): Promise<void> {
  try {
    const ofSetup = mistakeIn(sale, error) ?? (await mistakeOfSetup(sale, error))
    if (ofSetup !== undefined) return tell(sale, ofSetup)
    const ofBuyer = await mistakeOfBuyer(sale, error)
    // Buyers choose the words, so these are said once for each kind of mistake.
    if (ofBuyer !== undefined) tellOfBuyer(sale, ofBuyer)
  } catch {
    // The failure itself is logged in any case.
  }
}

/** The mistake that a client of ours found, or that shows in how long it took. */
function mistakeIn({ settings }: Sale, { code, cause }: PaymentError): Mistake | undefined {
  if (!(cause instanceof PaymentsError)) return undefined
  if (cause.cause instanceof OptionsError) return wrongOption(cause.cause)
  if (cause.mistake !== undefined || code !== 'plan_unavailable') return cause.mistake
  // A look-up ends with the time of the call. The client would wait for longer.
  const { backendUrl } = (settings.payments ?? {}) as { backendUrl?: unknown }
  return typeof backendUrl === 'string' ? unreachableBackend(cause, backendUrl) : undefined
}

/** What a function among the options gave is looked at when it is needed. */
function wrongOption({ option, expected }: OptionsError): Mistake {
  return {
    code: 'facilitator_key_refused',
    field: option,
    problem: 'what it gave cannot be used',
    expected: `another value: it ${expected}`,
    cure: 'Mend the function.',
  }
}

/** What only a question to a facilitator can show. It is asked once. */
async function mistakeOfSetup(sale: Sale, error: PaymentError): Promise<Mistake | undefined> {
  if (error instanceof PaymentRefusedError) {
    if (ABOUT_TIME.test(error.reason)) return wrongClock(sale)
    return ABOUT_KIND.test(error.reason) && isOfFacilitator(sale, error)
      ? unservedKind(sale)
      : undefined
  }
  // What a price needs of the facilitators could not be had of any, though they were asked.
  const isUnserved = error.code === 'facilitator_unavailable' && error.cause === undefined
  return isUnserved ? unservedKind(sale) : undefined
}

async function unservedKind(sale: Sale): Promise<Mistake | undefined> {
  const price = findPrice(sale.call, sale.settings)
  const sold = typeof price === 'object' ? price.asset : undefined
  return sold && kindMistake(sale, sold)
}

/** Reasons of ours and of facilitators that compare the time of a payment with a clock. */
const ABOUT_TIME = /valid_(after|before)|not_yet_valid|too_early|too_soon|expired|deadline/

/** Reasons that facilitators give for a kind of payment that they do not serve. */
const ABOUT_KIND =
  /scheme|network|version|support|requirement|^invalid_pay(load|ment)$|^payment refused$/

/** Whether a facilitator refused a payment in money. What we refuse ourselves, no facilitator sees. */
function isOfFacilitator(
  { arrived, settings }: Sale,
  { paymentRequired }: PaymentRefusedError,
): boolean {
  const payload = arrived?.payment.kind === 'token' ? arrived.payment.payload : undefined
  const requirements = paymentRequired.accepts.find(isAssetRequirement)
  if (payload === undefined || requirements === undefined || !isAssetPayment(payload)) return false
  const resourceUrl = paymentRequired.resource.url
  const nowSeconds = settings.now() / 1000
  return mismatchOf(payload, { requirements, resourceUrl, nowSeconds }) === undefined
}

async function mistakeOfBuyer(sale: Sale, error: PaymentError): Promise<Mistake | undefined> {
  const { arrived } = sale
  if (arrived === undefined) return undefined
  if (error instanceof PaymentRequiredError) {
    return error.code === 'payment_required'
      ? misplacedPayment(sale, arrived.event)
      : unreadablePayment(arrived.payment)
  }
  if (!(error instanceof PaymentRefusedError) || arrived.payment.kind !== 'token') return undefined
  return unreadablePayment(arrived.payment) ?? otherOffer(arrived.payment, error.paymentRequired)
}

function tell({ call, settings }: Sale, mistake: Mistake): void {
  const words = inWords(mistake)
  if (!isNews(settings.payments ?? settings, words)) return
  settings.logger.error(words, { code: mistake.code, tool: call.label })
}

function tellOfBuyer({ call, settings }: Sale, mistake: Mistake): void {
  if (!isNews(settings, mistake.code)) return
  settings.logger.warn(inWords(mistake), { code: mistake.code, tool: call.label })
}

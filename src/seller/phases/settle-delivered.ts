import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { VerifyResponse } from '../../wire/x402.js'
import type { Answer } from '../answer/answer.js'
import { toOutput, type SellerOutput } from '../events/output.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import { type Chosen, type Reserved, orEnd } from '../payment/chosen.js'
import { enter, orRelease } from '../payment/enter.js'
import { verifyPayment } from '../payment/with-hooks.js'
import { quote } from '../price/quote.js'
import { TakenOverError } from '../records/hold.js'
import { respondToReplay } from '../reply/respond.js'
import { deliverSettled, settleAndDeliver } from './deliver.js'
import { reservedByRequest } from './guarded.js'
import type { HandedOver } from './handoff-content.js'
import { entryOfResponse } from './phase-entry.js'
import type { PhaseSale } from './phase-state.js'

/** A target's answer, and what the request phase knew of the call. */
interface Answered {
  readonly answer: Answer
  readonly handed: HandedOver | undefined
}

/** Settles a target's answer. @returns `undefined` if the response goes out as it came. */
export async function settleDelivered(
  sale: PhaseSale,
  payment: FoundPayment,
  price: ToolPrice,
  { answer, handed }: Answered,
): Promise<SellerOutput | undefined> {
  // A failed answer is charged only if it is known to come from the target.
  if (handed?.kind === 'free' || (answer.failed && handed === undefined)) return undefined
  const known = handed?.kind === 'verified' ? handed : undefined
  const chosen = known?.verified ?? (await chosenAgain(sale, payment, price))
  if (chosen === 'free') return undefined
  return settleDue(sale, { chosen, answer, known }, price.keepAnswers)
}

/** An answer to settle. */
interface DueAnswer {
  readonly chosen: Chosen
  readonly answer: Answer
  readonly known: Extract<HandedOver, { kind: 'verified' }> | undefined
}

export async function settleDue(
  sale: PhaseSale,
  due: DueAnswer,
  keepsAnswers: boolean,
): Promise<SellerOutput | undefined> {
  try {
    return await settleOnce(sale, due, keepsAnswers)
  } catch (error) {
    if (!(error instanceof TakenOverError)) throw error
    // The Gateway handed the answer over twice, and the other delivery was faster.
    return settleOnce(sale, due, keepsAnswers).catch((again: unknown) => {
      // This call's settle may have charged, so the buyer must not be told that it did not.
      throw again instanceof PaymentUnavailableError ? error : again
    })
  }
}

async function settleOnce(
  sale: PhaseSale,
  { chosen, answer, known }: DueAnswer,
  keepsAnswers: boolean,
): Promise<SellerOutput | undefined> {
  const { call } = sale
  const entered = await enter(sale, chosen, entryOfResponse(sale, keepsAnswers, known?.identity))
  if (entered.kind === 'replayed') {
    return toOutput(call.id, call.transport, respondToReplay(entered))
  }
  const { hold, paid } = entered
  if (paid !== undefined) {
    if (hold?.record.isDelivered === false) await hold.delivered(answer)
    return deliverSettled(sale, answer, paid)
  }
  const before = await reservedFor(sale, chosen, known?.verified.verification)
  const good = await orEnd({ reservation: before }, () =>
    orRelease(entered, () => known?.verified ?? verifyPayment(sale, chosen)),
  )
  const reservation = await reservedFor(sale, good, good.verification)
  const verified = reservation === undefined ? good : { ...good, reservation }
  return orEnd(verified, () => settleAndDeliver(sale, verified, answer, hold))
}

/** What the request phase of this call reserved of the balance that the payment draws on. */
function reservedFor(
  sale: PhaseSale,
  chosen: Chosen,
  verification: VerifyResponse | undefined,
): Promise<Reserved | undefined> {
  return reservedByRequest(sale, chosen.token, chosen.rail.balanceOf(chosen, verification))
}

/**
 * Chooses the payment again. The request phase left no word, so the call is not free, and costs at most a
 * fresh quote.
 */
export async function chosenAgain(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<Chosen | 'free'> {
  const quoted = await quote(sale, price)
  return quoted === 'free' ? 'free' : choosePayment(quoted, found, sale.settings)
}

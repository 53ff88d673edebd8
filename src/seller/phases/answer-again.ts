import { respondToInvalid, respondToReplay, rpcError } from '../reply/respond.js'
import type { ParsedEvent } from '../events/call.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import { toOutput, type SellerOutput } from '../events/output.js'
import { validateOf, type ToolPrice } from '../options/settings.js'
import { choosePayment } from '../payment/choose-payment.js'
import { orEnd } from '../payment/chosen.js'
import { enter, orRelease } from '../payment/enter.js'
import { verifyPayment } from '../payment/with-hooks.js'
import { findPrice, quote } from '../price/quote.js'
import { refuseInput } from '../reply/refuse-input.js'
import { endWork, keysOf } from './begun-work.js'
import { lookBefore, reserved } from './guarded.js'
import { settleWorked } from './deliver.js'
import { entryOfRequest } from './phase-entry.js'
import type { PhaseSale } from './phase-state.js'

type ParsedCall = Extract<ParsedEvent, { kind: 'call' }>
type ParsedInvalid = Extract<ParsedEvent, { kind: 'invalid' }>

/**
 * Answers a response without a body again. Some Gateways show the response phase no body if the request phase
 * answered itself. They send the client what the response phase makes of it, so the challenge would be lost.
 *
 * The request phase left no word, so the call is judged once more, up to the point where it would be
 * forwarded. Hooks and events are called once more, too.
 *
 * @returns `undefined` if the request phase let the call through: then the target gave no body.
 * @throws PaymentError as the request phase did.
 */
export async function answerAgain(
  sale: PhaseSale,
  { call, payment, isTask }: ParsedCall,
): Promise<SellerOutput | undefined> {
  const { id, transport } = call
  // A notification gets no answer.
  if (id === undefined) return undefined
  const price = findPrice(call, sale.settings)
  if (price === 'other method') return undefined
  if (price === 'unknown method')
    return toOutput(id, transport, rpcError(-32601, 'Method not found'))
  if (price === 'unknown tool') return toOutput(id, transport, rpcError(-32602, 'Unknown tool'))
  if (price !== 'free' && isTask) {
    return toOutput(id, transport, rpcError(-32602, 'Tasks are not sold'))
  }
  const validate = validateOf(price, sale.settings)
  const refused = validate && (await refuseInput(sale, validate))
  if (refused !== undefined) return toOutput(id, transport, refused)
  return price === 'free' ? undefined : judgePayment(sale, payment, price)
}

export function answerInvalidAgain(invalid: ParsedInvalid): Promise<SellerOutput> {
  return toOutput(invalid.id, invalid.transport, respondToInvalid(invalid))
}

async function judgePayment(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<SellerOutput | undefined> {
  const { call, settings } = sale
  const quoted = await quote(sale, price)
  if (quoted === 'free') return undefined
  const chosen = await choosePayment(quoted, found, settings)
  const before = await lookBefore(sale, chosen)
  const entry = { ...entryOfRequest(sale, price.keepAnswers), reenters: true }
  const entered = await enter(sale, chosen, entry)
  if (entered.kind === 'replayed') {
    return toOutput(call.id, call.transport, respondToReplay(entered))
  }
  const { worked, hold, paid } = entered
  if (paid !== undefined) return undefined
  if (settings.flow === 'upfront' && worked === undefined) {
    await endWork(sale, keysOf(found))
    return undefined
  }
  const verified = await orRelease(entered, async () =>
    reserved(sale, await verifyPayment(sale, chosen), entered, before),
  )
  if (worked === undefined) {
    await endWork(sale, keysOf(found))
    await verified.reservation?.end()
    return undefined
  }
  return orEnd(verified, () => settleWorked(sale, verified, worked, hold))
}

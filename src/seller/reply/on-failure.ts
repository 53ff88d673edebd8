import { type Output, outputOfHook, toOutput } from '../events/output.js'
import type { Sale } from '../options/sale.js'
import { asPaymentError, notify } from '../payment/notify-failure.js'
import { respondToFailure } from './respond.js'

/** Logs a payment failure, tells the hook, and answers: with the hook's output or the default. */
export async function onFailure(sale: Sale, thrown: unknown): Promise<Output> {
  const { call } = sale
  const error = asPaymentError(thrown)
  const given = await notify(sale, error)
  return (
    outputOfHook(given, call) ?? toOutput(call.id, call.transport, respondToFailure(call, error))
  )
}

import type { Context } from 'aws-lambda'
import type { Call } from '../events/call.js'
import { type Output, outputOfHook, toOutput } from '../events/output.js'
import { respondToFailure } from './respond.js'
import type { Settings } from '../options/settings.js'
import { asPaymentError, notify } from '../payment/notify-failure.js'

/** Logs a payment failure, tells the hook, and answers: with the hook's output or the default. */
export async function onFailure(
  call: Call,
  thrown: unknown,
  settings: Settings,
  context: Context | undefined,
): Promise<Output> {
  const error = asPaymentError(thrown)
  const given = await notify(call, error, settings, context)
  return (
    outputOfHook(given, call) ?? toOutput(call.id, call.transport, respondToFailure(call, error))
  )
}

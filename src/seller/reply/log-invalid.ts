import { asError } from '../../errors/payment-error.js'
import type { ParsedEvent } from '../events/call.js'
import type { Settings } from '../options/settings.js'

/** Logs why an event is no call. Anybody may send such an event, so this is an error only if reading it failed. */
export function logInvalid(
  { logger }: Settings,
  { message, cause }: Extract<ParsedEvent, { kind: 'invalid' }>,
): void {
  if (cause === undefined) logger.debug('not a call', { reason: message })
  else logger.error('internal error', { error: asError(cause) })
}

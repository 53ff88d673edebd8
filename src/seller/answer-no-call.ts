import { canForward, forward, pass, toOutput, type SellerOutput } from './events/output.js'
import type { ParsedEvent } from './events/call.js'
import type { Settings } from './options/settings.js'
import { warnOnce } from './options/warn-once.js'
import { logInvalid } from './reply/log-invalid.js'
import { accepted, respondToInvalid } from './reply/respond.js'

/** Answers an event of the response phase, an answer of a client, or an event that cannot be read. */
export async function answerNoCall(
  event: unknown,
  parsed: ParsedEvent,
  settings: Settings,
): Promise<SellerOutput> {
  const { transport } = parsed
  if (parsed.delivered !== undefined) {
    warnOnce({ settings }, AT_RESPONSE, {})
    return pass(event, transport)
  }
  switch (parsed.kind) {
    case 'invalid':
      logInvalid(settings, parsed)
      return toOutput(parsed.id, transport, respondToInvalid(parsed))
    case 'client-answer':
      return canForward(transport)
        ? forward(parsed.event, transport, settings.forwardAuthorization)
        : toOutput(undefined, transport, accepted())
    default:
      return pass(event, transport)
  }
}

const AT_RESPONSE =
  'requiresPayment got an event of the RESPONSE phase, and passed it on unchanged. It settles nothing there. Attach ' +
  'it at REQUEST, or sell what is behind the Gateway with createInterceptor.'

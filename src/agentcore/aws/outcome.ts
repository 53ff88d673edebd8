import { wasNeverSent } from '../../errors/never-sent.js'

/** What is known of a failed call. */
export interface Outcome {
  /** Whether AWS may have carried it out in any attempt: an answer was lost, or does not say. */
  mayBeDone: boolean
  /** How many attempts there were. */
  attempts: number
}

export function newOutcome(): Outcome {
  return { mayBeDone: false, attempts: 0 }
}

/** The words by which an error says that AWS may have counted a payment that its seller never saw. */
export const MAY_BE_CHARGED =
  'the session may have been charged, and nothing was sent to the seller'

/**
 * Whether an error says that the session may have been charged. The same payment, asked for again with the
 * same client token, is charged once.
 */
export function mayBeCharged({ message }: Error): boolean {
  return message.includes(MAY_BE_CHARGED)
}

/** Where {@link noting} belongs in a command of the SDK: around each attempt. */
export const NOTING = { step: 'deserialize', priority: 'low', name: 'noteOutcome' } as const

type Send<Args, Sent> = (args: Args) => Promise<Sent>

/**
 * Wraps the function that sends one attempt. The SDK shows only the failure of the last attempt. That attempt
 * may be refused because of what an earlier one did.
 */
export function noting<Args, Sent extends { response: unknown }>(
  send: Send<Args, Sent>,
  outcome: Outcome,
): Send<Args, Sent> {
  return async (args) => {
    const wasDone = outcome.mayBeDone
    outcome.attempts += 1
    outcome.mayBeDone = true // A caller that gives up meanwhile does not wait for the rest.
    try {
      const sent = await send(args)
      const { statusCode } = sent.response as { statusCode: number }
      // A 4xx refuses. Any other status may come after a part of the work.
      if (statusCode >= 400 && statusCode <= 499) outcome.mayBeDone = wasDone
      return sent
    } catch (error) {
      if (isUnconnected(error)) outcome.mayBeDone = wasDone
      throw error
    }
  }
}

/** Whether no connection was made, so that nothing was sent. */
function isUnconnected(error: unknown): boolean {
  const { code, name, message } = (error ?? {}) as Record<string, unknown>
  if (wasNeverSent(error)) return true
  if (typeof code === 'string') return false
  // Only its words tell the SDK's `connectionTimeout` from its other timeouts.
  const words = typeof message === 'string' ? message : ''
  return name === 'TimeoutError' && words.includes('did not establish a connection')
}

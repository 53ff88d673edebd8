import { wasNeverSent } from '../../errors/never-sent.js'

/** What is known of a call that failed. */
export interface Outcome {
  /** Whether AWS may have carried it out, in any of its attempts: the answer was lost, or says nothing of it. */
  mayBeDone: boolean
  /** How often it was attempted. */
  attempts: number
}

export function newOutcome(): Outcome {
  return { mayBeDone: false, attempts: 0 }
}

/** How an error says that AWS may have counted a payment that its seller never saw. */
export const MAY_BE_CHARGED = 'the session may have been charged, nothing was sent to the seller'

/**
 * Whether an error says so. The same payment, asked for again with the same client token, is charged once.
 */
export function mayBeCharged({ message }: Error): boolean {
  return message.includes(MAY_BE_CHARGED)
}

/** Where in a command of the SDK {@link noting} belongs: around each attempt. */
export const NOTING = { step: 'deserialize', priority: 'low', name: 'noteOutcome' } as const

type Send<Args, Sent> = (args: Args) => Promise<Sent>

/**
 * Wraps what sends one attempt. The SDK shows only the failure of the last attempt, and that one can be
 * refused because of what an earlier one did.
 */
export function noting<Args, Sent extends { response: unknown }>(
  send: Send<Args, Sent>,
  outcome: Outcome,
): Send<Args, Sent> {
  return async (args) => {
    const wasDone = outcome.mayBeDone
    outcome.attempts += 1
    outcome.mayBeDone = true // whoever gives up meanwhile does not wait for the rest
    try {
      const sent = await send(args)
      const { statusCode } = sent.response as { statusCode: number }
      // A 4xx refuses, anything else may come from halfway through.
      if (statusCode >= 400 && statusCode <= 499) outcome.mayBeDone = wasDone
      return sent
    } catch (error) {
      if (isUnconnected(error)) outcome.mayBeDone = wasDone
      throw error
    }
  }
}

/** No connection came about, so nothing was sent. */
function isUnconnected(error: unknown): boolean {
  const { code, name, message } = (error ?? {}) as Record<string, unknown>
  if (wasNeverSent(error)) return true
  if (typeof code === 'string') return false
  // The SDK's `connectionTimeout`, told from its other timeouts by its words alone.
  const words = typeof message === 'string' ? message : ''
  return name === 'TimeoutError' && words.includes('did not establish a connection')
}

/** What is known of a call that failed. */
export interface Outcome {
  /** Whether AWS may have carried it out, in any of its attempts: the answer was lost, or says nothing of it. */
  mayBeDone: boolean
}

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
    try {
      const sent = await send(args)
      const { statusCode } = sent.response as { statusCode: number }
      // A 4xx refuses, anything else may come from halfway through.
      if (statusCode < 400 || statusCode > 499) outcome.mayBeDone = true
      return sent
    } catch (error) {
      if (!isUnconnected(error)) outcome.mayBeDone = true
      throw error
    }
  }
}

const UNCONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** No connection came about, so nothing was sent. */
function isUnconnected(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && UNCONNECTED.includes(code)
}

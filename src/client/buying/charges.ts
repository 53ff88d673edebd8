import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Notes whether the payer of one purchase may have been charged elsewhere. The session of AgentCore payments
 * pays when it signs, whatever becomes of the signature.
 */
export class Charges {
  possible = 0

  /** Runs a task that calls a payer. Charges meanwhile count here. */
  watch<T>(task: () => Promise<T>): Promise<T> {
    return current.run(this, task)
  }
}

/**
 * The purchase under way. A payer may be wrapped and return another object, so the async context tells which
 * purchase called it.
 */
const current = new AsyncLocalStorage<Charges>()

/**
 * Notes that from now on something may be charged for the purchase under way.
 *
 * @returns a function to call if it is certain that nothing was charged
 */
export function noteCharge(): () => void {
  const charges = current.getStore()
  if (charges === undefined) return () => undefined
  charges.possible += 1
  return () => void (charges.possible -= 1)
}

/** Whether something may have been charged for the purchase under way. */
export function mayBeCharged(): boolean {
  return (current.getStore()?.possible ?? 0) > 0
}

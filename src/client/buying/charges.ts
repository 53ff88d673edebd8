import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * What the payer of one purchase may have had charged elsewhere. The session of AgentCore payments pays when it
 * signs, whatever becomes of the signature.
 */
export class Charges {
  possible = 0

  /** Runs what asks a payer; what is charged meanwhile counts here. */
  watch<T>(task: () => Promise<T>): Promise<T> {
    return current.run(this, task)
  }
}

/** A payer may be wrapped, and its answer be another object than it gave: so it is told apart by who asked it. */
const current = new AsyncLocalStorage<Charges>()

/**
 * Tells that from now on something may be charged for the purchase under way.
 *
 * @returns to be called where it is certain that nothing was
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

import { PaymentError, asError } from '../../errors/payment-error.js'
import { PaymentManagerCreationFailed, type Leftover } from '../aws/errors.js'

/** The error that says what went wrong, and what is or may be left of what was made before. */
export function creationFailed(
  error: unknown,
  leftovers: readonly Leftover[],
): PaymentManagerCreationFailed {
  const why = error instanceof PaymentError ? error.message : asError(error).name
  const rest = [
    listed('to be deleted by hand', leftovers, true),
    listed("perhaps left, or somebody else's", leftovers, false),
  ].filter((one) => one !== undefined)
  const left = rest.length === 0 ? 'nothing is left of it' : rest.join('; ')
  const message = `the payment manager with connector was not made: ${why}; ${left}`
  return new PaymentManagerCreationFailed(message, leftovers, { cause: error })
}

function listed(what: string, all: readonly Leftover[], certain: boolean): string | undefined {
  const some = all.filter(({ isCertain }) => isCertain === certain)
  const names = some.map(({ resource, id, reason }) => `${resource} ${id} (${reason})`)
  return some.length === 0 ? undefined : `${what}: ${names.join(', ')}`
}

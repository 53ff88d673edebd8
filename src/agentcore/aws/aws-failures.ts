import { PaymentError } from '../../errors/payment-error.js'

/** Reads what the failure of a call of the control plane means for the next step. */

/** The name that AWS gave the error, or our own code. */
export function awsNameOf(error: unknown): string | undefined {
  return error instanceof PaymentError ? error.code.replace(/^aws\./, '') : undefined
}

/** Whether the resource is not there, or not yet. */
export function isAbsent(error: unknown): boolean {
  return awsNameOf(error) === 'ResourceNotFoundException'
}

const THROTTLED = [
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'http_429',
]

/** Whether a look that failed like this may be repeated. */
export function isNoNews(error: unknown): boolean {
  const name = awsNameOf(error)
  return name !== undefined && (name === 'timeout' || THROTTLED.includes(name))
}

/** Whether another resource has the name, or another request is under way. */
export function isConflict(error: unknown): boolean {
  return awsNameOf(error) === 'ConflictException'
}

const IN_THE_WAY = [
  'ConflictException',
  'RetryableConflictException',
  'ConcurrentModificationException',
]

/**
 * Whether a deletion that failed like this may succeed later: another resource has to go first, or AWS cannot
 * be reached.
 */
export function isInTheWay(error: unknown): boolean {
  if (!(error instanceof PaymentError)) return false
  if (isNoNews(error) || IN_THE_WAY.includes(awsNameOf(error) ?? '')) return true
  const { httpStatus = 500 } = (error.cause ?? {}) as { httpStatus?: number }
  return httpStatus < 400 || httpStatus > 499
}

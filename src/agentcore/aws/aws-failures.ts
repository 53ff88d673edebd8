import { PaymentError } from '../../errors/payment-error.js'

/** What the failure of a call of the control plane means for what is done next. */

/** The name AWS gave an error, or our code where AWS gave none. */
export function awsNameOf(error: unknown): string | undefined {
  return error instanceof PaymentError ? error.code.replace(/^aws\./, '') : undefined
}

/** What was asked for is not there, or not yet. */
export function isAbsent(error: unknown): boolean {
  return awsNameOf(error) === 'ResourceNotFoundException'
}

const THROTTLED = [
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'http_429',
]

/** A look that failed like this is worth another. */
export function isNoNews(error: unknown): boolean {
  const name = awsNameOf(error)
  return name !== undefined && (name === 'timeout' || THROTTLED.includes(name))
}

/** Something else has the name, or is under way. */
export function isConflict(error: unknown): boolean {
  return awsNameOf(error) === 'ConflictException'
}

const IN_THE_WAY = [
  'ConflictException',
  'RetryableConflictException',
  'ConcurrentModificationException',
]

/** A deletion that failed like this may succeed later: something else has to go first, or AWS cannot be reached. */
export function isInTheWay(error: unknown): boolean {
  if (!(error instanceof PaymentError)) return false
  if (isNoNews(error) || IN_THE_WAY.includes(awsNameOf(error) ?? '')) return true
  const { httpStatus = 500 } = (error.cause ?? {}) as { httpStatus?: number }
  return httpStatus < 400 || httpStatus > 499
}

import { PaymentError } from '../../errors/payment-error.js'
import type { AwsFailure } from '../aws/aws-error.js'
import {
  InsufficientBudget,
  InvalidPaymentInstrument,
  PaymentInstrumentNotFound,
  PaymentSessionExpired,
  PaymentSessionNotFound,
} from '../aws/errors.js'

/**
 * Turns an error of AWS into one of ours. AWS has one ValidationException for everything that is wrong with a
 * payment. Only its words, and the fields that it may name, tell what is wrong.
 */
type Specific = (failure: AwsFailure) => PaymentError | undefined

/** Errors of operations on one instrument. */
export const instrumentError: Specific = (failure) =>
  isNotFound(failure) && subjectOf(failure, 'instrument') === 'instrument'
    ? new PaymentInstrumentNotFound(failure.message, failure.options)
    : undefined

/** Errors of operations on one session. */
export const sessionError: Specific = (failure) =>
  isNotFound(failure) && subjectOf(failure, 'session') === 'session'
    ? new PaymentSessionNotFound(failure.message, failure.options)
    : undefined

export const sessionCreationError: Specific = ({ name, rawMessage, fields, message, options }) => {
  const isExpiry = /expir|duration/i.test(rawMessage) || fields.includes('expiryTimeInMinutes')
  if (name !== 'ValidationException' || !isExpiry) return undefined
  return new PaymentError('invalid_input', `expiryTimeInMinutes: ${message}`, options)
}

export const processPaymentError: Specific = (failure) => {
  const { name, rawMessage, message, options } = failure
  if (isNotFound(failure)) return missing(failure)
  if (name !== 'ValidationException') return undefined
  if (/budget|insufficient|spend|exceed.{0,200}limit/i.test(rawMessage)) {
    return new InsufficientBudget(message, options)
  }
  const subject = subjectOf(failure, undefined)
  const isOver = /expired|inactive|not active/i.test(rawMessage)
  if (isOver && subject === 'session') return new PaymentSessionExpired(message, options)
  if (subject === 'instrument' || /inactive/i.test(rawMessage)) {
    return new InvalidPaymentInstrument(message, options)
  }
  const isOther = /challenge|authorization|credential|token/i.test(rawMessage)
  const isSession = /expired/i.test(rawMessage) && !isOther
  return isSession ? new PaymentSessionExpired(message, options) : undefined
}

function missing(failure: AwsFailure): PaymentError | undefined {
  const { message, options } = failure
  const subject = subjectOf(failure, undefined)
  if (subject === 'session') return new PaymentSessionNotFound(message, options)
  return subject === 'instrument' ? new PaymentInstrumentNotFound(message, options) : undefined
}

const NOT_FOUND = /not (?:be )?found|n[o']t exist|no such/i

function isNotFound({ name, rawMessage }: AwsFailure): boolean {
  if (name === 'ValidationException') return NOT_FOUND.test(rawMessage)
  return name === 'ResourceNotFoundException'
}

type Subject = 'session' | 'instrument' | 'other'

/**
 * What a message is about. The subject is the last word before the message says what is wrong, or else
 * the first word after. So both "instrument session not found" and "session … not found for instrument …" are
 * about the session.
 */
function subjectOf<T extends Subject | undefined>(
  { rawMessage, fields }: AwsFailure,
  unnamed: T,
): Subject | T {
  const wrong = WRONG.exec(rawMessage)
  const at = wrong?.index ?? rawMessage.length
  const last = [...rawMessage.slice(0, at).matchAll(THINGS)].at(-1)
  const named = last ?? rawMessage.slice(at).match(THINGS)
  const thing = (named?.[0] ?? fields.join(' ').match(THINGS)?.[0])?.toLowerCase()
  if (thing === undefined) return unnamed
  return thing === 'session' || thing === 'instrument' ? thing : 'other'
}

const WRONG = new RegExp(`${NOT_FOUND.source}|expired|inactive|not active`, 'i')
const THINGS = /session|instrument|connector|manager/gi

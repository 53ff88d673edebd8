import { OptionsError, PaymentError } from '../errors.js'
import { isRecord } from '../x402.js'
import { optionalHeaderText, optionalText, text } from './checks.js'

/** Of methods: what does not fit is an error of the call, not of an option. */
export function asInput<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    throw new PaymentError('invalid_input', error.message)
  }
}

/** @throws PaymentError with code `invalid_input` naming the first member that is no non-empty string. */
export function requireTexts<T extends object>(input: T, ...names: (keyof T & string)[]): void {
  if (!isRecord(input)) throw new PaymentError('invalid_input', 'expected an object of members')
  asInput(() => names.forEach((name) => text(name, input[name])))
}

/** @throws PaymentError with code `invalid_input`, where AWS would have none of it. */
export function checkClientToken(value: unknown): string | undefined {
  const token = asInput(() => optionalText('clientToken', value))
  const isFit = token === undefined || /^(?=.{33,256}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(token)
  if (isFit) return token
  const expected = 'expected 33 to 256 letters, digits and inner hyphens'
  throw new PaymentError('invalid_input', `clientToken: ${expected}`)
}

export function checkUserId(value: unknown): string | undefined {
  return asInput(() => optionalHeaderText('userId', value, 120))
}

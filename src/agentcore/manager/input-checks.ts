import { onlyKnown, optionalHeaderText, optionalText, text } from '../../checks.js'
import { OptionsError, PaymentError } from '../../errors/payment-error.js'

/**
 * Checks the input of a method: what does not fit is an error of the call (`invalid_input`), not of an
 * option.
 */
export function asInput<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    throw new PaymentError('invalid_input', error.message)
  }
}

/** The members an input may have, and which of them must be a non-empty string. */
export type Members<T> = { readonly [K in keyof Required<T>]: 'text' | 'any' }

/**
 * Refuses members that AWS's model does not have. The SDK would drop them without a word, e.g. a misspelt
 * limit.
 *
 * @throws PaymentError with code `invalid_input` naming the member.
 */
export function checkMembers<T extends object>(input: T, members: Members<T>): void {
  asInput(() => {
    onlyKnown('the input', input, members)
    for (const [name, kind] of Object.entries<'text' | 'any'>(members)) {
      if (kind === 'text') text(name, (input as Record<string, unknown>)[name])
    }
  })
}

/** @throws PaymentError with code `invalid_input` if AWS would refuse the token. */
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

import { record, refuseUnknown, text } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { isRecord } from '../../wire/json.js'
import { checkWait, refuseSignal, type Wait } from './wait-options.js'

/** A method and its options. */
export interface Method<In> {
  name: string
  /** Every member of AWS's input. Some are texts or objects that are required, the others are optional. */
  members: Readonly<Record<keyof In, 'text' | 'object' | 'optional'>>
  /** Options about waiting. */
  waits?: Readonly<Record<string, true>>
}

/**
 * Checks and splits the options of a method. The SDK would drop members that AWS's model does not have
 * without a word, e.g. misspelt ones. So they are refused.
 *
 * @throws OptionsError naming the option at fault
 * @throws the reason of a signal that is aborted already
 */
export function checkOptions<In extends object>(
  { name: method, members, waits = {} }: Method<In>,
  options: object,
  abortSignal?: AbortSignal,
): { input: In; wait: Wait } {
  if (!isRecord(options)) throw new OptionsError(method, 'expected an object of options')
  refuseSignal(options)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  refuseUnknown(
    Object.fromEntries(given),
    { ...members, ...waits },
    `is not an option of ${method}`,
  )
  const input = Object.fromEntries(given.filter(([name]) => Object.hasOwn(members, name)))
  for (const [name, kind] of Object.entries<string>(members)) {
    if (kind === 'text') text(name, input[name])
    if (kind === 'object') record(name, input[name])
  }
  const wait = checkWait(options, abortSignal)
  abortSignal?.throwIfAborted()
  return { input: input as In, wait }
}

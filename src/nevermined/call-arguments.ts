import { refuseUnknown, text } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'

/**
 * Reads the arguments of the calls of `Payments`. They come one after the other, as in the official TypeScript
 * client, or in one object, as in Python. Each function gives the arguments by name.
 *
 * Every function throws an OptionsError that names the argument at fault.
 */

export type Names = Readonly<Record<string, true>>

export interface PlanArguments {
  planId: string
}

export function planArguments(method: string, given: readonly unknown[]): PlanArguments {
  const { planId } = named(method, given, ['planId'])
  return { planId: text('planId', planId) }
}

/** Gives the arguments by name, from both forms. */
export function named(
  method: string,
  given: readonly unknown[],
  names: readonly string[],
): Record<string, unknown> {
  const [first, ...others] = given
  if (!isRecord(first)) {
    if (given.length <= names.length)
      return Object.fromEntries(names.map((it, i) => [it, given[i]]))
    throw new OptionsError(method, `takes ${names.join(', ')}, and nothing after them`)
  }
  if (others.some((other) => other !== undefined)) {
    throw new OptionsError(method, `takes ${names.join(', ')}, or one object of them, not both`)
  }
  const known = Object.fromEntries(names.map((name) => [name, true]))
  refuseUnknown(first, known, `is not an argument of ${method}`)
  return first
}

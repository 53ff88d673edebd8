import { record, refuseUnknown, text } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { toAmount } from '../wire/amounts.js'
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

/** Checks the argument of verify and settle. The API defines the members. The token is not read. */
export function checkPermission(method: string, params: unknown): void {
  if (!isRecord(params)) {
    const wanted = `${method} takes one object: { paymentRequired, x402AccessToken, maxAmount }`
    throw new OptionsError('params', wanted)
  }
  const styled = Object.keys(params).find((key) => key.includes('_'))
  if (styled !== undefined) {
    refuseUnknown({ [styled]: true }, PERMISSION, `is not a parameter of ${method}`)
  }
  record('paymentRequired', params['paymentRequired'])
  text('x402AccessToken', params['x402AccessToken'])
  const { maxAmount } = params
  if (maxAmount === undefined || toAmount(maxAmount) !== undefined) return
  throw new OptionsError('maxAmount', 'expected whole credits ≥ 0 as bigint or decimal string')
}

const PERMISSION: Names = {
  paymentRequired: true,
  x402AccessToken: true,
  maxAmount: true,
  agentRequestId: true,
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

import { toAmount } from './wire/amounts.js'
import { didYouMean } from './errors/did-you-mean.js'
import { OptionsError } from './errors/payment-error.js'
import { isRecord } from './wire/json.js'

/**
 * Checks of what a developer writes. Each returns the value, or throws an OptionsError that names the option.
 */

/** @throws OptionsError naming the first key that is not among `names`. */
export function onlyKnown(
  prefix: string,
  value: unknown,
  names: Readonly<Record<string, unknown>>,
): asserts value is Record<string, unknown> {
  record(prefix, value)
  refuseUnknown(value, names, `is not one of ${prefix}`)
}

/**
 * Refuses the first key that is not among `names`, and names the nearest key that exists.
 *
 * @param why what is wrong with the key, e.g. "is not an option"
 * @param path what stands before the key in the name of the option
 */
export function refuseUnknown(given: object, names: object, why: string, path = ''): void {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(names, key))
  if (unknown === undefined) return
  throw new OptionsError(path + unknown, why + didYouMean(unknown, Object.keys(names), ELSEWHERE))
}

/**
 * Names of AWS's Python SDK and former names of ours, folded, with their name here. Spelling alone would not find
 * them.
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
  boto3session: 'credentials, or client',
  botoclientconfig: 'maxAttempts, requestTimeoutMs, or client',
  percall: 'maxAmountPerPayment',
}

export function record(name: string, value: unknown): asserts value is Record<string, unknown> {
  if (!isRecord(value)) throw new OptionsError(name, 'expected an object')
}

export function text(name: string, value: unknown): string {
  if (isText(value)) return value
  throw new OptionsError(name, 'expected a non-empty string')
}

export function optionalText(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : text(name, value)
}

/** A text that goes into an HTTP header. */
export function optionalHeaderText(
  name: string,
  value: unknown,
  maxChars: number,
): string | undefined {
  const found = optionalText(name, value)?.trim()
  if (found === undefined || (/^[\x20-\x7e]+$/.test(found) && found.length <= maxChars)) {
    return found
  }
  throw new OptionsError(name, `expected at most ${maxChars} printable ASCII characters`)
}

export function optionalFlag(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new OptionsError(name, 'expected true or false')
}

/**
 * A list that may be left out, which means that there is no limit. An empty list would forbid everything: it
 * is refused.
 */
export function texts(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isText)) return [...value]
  throw new OptionsError(name, 'expected a non-empty list of non-empty strings')
}

/** A list that may be empty. */
export function optionalTexts(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every(isText)) return [...value]
  throw new OptionsError(name, 'expected a list of non-empty strings')
}

export function optionalFunction<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw new OptionsError(name, 'expected a function')
}

export function optionalInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value)
  throw new OptionsError(name, `expected a whole number from ${min} to ${max}`)
}

/** The longest time a Lambda can run. Unit: ms. */
const MAX_MS = 900_000

export function optionalMilliseconds(name: string, value: unknown): number | undefined {
  const isWhole = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_MS
  if (value === undefined || isWhole) return value as number | undefined
  throw new OptionsError(name, `expected whole milliseconds from 1 to ${MAX_MS}`)
}

/** Whole seconds, at least one. */
export function optionalSeconds(name: string, value: unknown): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)) {
    return value as number | undefined
  }
  throw new OptionsError(name, 'expected a whole number of seconds > 0')
}

/** A whole amount of credits, or of an asset's atomic units. */
export function amount(name: string, value: unknown): bigint {
  const units = toAmount(value)
  if (units !== undefined) return units
  throw new OptionsError(name, 'expected a whole amount ≥ 0 as bigint or decimal string')
}

export function optionalAmount(name: string, value: unknown): bigint | undefined {
  return value === undefined ? undefined : amount(name, value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

import { toAmount } from './wire/amounts.js'
import { OptionsError } from './errors/payment-error.js'
import { isRecord } from './wire/json.js'

/** Checks of what a developer writes. Each gives the value back, or throws an OptionsError that names it. */

/** @throws OptionsError naming the first key that is none of `names`. */
export function onlyKnown(
  prefix: string,
  value: unknown,
  names: Readonly<Record<string, unknown>>,
): asserts value is Record<string, unknown> {
  if (!isRecord(value)) throw new OptionsError(prefix, 'expected an object')
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(names, key))
  if (unknown !== undefined) throw new OptionsError(unknown, `is not one of ${prefix}`)
}

export function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new OptionsError(name, 'expected a non-empty string')
}

export function optionalText(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : text(name, value)
}

/** What goes into an HTTP header. */
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

export function optionalTexts(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const isText = (item: unknown) => typeof item === 'string' && item.trim() !== ''
  if (Array.isArray(value) && value.every(isText)) return [...(value as string[])]
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

/** Whole seconds, at least one. */
export function optionalSeconds(name: string, value: unknown): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)) {
    return value as number | undefined
  }
  throw new OptionsError(name, 'expected a whole number of seconds > 0')
}

/** Of credits, or of an asset's atomic units. */
export function amount(name: string, value: unknown): bigint {
  const units = toAmount(value)
  if (units !== undefined) return units
  throw new OptionsError(name, 'expected a whole amount ≥ 0 as bigint or decimal string')
}

export function optionalAmount(name: string, value: unknown): bigint | undefined {
  return value === undefined ? undefined : amount(name, value)
}

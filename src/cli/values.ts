import { UsageError } from './ended.js'

/** Reads a whole number. */
export function wholeNumber(flag: string, max: number, min = 0): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d{1,16}$/.test(text) && number >= min && number <= max) return number
    throw new UsageError(`${flag} expects a whole number from ${min} to ${max}`)
  }
}

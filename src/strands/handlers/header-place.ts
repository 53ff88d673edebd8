import { isRecord } from '../../wire/json.js'

/** `null` is none: models write it where they mean to leave something out. */
export function headersIn(input: Record<string, unknown>): Record<string, unknown> | undefined {
  const headers = Object.hasOwn(input, 'headers') ? (input['headers'] ?? {}) : {}
  return isRecord(headers) ? headers : undefined
}

/** A copy whose `headers` have these, in place of those of the same name; `undefined` if it cannot have any. */
export function withHeader(
  input: unknown,
  header: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined {
  const headers = isRecord(input) ? headersIn(input) : undefined
  if (!isRecord(input) || headers === undefined) return undefined
  const names = Object.keys(header).map((name) => name.toLowerCase())
  const others = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()))
  return { ...input, headers: Object.fromEntries([...others, ...Object.entries(header)]) }
}

import { isRecord } from '../../wire/json.js'

/** The `headers` of an input. `null` means none: models write it to leave something out. */
export function headersIn(input: Record<string, unknown>): Record<string, unknown> | undefined {
  const headers = Object.hasOwn(input, 'headers') ? (input['headers'] ?? {}) : {}
  return isRecord(headers) ? headers : undefined
}

/**
 * A copy of the input whose `headers` have these. They replace headers of the same name. `undefined` if there
 * is no place for them.
 */
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

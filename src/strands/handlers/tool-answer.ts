import { isRecord, parseJson as parse } from '../../wire/json.js'

/** The HTTP answer that a tool got, as far as its result shows it. */
export interface ToolAnswer {
  statusCode?: number | undefined
  headers?: Record<string, string> | undefined
  body?: Record<string, unknown> | undefined
}

/** A longer text is not parsed: this is a megabyte of body, escaped. Unit: characters. */
const MAX_TEXT_CHARS = 4_194_304

/** `{ statusCode, headers, body }` as the tool wrote it. Members of another type are left out. */
export function answerOf({ statusCode, headers, body }: Record<string, unknown>): ToolAnswer {
  return { statusCode: statusOf(statusCode), headers: headersOf(headers), body: objectOf(body) }
}

export function statusOf(value: unknown): number | undefined {
  return Number.isInteger(value) ? Number(value) : undefined
}

/** The headers. A header that came several times may be a list. */
export function headersOf(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value).flatMap(([name, one]): [string, string][] => {
    const text = Array.isArray(one) ? one.filter(isText).join(', ') : one
    if (isText(text)) return [[name, text]]
    return typeof text === 'number' || typeof text === 'boolean' ? [[name, String(text)]] : []
  })
  // A key named `__proto__` stays an ordinary key.
  return Object.fromEntries(entries)
}

/** Reads an object, or the JSON of one. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  const found = isText(value) ? parseJson(value) : value
  return isRecord(found) ? found : undefined
}

export function parseJson(text: string): unknown {
  return text.length > MAX_TEXT_CHARS ? undefined : parse(text)
}

/** The texts and JSON objects of a result, in their order. */
export function blocksOf(result: unknown): (string | Record<string, unknown>)[] {
  const content = isRecord(result) ? result['content'] : undefined
  const blocks: unknown[] = Array.isArray(content) ? content : []
  return blocks.flatMap((block) => {
    const said: unknown[] = isRecord(block) ? [block['text'], block['json']] : []
    return said.filter((one) => isText(one) || isRecord(one)).slice(0, 1)
  })
}

/** Whether a tool says that its call failed. */
export function isFailure(result: unknown): boolean {
  return isRecord(result) && (result['status'] === 'error' || result['isError'] === true)
}

/** The only block of a result; `undefined` if there are more, or none. */
export function onlyBlockOf(result: unknown): string | Record<string, unknown> | undefined {
  const content = isRecord(result) ? result['content'] : undefined
  return Array.isArray(content) && content.length === 1 ? blocksOf(result)[0] : undefined
}

export function textsOf(result: unknown): string[] {
  return blocksOf(result).filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

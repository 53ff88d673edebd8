import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isRecord } from '../../wire/json.js'

/** An HTTP response, as it is sent. */
export interface FunctionUrlResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

/**
 * The response that a Function URL makes of what the handler returned. Without a `statusCode` all of it is the body, as
 * JSON.
 *
 * @returns `undefined` for what a Function URL cannot send. It answers with 502 then.
 * @throws TypeError that names a header which HTTP cannot carry. The answer is 502 then, too.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
export function functionUrlResponse(output: unknown): FunctionUrlResponse | undefined {
  if (!isRecord(output) || output['statusCode'] === undefined) {
    const text = typeof output === 'string' ? output : JSON.stringify(output ?? null)
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) }
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = output
  const status = Number(statusCode)
  const text = body ?? ''
  if (!isStatus(status) || typeof text !== 'string' || !isRecord(headers ?? {})) return undefined
  return {
    status,
    headers: sentHeaders((headers ?? {}) as Record<string, unknown>, cookies),
    body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'),
  }
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

function sentHeaders(
  headers: Readonly<Record<string, unknown>>,
  cookies: unknown,
): FunctionUrlResponse['headers'] {
  const named = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => name !== FRAMING)
  const all: FunctionUrlResponse['headers'] = {
    'content-type': 'application/json',
    ...Object.fromEntries(named),
    ...(Array.isArray(cookies) && cookies.length > 0 && { 'set-cookie': cookies.map(String) }),
  }
  for (const [name, value] of Object.entries(all)) {
    validateHeaderName(name)
    for (const one of [value].flat()) validateHeaderValue(name, one)
  }
  return all
}

/** The server says by itself where a message ends: by its length. */
const FRAMING = 'transfer-encoding'

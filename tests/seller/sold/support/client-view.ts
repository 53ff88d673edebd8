import type { Door } from '../../../support/events.js'
import { GATEWAY_HTTP, LOAD_BALANCERS } from '../../../support/events.js'

type Fields = Readonly<Record<string, unknown>>

/** What a client gets. The platform has made a response of the Lambda's answer. */
export interface View {
  readonly status: unknown
  readonly statusDescription?: unknown
  /** All values of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  /** The bytes in base64. */
  readonly bytes: string
}

/**
 * What a client sees of an output.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function viewOf(door: Door, output: unknown): View {
  const { http, ...plain } = output as { http?: { transformedGatewayResponse: Fields } } & Fields
  const response = door === GATEWAY_HTTP ? (http?.transformedGatewayResponse ?? {}) : plain
  const { statusCode, headers, multiValueHeaders, cookies, statusDescription } = response
  const isRest = door.name.startsWith('a REST API')
  const isV2 = /^an? (Function URL|HTTP API)/.test(door.name)
  const isMulti = door.name.includes('multi-value')
  const takesLists = isMulti || isRest
  const all = [
    ...(isMulti ? [] : entriesOf(headers)),
    ...(takesLists ? entriesOf(multiValueHeaders) : []),
    ...(isV2 ? entriesOf({ 'set-cookie': cookies ?? [] }) : []),
  ]
  const view: Record<string, string[]> = {}
  for (const [name, values] of all) (view[name] ??= []).push(...values)
  const { body = '', isBase64Encoded, contentType } = response
  if (contentType !== undefined) view['content-type'] ??= [contentType as string]
  if (isV2 || isRest) view['content-type'] ??= ['application/json']
  const isBase64 = door === GATEWAY_HTTP || isBase64Encoded === true
  return {
    status: statusCode,
    ...(LOAD_BALANCERS.includes(door) && { statusDescription }),
    headers: view,
    bytes: Buffer.from(String(body), isBase64 ? 'base64' : 'utf8').toString('base64'),
  }
}

function entriesOf(headers: unknown): [string, string[]][] {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>)
  return entries
    .map(([name, value]): [string, string[]] => [
      name.toLowerCase(),
      Array.isArray(value) ? value.map(String) : [String(value)],
    ])
    .filter(([, values]) => values.length > 0)
}

/** The headers that a sale adds to an answer. */
const RECEIPTS = ['payment-response', 'x-payment-response', 'cache-control']

export function withoutReceipts(view: View): View {
  const kept = Object.entries(view.headers).filter(([name]) => !RECEIPTS.includes(name))
  return { ...view, headers: Object.fromEntries(kept) }
}

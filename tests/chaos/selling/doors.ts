import { isRecord, parseJson } from '../../../src/wire/json.js'
import { FUNCTION_URL, base64, decoded, lowerCase } from '../../support/events.js'
import type { Raw } from '../answers.js'

type Fields = Record<string, unknown>

/** A call on its way to the seller. */
export interface Sent {
  call: string
  /** As a header has it; as the MCP transport has it. */
  payment?: { text: string; value: unknown } | undefined
  carrier: 'meta' | 'header'
}

/** How a Lambda is called that sells by itself. */
export interface Door {
  event: (sent: Sent) => Fields
  read: (output: unknown) => Raw
}

const TOOL = 'T___work'
const PATH = '/work'

/** The name of the call that an event brings to a handler or a target. */
export function callIn(event: unknown): string {
  const text = JSON.stringify(event).replaceAll('\\', '')
  const found = /"call":"([\w-]+)"/.exec(text)?.[1]
  if (found === undefined) throw new Error('no call in an event')
  return found
}

/** The same of an event as a seller gets it: before HTTP targets, the body is in base64. */
export function callAtSeller(event: unknown): string {
  const http = isRecord(event) ? event['http'] : undefined
  const request = isRecord(http) ? http['gatewayRequest'] : undefined
  const body = isRecord(request) ? request['body'] : undefined
  return callIn(typeof body === 'string' ? decoded(body) : event)
}

/** A REQUEST of a Gateway before MCP targets. */
export function gatewayEvent(sent: Sent): Fields {
  const body = rpc(sent)
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      rawGatewayRequest: { body: JSON.stringify(body) },
      gatewayRequest: { path: '/mcp', httpMethod: 'POST', headers: headersOf(sent), body },
      gatewayResponse: null,
    },
  }
}

/** What an output for a Gateway before MCP targets answers. */
export function gatewayRaw(output: unknown): Raw {
  const { mcp } = output as { mcp: { transformedGatewayResponse?: Fields } }
  const { statusCode, headers, body } = mcp.transformedGatewayResponse ?? {}
  return { status: Number(statusCode ?? 200), headers: lowerCase(headers), body }
}

/** A REQUEST of a Gateway before HTTP targets. */
export function gatewayHttpEvent(sent: Sent): Fields {
  const headers = { Accept: '*/*', 'Content-Type': 'application/json', ...headersOf(sent) }
  const body = base64(JSON.stringify({ call: sent.call }))
  return {
    interceptorInputVersion: '1.0',
    http: { gatewayRequest: { path: PATH, httpMethod: 'POST', headers, body } },
  }
}

export function gatewayHttpRaw(response: Fields): Raw {
  const { statusCode, headers, body } = response
  const text = typeof body === 'string' ? decoded(body) : ''
  return { status: Number(statusCode ?? 200), headers: lowerCase(headers), body: parseJson(text) }
}

export const GATEWAY: Door = { event: gatewayEvent, read: gatewayRaw }

/** JSON-RPC over a Function URL. */
export const RPC_URL: Door = {
  event: (sent) => FUNCTION_URL.event({ body: rpc(sent), headers: headersOf(sent) }),
  read: urlRaw,
}

/** Plain HTTP over a Function URL. */
export const PLAIN_URL: Door = {
  event: (sent) => {
    const event = FUNCTION_URL.event({ body: { call: sent.call }, headers: headersOf(sent) })
    const context = event['requestContext'] as { http: Fields }
    const requestContext = { ...context, http: { ...context.http, path: PATH } }
    return { ...event, rawPath: PATH, requestContext }
  },
  read: urlRaw,
}

function urlRaw(output: unknown): Raw {
  const { statusCode, headers, body } = isRecord(output) ? output : {}
  const text = typeof body === 'string' ? body : ''
  return { status: Number(statusCode ?? 200), headers: lowerCase(headers), body: parseJson(text) }
}

function rpc({ call, payment, carrier }: Sent): Fields {
  const paid = payment !== undefined && carrier === 'meta'
  const _meta = paid ? { _meta: { 'x402/payment': payment.value } } : {}
  const params = { name: TOOL, arguments: { call }, ..._meta }
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
}

function headersOf({ payment, carrier }: Sent): Record<string, string> {
  return payment !== undefined && carrier === 'header' ? { 'payment-signature': payment.text } : {}
}

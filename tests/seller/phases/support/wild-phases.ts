import { fc } from '../../../support/random-cases.js'
import { GOOD, GOOD_TOKEN, wildEvent } from './wild-events.js'

type Fields = Record<string, unknown>

/** The goods of a target. Nobody may see them without paying. */
export const GOODS = 'g00ds-that-cost'

const good = { content: [{ type: 'text', text: GOODS }] }

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Calls that are paid, in one of the ways. */
const sale: fc.Arbitrary<unknown> = fc
  .record({
    id: fc.constantFrom<unknown>(1, 0, '', 'a', null, undefined),
    name: fc.constantFrom('T___paid', 'T___none', 'T___free', 'paid'),
    carrier: fc.constantFrom('header', 'arguments', 'meta', 'none'),
    raw: fc.constantFrom('text', 'none'),
  })
  .map(({ id, name, carrier, raw }) => {
    const token = { 'Payment-Signature': GOOD_TOKEN }
    const params = {
      name,
      arguments: { city: 'Bern', ...(carrier === 'arguments' && { headers: token }) },
      ...(carrier === 'meta' && { _meta: { 'x402/payment': GOOD } }),
    }
    const body = withoutUndefined({ jsonrpc: '2.0', id, method: 'tools/call', params })
    const headers = carrier === 'header' ? token : { accept: '*/*' }
    const rawGatewayRequest = raw === 'text' ? { body: JSON.stringify(body) } : undefined
    const mcp = { rawGatewayRequest, gatewayRequest: { headers, body }, gatewayResponse: null }
    return { interceptorInputVersion: '1.0', mcp: withoutUndefined(mcp) }
  })

/** REQUEST events, half of them sales. */
export const wildSale: fc.Arbitrary<unknown> = fc.oneof(wildEvent, sale)

/** The request in a wild event, if there is one. */
export function requestIn(event: unknown): Fields | undefined {
  const mcp = isRecord(event) ? event['mcp'] : undefined
  const request = isRecord(mcp) ? mcp['gatewayRequest'] : undefined
  return isRecord(request) ? request : undefined
}

/** An answer of a target. An answer with goods in it is no failure. */
export type Answer = (id: unknown) => { response: Fields; text: string }

const BODIES: ((id: unknown) => unknown)[] = [
  (id) => ({ jsonrpc: '2.0', id, result: good }),
  (id) => ({ jsonrpc: '2.0', id, result: { ...good, _meta: { creditsToCharge: 10 ** 6 } } }),
  (id) => ({ jsonrpc: '2.0', id, result: GOODS }),
  (id) => JSON.stringify({ jsonrpc: '2.0', id, result: good }),
  (id) => `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: good })}\n\n`,
  (id) => [{ jsonrpc: '2.0', id, result: good }],
  () => ({ jsonrpc: '2.0', id: 'of another', result: good }),
  () => ({ jsonrpc: '2.0', result: good }),
  () => ({ jsonrpc: '2.0', id: null, result: { deep: [[good]] } }),
  () => ({ result: good }),
  () => good,
  () => GOODS,
  () => [GOODS],
  (id) => ({ jsonrpc: '2.0', id, result: null, extra: GOODS }),
  (id) => ({ jsonrpc: '2.0', id, result: [GOODS] }),
]

const FAILURES: ((id: unknown) => unknown)[] = [
  (id) => ({ jsonrpc: '2.0', id, error: { code: 1, message: 'no' } }),
  (id) => ({ jsonrpc: '2.0', id, result: { isError: true, content: [] } }),
  (id) => ({ jsonrpc: '2.0', id: `${String(id)}-1`, method: 'elicitation/create', params: {} }),
  () => null,
  () => undefined,
  () => '',
  () => 7,
  () => ({}),
]

const headers = fc.constantFrom<unknown>(
  { 'content-type': 'application/json' },
  { 'Payment-Response': 'forged', 'x-credits-to-charge': '0' },
  null,
  undefined,
  [],
  { n: 7 },
)

export const answer: fc.Arbitrary<Answer> = fc
  .record({
    body: fc.oneof(
      { arbitrary: fc.constantFrom(...BODIES), weight: 4 },
      fc.constantFrom(...FAILURES),
    ),
    statusCode: fc.constantFrom<unknown>(200, 200, 200, undefined, '200', null, 299, 0.5),
    streaming: fc.constantFrom<unknown>(undefined, undefined, true, 'yes'),
    headers,
  })
  .map(({ body, statusCode, streaming, headers }) => (id) => {
    const content = body(id)
    const text = typeof content === 'string' ? content : JSON.stringify(content ?? '')
    const response = { statusCode, headers, body: content, isStreamingResponse: streaming }
    return { response: withoutUndefined(response), text }
  })

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

const PATHS = ['/paid', '/free', '/other', '/paid/', '//free', '/free/../paid', '', '/%66ree', 7]
const METHODS = ['POST', 'POST', 'POST', 'GET', 'DELETE', 'post', '', null]

/** The same random requests, as the Gateway brings them before HTTP targets. */
export const wildHttpEvent: fc.Arbitrary<unknown> = fc
  .record({
    event: wildSale,
    path: fc.constantFrom<unknown>(...PATHS),
    httpMethod: fc.constantFrom<unknown>(...METHODS),
    body: fc.constantFrom('base64', 'base64', 'base64', 'text', 'null'),
    token: fc.option(fc.constant(GOOD_TOKEN), { nil: undefined }),
  })
  .map(({ event, path, httpMethod, body, token }) => {
    const request = requestIn(event) ?? {}
    const text = JSON.stringify(request['body'] ?? null)
    const bodies = { base64: Buffer.from(text).toString('base64'), text, null: null }
    const given = isRecord(request['headers']) ? request['headers'] : request['headers']
    const paid =
      isRecord(given) && token !== undefined ? { ...given, 'payment-signature': token } : given
    const gatewayRequest = { path, httpMethod, headers: paid, body: bodies[body as 'base64'] }
    return { interceptorInputVersion: '1.0', http: { gatewayRequest } }
  })

import { isRecord, parseJson } from '../../wire/json.js'
import type { SoldCall } from './call.js'

/**
 * The input of a call, besides its name. A tool has arguments, another method has params, and a plain request
 * has a query and a body. A client may change `_meta`, headers and the JSON-RPC id when it asks again, so
 * these do not count.
 */
export function inputOf({ event, transport, method }: SoldCall): unknown {
  const given = event as unknown as Record<string, unknown>
  switch (transport.shape) {
    case 'gateway': {
      const mcp = fieldsOf(given['mcp'])
      return paramsOf(fieldsOf(mcp['gatewayRequest'])['body'], method)
    }
    case 'lambda-target':
      return given
    case 'http-event':
      return ofHttp(given, transport.protocol, method, queryOf(given))
    case 'gateway-http': {
      const request = fieldsOf(fieldsOf(given['http'])['gatewayRequest'])
      const encoded = { body: request['body'], isBase64Encoded: true }
      return ofHttp(encoded, transport.protocol, method, request['path'])
    }
  }
}

function ofHttp(
  { body, isBase64Encoded }: Readonly<Record<string, unknown>>,
  protocol: 'mcp' | 'http',
  method: string,
  query: unknown,
): unknown {
  if (protocol === 'http') return [query, body]
  const text = typeof body === 'string' ? body : ''
  return paramsOf(
    parseJson(isBase64Encoded === true ? Buffer.from(text, 'base64').toString() : text),
    method,
  )
}

/** The query of a request, in any of the forms that events have it. */
function queryOf(event: Readonly<Record<string, unknown>>): unknown {
  const { rawQueryString, multiValueQueryStringParameters, queryStringParameters } = event
  return rawQueryString ?? multiValueQueryStringParameters ?? queryStringParameters
}

function paramsOf(message: unknown, method: string): unknown {
  const params = fieldsOf(fieldsOf(message)['params'])
  if (method === 'tools/call') return params['arguments'] ?? {}
  return { ...params, _meta: undefined }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

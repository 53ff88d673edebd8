import type { Local } from '../../../../src/local/index.js'

/** An answer of the local API as any client would see it. */
export interface RawAnswer {
  status: number
  headers: Headers
  /** The decoded JSON, or the text if it is none. */
  body: unknown
}

export interface RawRequest {
  method?: string
  /** The body. A text is sent as it is, anything else as JSON. */
  body?: unknown
  /** The API key. The default is the seller's, and null sends none. */
  key?: string | null
  headers?: Record<string, string>
}

/** One HTTP request to the local stack, without any client of ours. */
export async function raw(
  local: Local,
  path: string,
  request: RawRequest = {},
): Promise<RawAnswer> {
  const { body, method = body === undefined ? 'GET' : 'POST', key = local.nvmApiKey } = request
  const response = await fetch(local.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...request.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: jsonOr(text) }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const VERIFY = '/api/v1/x402/verify'
export const SETTLE = '/api/v1/x402/settle'
export const PERMISSIONS = '/api/v1/x402/permissions'

type Fields = Record<string, unknown>

interface Changes {
  token?: string
  /** Members of the one entry of `accepts`. */
  accepts?: Fields
  /** Members of its `extra`. */
  extra?: Fields
  resource?: Fields
  /** Members of the body itself. */
  body?: Fields
}

/** A good body for verify and settle, with the changes of the test. */
export function permissionBody(local: Local, changes: Changes = {}): Fields {
  const { token = local.accessToken(), resource = { url: 'mcp://tool/a' } } = changes
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }
  return {
    paymentRequired: {
      x402Version: 2,
      resource,
      accepts: [{ ...terms, extra: { version: '1', ...changes.extra }, ...changes.accepts }],
      extensions: {},
    },
    x402AccessToken: token,
    maxAmount: '2',
    ...changes.body,
  }
}

import { isRecord } from '../../../wire/json.js'
import type { Headers } from './headers.js'
import {
  INVALID_PARAMS,
  isRequest,
  isResponse,
  metaOf,
  paramsOf,
  rpcError,
  idOf,
  INVALID_REQUEST,
  type RpcMessage,
} from './json-rpc.js'

/**
 * The two families of MCP on one endpoint: versions with `initialize` and maybe a session, and the stateless
 * one, where every request tells its version and the client's capabilities in `_meta`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */

export const STATELESS_VERSION = '2026-07-28'
export const PROTOCOL_VERSIONS = [
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  STATELESS_VERSION,
] as const

/** What a request without `MCP-Protocol-Version` speaks. */
const ASSUMED_VERSION = '2025-03-26'

export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
} as const

const HEADER_MISMATCH = -32020
const UNSUPPORTED_VERSION = -32022

export interface Dialect {
  stateless: boolean
  version: string
}

/** Why a message is not taken, as an answer. */
export interface Refusal {
  status: number
  body: RpcMessage
}

export function isRefusal(value: Dialect | Refusal): value is Refusal {
  return 'status' in value
}

/** Of `initialize`: the version asked for, else the newest with `initialize`. */
export function negotiate(asked: unknown, supported: readonly string[]): string {
  const offered = withSessions(supported)
  const same = offered.find((version) => version === asked)
  return same ?? [...offered].sort().at(-1) ?? ASSUMED_VERSION
}

function withSessions(versions: readonly string[]): string[] {
  return versions.filter((version) => version !== STATELESS_VERSION)
}

/** Reads the version of one message, and holds headers and body of a stateless one against each other. */
export function dialectOf(
  body: unknown,
  headers: Headers,
  supported: readonly string[],
): Dialect | Refusal {
  const header = headers['mcp-protocol-version']
  const message = isRecord(body) ? body : {}
  const claims = META.version in metaOf(message)
  const initializes = message['method'] === 'initialize' && !claims
  if (withSessions(supported).length === 0 && (initializes || (!claims && header === undefined))) {
    const asked = paramsOf(message)['protocolVersion']
    return unsupported(body, typeof asked === 'string' ? asked : ASSUMED_VERSION, supported)
  }
  if (initializes) {
    return header === STATELESS_VERSION
      ? mismatch(body, `initialize does not exist in version ${STATELESS_VERSION}`)
      : { stateless: false, version: ASSUMED_VERSION }
  }
  if (claims) return statelessDialect(message, headers, supported)
  if (header !== undefined && !supported.includes(header)) {
    return unsupported(body, header, supported)
  }
  if (header !== STATELESS_VERSION) return { stateless: false, version: header ?? ASSUMED_VERSION }
  if (isResponse(body))
    return refuse(body, INVALID_REQUEST, 'Responses cannot be sent to this version')
  if (isRequest(body)) return refuse(body, INVALID_PARAMS, `_meta must have ${META.version}`)
  return { stateless: true, version: header }
}

function statelessDialect(
  message: RpcMessage,
  headers: Headers,
  supported: readonly string[],
): Dialect | Refusal {
  const meta = metaOf(message)
  const version = meta[META.version]
  if (typeof version !== 'string') {
    return refuse(message, INVALID_PARAMS, `_meta: ${META.version} must be a string`)
  }
  const header = headers['mcp-protocol-version']
  if (header !== undefined && header !== version) {
    return mismatch(message, `MCP-Protocol-Version is ${header} and _meta names ${version}`)
  }
  if (version !== STATELESS_VERSION || !supported.includes(version)) {
    return unsupported(message, version, supported)
  }
  if (!isRequest(message)) return { stateless: true, version }
  if (!isRecord(meta[META.capabilities])) {
    return refuse(message, INVALID_PARAMS, `_meta: ${META.capabilities} must be an object`)
  }
  const problem = bindingProblem(message, headers)
  return problem === undefined ? { stateless: true, version } : mismatch(message, problem)
}

/** Methods whose `Mcp-Name` repeats a parameter. */
const NAMED = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
])

function bindingProblem(message: RpcMessage, headers: Headers): string | undefined {
  const method = message['method'] as string
  if (headers['mcp-protocol-version'] === undefined) return 'MCP-Protocol-Version is missing'
  if (headers['mcp-method'] === undefined) return 'Mcp-Method is missing'
  if (headers['mcp-method'] !== method) return `Mcp-Method does not name ${method}`
  const parameter = NAMED.get(method)
  const value = parameter === undefined ? undefined : paramsOf(message)[parameter]
  if (typeof value !== 'string') return undefined
  const name = headers['mcp-name']
  if (name === undefined) return 'Mcp-Name is missing'
  return decodeName(name) === value ? undefined : 'Mcp-Name and the body name different things'
}

/** Names that are no plain header values travel as `=?base64?…?=`. */
function decodeName(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1]
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString()
}

export function encodeName(value: string): string {
  const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(value)
  return plain && !value.startsWith('=?base64?')
    ? value
    : `=?base64?${Buffer.from(value).toString('base64')}?=`
}

function mismatch(body: unknown, what: string): Refusal {
  return refuse(body, HEADER_MISMATCH, `Header mismatch: ${what}`)
}

function unsupported(body: unknown, requested: string, supported: readonly string[]): Refusal {
  const data = { supported, requested }
  return refuse(body, UNSUPPORTED_VERSION, `Unsupported protocol version: ${requested}`, data)
}

function refuse(body: unknown, code: number, message: string, data?: unknown): Refusal {
  return { status: 400, body: rpcError(idOf(body), code, message, data) }
}

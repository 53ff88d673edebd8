import { isRecord } from '../../../wire/json.js'
import { decodeName, type Headers } from './headers.js'
import {
  INVALID_PARAMS,
  isRequest,
  isResponse,
  metaOf,
  nameIn,
  paramsOf,
  rpcError,
  idOf,
  INVALID_REQUEST,
  type RpcMessage,
} from './json-rpc.js'
import { ASSUMED_VERSION, META, STATELESS_VERSION, withSessions } from './versions.js'

const HEADER_MISMATCH = -32020
const UNSUPPORTED_VERSION = -32022

export interface Dialect {
  stateless: boolean
  version: string
}

/** The answer to a message that is refused. */
export interface Refusal {
  status: number
  body: RpcMessage
}

export function isRefusal(value: Dialect | Refusal): value is Refusal {
  return 'status' in value
}

/** Reads the version of MCP that a message is in. In the stateless version, headers and body must agree. */
export function dialectOf(
  body: unknown,
  headers: Headers,
  supported: readonly string[],
): Dialect | Refusal {
  const message = isRecord(body) ? body : {}
  if (META.version in metaOf(message)) return statelessDialect(message, headers, supported)
  const header = headers['mcp-protocol-version']
  const initializes = message['method'] === 'initialize'
  if (withSessions(supported).length === 0 && (initializes || header === undefined)) {
    const asked = paramsOf(message)['protocolVersion']
    return unsupported(body, typeof asked === 'string' ? asked : ASSUMED_VERSION, supported)
  }
  if (!initializes) return dialectByHeader(body, header, supported)
  return header === STATELESS_VERSION
    ? mismatch(body, `initialize does not exist in version ${STATELESS_VERSION}`)
    : { stateless: false, version: ASSUMED_VERSION }
}

function dialectByHeader(
  body: unknown,
  header: string | undefined,
  supported: readonly string[],
): Dialect | Refusal {
  if (header !== undefined && !supported.includes(header)) {
    return unsupported(body, header, supported)
  }
  if (header !== STATELESS_VERSION) return { stateless: false, version: header ?? ASSUMED_VERSION }
  if (isResponse(body)) {
    return refuse(body, INVALID_REQUEST, 'Responses cannot be sent to this version')
  }
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

function bindingProblem(message: RpcMessage, headers: Headers): string | undefined {
  const method = message['method'] as string
  if (headers['mcp-protocol-version'] === undefined) return 'MCP-Protocol-Version is missing'
  if (headers['mcp-method'] === undefined) return 'Mcp-Method is missing'
  if (headers['mcp-method'] !== method) return `Mcp-Method does not name ${method}`
  const value = nameIn(message)
  if (value === undefined) return undefined
  const name = headers['mcp-name']
  if (name === undefined) return 'Mcp-Name is missing'
  return decodeName(name) === value ? undefined : 'Mcp-Name and the body name different things'
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

import { isRecord } from '../../../wire/json.js'
import { later, limited, type Gateway } from '../protocol/gateway-state.js'
import { propagated } from '../protocol/headers.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { McpTarget } from '../protocol/options.js'
import type { Connection } from '../protocol/session.js'
import { reach } from './reach.js'
import { type Outgoing, UnknownMethodError, ask, disconnect } from './target-connection.js'

/** The lists of an MCP server: the method, the member of the result, and what tells its entries apart. */
export const LISTS = {
  tools: { method: 'tools/list', member: 'tools', key: 'name' },
  prompts: { method: 'prompts/list', member: 'prompts', key: 'name' },
  resources: { method: 'resources/list', member: 'resources', key: 'uri' },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
  },
} as const

interface List<K extends string> {
  method: string
  member: string
  key: K
}

/** An entry of a list, e.g. a tool. Members that the gateway does not use stay as the server wrote them. */
export type Entry<K extends string> = Record<string, unknown> & Record<K, string>

/**
 * Asks one server for a list. It is empty if the server does not know the method. Nothing is kept between
 * calls, as in a gateway whose listing mode is dynamic.
 *
 * @throws TargetError
 */
export async function listOfServer<K extends string>(
  gateway: Gateway,
  target: McpTarget,
  call: McpCall,
  list: List<K>,
): Promise<Entry<K>[]> {
  const { signal, done } = limited(gateway, gateway.settings.targetTimeoutMs, call.post.gone)
  const headers = propagated(
    target.allowedRequestHeaders ?? [],
    call.clientHeaders,
    call.interceptorHeaders,
  )
  try {
    const { stateless, version } = call.post
    const client = { stateless, version, capabilities: {} }
    const connection = await reach(gateway, target, client, { headers, signal })
    try {
      return await allPages(connection, list, { headers, signal })
    } finally {
      later(gateway, disconnect(connection, gateway.closing.signal))
    }
  } catch (error) {
    if (error instanceof UnknownMethodError) return []
    throw error
  } finally {
    done()
  }
}

async function allPages<K extends string>(
  connection: Connection,
  { method, member, key }: List<K>,
  outgoing: Outgoing,
): Promise<Entry<K>[]> {
  const entries: Entry<K>[] = []
  const isEntry = (one: unknown): one is Entry<K> => isRecord(one) && typeof one[key] === 'string'
  let cursor: unknown
  do {
    const params = cursor === undefined ? {} : { cursor }
    const { result } = await ask(connection, method, params, outgoing)
    const page: unknown = result[member]
    entries.push(...(Array.isArray(page) ? page : []).filter(isEntry))
    cursor = result['nextCursor']
  } while (typeof cursor === 'string')
  return entries
}

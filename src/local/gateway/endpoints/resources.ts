import type { Gateway } from '../protocol/gateway-state.js'
import { INVALID_PARAMS, nameIn, rpcError } from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import { DEFAULT_RESOURCE_PRIORITY, type McpTarget } from '../protocol/options.js'
import { answer, answerList, type Outcome } from '../protocol/outcome.js'
import type { ServedRequest } from '../protocol/target-call.js'
import { type Entry, LISTS, listOfServer } from '../targets/list-of-server.js'
import { readFromServer } from './call-server.js'
import { serversOf } from './catalog.js'

/**
 * Serves `resources/list`: the resources of all MCP servers. Unlike names of tools, their URIs stay as they
 * are. If servers share a URI, the one with the lowest `resourcePriority` counts.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using-mcp-resources-list.html
 * @throws TargetError
 */
export async function listResources(
  gateway: Gateway,
  call: McpCall,
  { id }: ServedRequest,
): Promise<Outcome> {
  const byUri = new Map<string, Entry<'uri'>>()
  for (const { entries } of await listsOf(gateway, call, LISTS.resources)) {
    for (const resource of entries) {
      if (!byUri.has(resource.uri)) byUri.set(resource.uri, resource)
    }
  }
  return answerList(call.post.stateless, id, { resources: [...byUri.values()] })
}

/**
 * Serves `resources/templates/list`: the templates of all MCP servers, as they are.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using-mcp-resources-templates-list.html
 * @throws TargetError
 */
export async function listTemplates(
  gateway: Gateway,
  call: McpCall,
  { id }: ServedRequest,
): Promise<Outcome> {
  const lists = await listsOf(gateway, call, LISTS.templates)
  const resourceTemplates = lists.flatMap(({ entries }) => entries)
  return answerList(call.post.stateless, id, { resourceTemplates })
}

/**
 * Serves `resources/read`. The request goes to the server with the lowest `resourcePriority` that has the
 * resource, or else a template that fits. A gateway with one server asks that one.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using-mcp-resources-read.html
 * @throws TargetError if the resources of a server cannot be listed
 */
export async function readResource(
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
): Promise<Outcome> {
  const uri = nameIn(request)
  if (uri === undefined) {
    return answer(rpcError(request.id, INVALID_PARAMS, 'params.uri must name a resource'))
  }
  const target = await serverOf(gateway, call, uri)
  if (target !== undefined) {
    return readFromServer(gateway, { target, call, request, name: undefined })
  }
  return answer(rpcError(request.id, INVALID_PARAMS, `Resource not found: ${uri}`, { uri }))
}

async function serverOf(
  gateway: Gateway,
  call: McpCall,
  uri: string,
): Promise<McpTarget | undefined> {
  const servers = serversOf(gateway)
  if (servers.length < 2) return servers[0]
  const resources = await listsOf(gateway, call, LISTS.resources)
  const owner = resources.find(({ entries }) => entries.some((one) => one.uri === uri))
  if (owner !== undefined) return owner.target
  const templates = await listsOf(gateway, call, LISTS.templates)
  return templates.find(({ entries }) => entries.some((one) => fits(uri, one.uriTemplate)))?.target
}

/** The lists of all servers. The server with the lowest `resourcePriority` comes first. */
async function listsOf<K extends string>(
  gateway: Gateway,
  call: McpCall,
  list: { method: string; member: string; key: K },
): Promise<{ target: McpTarget; entries: Entry<K>[] }[]> {
  const sorted = serversOf(gateway).sort((a, b) => priorityOf(a) - priorityOf(b))
  const lists = sorted.map(async (target) => ({
    target,
    entries: await listOfServer(gateway, target, call, list),
  }))
  return Promise.all(lists)
}

function priorityOf({ resourcePriority = DEFAULT_RESOURCE_PRIORITY }: McpTarget): number {
  return resourcePriority
}

/**
 * Whether a URI can come from this template: what stands around the expressions is there, in this order. The
 * server itself says whether the values fit.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6570
 */
function fits(uri: string, template: string): boolean {
  const [start = '', ...others] = template.split(/\{[^{}]*\}/)
  const end = others.pop()
  if (end === undefined) return uri === template
  let at = start.length
  for (const literal of others) {
    const found = uri.indexOf(literal, at)
    if (found === -1) return false
    at = found + literal.length
  }
  return uri.startsWith(start) && uri.endsWith(end) && at <= uri.length - end.length
}

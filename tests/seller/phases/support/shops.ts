import { createInterceptor, requiresPayment } from '../../../../src/index.js'
import type { GatewayOptions, GatewayTarget, Local } from '../../../../src/local/index.js'
import { isRecord } from '../../../../src/wire/json.js'
import { tool, type Started } from '../../../local/support/gateway.js'
import { startMcpServer, type McpServerOptions } from '../../../local/support/mcp-server.js'
import { memoryStore } from './memory-store.js'
import { interceptorOptions } from './phases.js'

/** A gateway that sells a tool, and where a client connects. */
export interface Shop {
  url: string
  tool: string
}

export type Open = (
  started: Started,
  local: Local,
  assume: GatewayOptions['assume'],
) => Promise<Shop>

const decorator: Open = async (started, local, assume) => {
  const sold = requiresPayment((event) => {
    const { say } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: String(say) }] }
  }, interceptorOptions(local))
  const stub = () => {
    throw new Error('the stub was called')
  }
  const { url } = await started.gateway({
    targets: [{ name: 'srv', lambda: stub, tools: [tool('echo')] }],
    requestInterceptor: { lambda: sold, passRequestHeaders: true },
    ...(assume && { assume }),
  })
  return { url, tool: 'srv___echo' }
}

/** An interceptor at both points before a target. */
export function pair(
  target: (started: Started) => Promise<GatewayTarget>,
  more: Partial<GatewayOptions> = {},
): Open {
  return async (started, local, assume) => {
    const one = await target(started)
    const isHttp = 'http' in one
    const extra = isHttp ? { httpTargets: 'mcp', store: memoryStore() } : {}
    const lambda = createInterceptor(interceptorOptions(local, extra)).handle
    const { url } = await started.gateway({
      targets: [one],
      requestInterceptor: { lambda, passRequestHeaders: true },
      responseInterceptor: { lambda, passRequestHeaders: true },
      ...more,
      ...(assume && { assume }),
    })
    return isHttp ? { url: `${url}/srv/mcp`, tool: 'echo' } : { url, tool: 'srv___echo' }
  }
}

const lambdaTarget = async (): Promise<GatewayTarget> => ({
  name: 'srv',
  lambda: (event) => ({ said: isRecord(event) ? event['say'] : undefined }),
  tools: [tool('echo')],
})
const mcpTarget =
  (options: McpServerOptions) =>
  async (started: Started): Promise<GatewayTarget> => ({
    name: 'srv',
    mcp: started.add(await startMcpServer(options)).url,
  })
const httpTarget =
  (options: McpServerOptions) =>
  async (started: Started): Promise<GatewayTarget> => ({
    name: 'srv',
    http: new URL(started.add(await startMcpServer(options)).url).origin,
  })

/** Every way to sell through a Gateway. */
export const SHOPS: [string, Open][] = [
  ['the decorator as REQUEST interceptor', decorator],
  ['the pair before a Lambda target', pair(lambdaTarget)],
  ['the pair before an MCP server that answers JSON', pair(mcpTarget({ json: true }))],
  ['the pair before an MCP server, buffered', pair(mcpTarget({}))],
  [
    'the pair before an MCP server, streaming',
    pair(mcpTarget({}), { streaming: true, sessions: true }),
  ],
  ['the pair before an HTTP target that answers JSON', pair(httpTarget({ json: true }))],
  ['the pair before an HTTP target that answers streams', pair(httpTarget({}))],
]

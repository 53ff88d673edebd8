/** The sellers of the demo's agent: a tool and an HTTP API, each behind a local AgentCore Gateway. */
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  HTTPFacilitatorClient,
  createInterceptor,
  requiresPayment,
  type InterceptorStore,
} from 'agentcore-x402'
import {
  startGateway,
  type GatewayTarget,
  type LambdaHandler,
  type Local,
} from 'agentcore-x402/local'

export const SHOP = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc'

/** The options of a seller who is paid through the local facilitator. */
const terms = ({ x402 }: Local, price: `$${number}`) => ({
  price,
  network: x402.network,
  payTo: SHOP,
  facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
})

/** Sells a tool for one cent. */
export async function sellForecasts(local: Local) {
  const lambda = requiresPayment(
    async () => ({ content: [{ type: 'text', text: 'Rain, then sun.' }] }),
    terms(local, '$0.01'),
  )
  const inputSchema = { type: 'object', properties: { city: { type: 'string' } } } as const
  const tools = [{ name: 'forecast', description: 'Tomorrow', inputSchema }]
  const target = { name: 'Weather', lambda: () => 'the interceptor answers', tools }
  const { url, close } = await openGateway(target, { request: lambda })
  return { url, close }
}

/** Sells an HTTP API for three cents. Its server has nothing to do with payments. */
export async function sellQuotes(local: Local) {
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ metal: request.url?.slice(1), dollars: 4012 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const how = { ...terms(local, '$0.03'), secret: randomUUID(), store: memoryStore() }
  const both = createInterceptor(how).handle as LambdaHandler
  const target = { name: 'quotes', http: `http://127.0.0.1:${port}` }
  const gateway = await openGateway(target, { request: both, response: both })
  const close = async () => {
    await gateway.close()
    server.closeAllConnections()
    server.close()
  }
  return { url: `${new URL(gateway.url).origin}/quotes`, close }
}

/**
 * A store in memory. The RESPONSE phase of an HTTP API is not shown the request, so both phases need one.
 * With more than one Lambda, it has to be a table.
 */
function memoryStore(): InterceptorStore {
  const entries = new Map<string, string>()
  return {
    put: async (key, value) => entries.set(key, value),
    take: async (key) => {
      const value = entries.get(key)
      entries.delete(key)
      return value
    },
  }
}

function openGateway(
  target: GatewayTarget,
  { request, response }: { request: LambdaHandler; response?: LambdaHandler },
) {
  return startGateway({
    targets: [target],
    requestInterceptor: { lambda: request, passRequestHeaders: true },
    ...(response && { responseInterceptor: { lambda: response, passRequestHeaders: true } }),
    search: false,
  })
}

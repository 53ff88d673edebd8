import { afterEach } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  startGateway,
  type GatewayOptions,
  type Invocation,
  type LambdaHandler,
  type LocalGateway,
  type ToolDefinition,
} from '../../../src/local/index.js'

/** A tool without arguments. */
export function tool(name: string): ToolDefinition {
  return { name, description: `The tool ${name}`, inputSchema: { type: 'object' } }
}

/** Everything that a test started. `closeAll` ends it, last first. */
export class Started {
  readonly #close: (() => Promise<unknown>)[] = []

  add<T extends { close: () => Promise<unknown> }>(one: T): T {
    this.#close.push(() => one.close())
    return one
  }

  async gateway(options: GatewayOptions): Promise<LocalGateway> {
    return this.add(await startGateway(options))
  }

  /** Connects a client of the SDK's first generation. */
  async client(
    url: string,
    options: {
      version?: string
      headers?: Record<string, string>
      capabilities?: Record<string, object>
    } = {},
  ): Promise<Client> {
    const { version, headers = {}, capabilities = {} } = options
    const client = new Client({ name: 'buyer', version: '1.0.0' }, { capabilities })
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
    if (version !== undefined) askFor(transport, version)
    await client.connect(transport)
    return this.add(client)
  }

  async closeAll(): Promise<void> {
    for (const close of this.#close.splice(0).reverse()) await close()
  }
}

/** What the tests of this file start. It is ended after each test. */
export const started = new Started()
afterEach(() => started.closeAll())

/** Starts a gateway with one tool that echoes, between the given interceptors. */
export function gatewayWith(...parts: Parameters<typeof intercepted>): Promise<LocalGateway> {
  return started.gateway(intercepted(...parts))
}

/** Changes the version that the client asks for. By itself it asks for its newest. */
function askFor(transport: StreamableHTTPClientTransport, version: string): void {
  const send = transport.send.bind(transport)
  transport.send = (message, options) => {
    const one = message as { method?: string; params?: Record<string, unknown> }
    if (one.method === 'initialize') one.params = { ...one.params, protocolVersion: version }
    return send(message, options)
  }
}

export interface RawAnswer {
  status: number
  headers: Headers
  body: unknown
}

/** Sends one POST as a program without an SDK would. */
export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: json ? (JSON.parse(text) as unknown) : text,
  }
}

export function rpc(method: string, params?: unknown, id: string | number = 1): object {
  return { jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }
}

export function call(name: string, args: unknown = {}, id: string | number = 1): object {
  return rpc('tools/call', { name, arguments: args }, id)
}

export function textResult(text: string): object {
  return { isError: false, content: [{ type: 'text', text }] }
}

export const GENERIC = 'An internal error occurred. Please retry later.'

export function events(invocations: readonly Invocation[], kind: Invocation['kind']): unknown[] {
  return invocations.filter((one) => one.kind === kind).map(({ event }) => event)
}

/** An interceptor's output for an MCP gateway. */
export function mcpOutput(members: object): LambdaHandler {
  return () => ({ interceptorOutputVersion: '1.0', mcp: members })
}

/** The options of a gateway with one tool that echoes, and the given interceptors. */
export function intercepted(
  request: LambdaHandler | undefined,
  response: LambdaHandler | undefined,
  more: Partial<GatewayOptions> = {},
  passRequestHeaders = true,
): GatewayOptions {
  return {
    targets: [{ name: 'shop', lambda: (event) => event, tools: [tool('echo')] }],
    ...(request && { requestInterceptor: { lambda: request, passRequestHeaders } }),
    ...(response && { responseInterceptor: { lambda: response, passRequestHeaders } }),
    ...more,
  }
}

/** An interceptor that changes nothing. */
export function passing(): unknown {
  return { interceptorOutputVersion: '1.0', mcp: {} }
}

/** Waits for what another process or socket does. That takes real time. */
export async function until(happened: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 3000
  while (!happened()) {
    if (performance.now() > giveUpAt) throw new Error(`never happened: ${happened.toString()}`)
    await new Promise(setImmediate)
  }
}

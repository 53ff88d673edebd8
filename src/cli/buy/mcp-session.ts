import { carriesPayment } from '../../client/http/http-buyer.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { sseReader } from '../../wire/sse.js'
import { VERSION } from '../../version.js'
import { Ended } from '../ended.js'
import { McpError } from './mcp-error.js'
import { Unpaid } from './outcome.js'

export { McpError } from './mcp-error.js'

/** A tool as its server lists it. */
export interface ListedTool {
  readonly name: string
  readonly description?: unknown
}

/** The version that is asked for. The server answers with its own. */
const VERSION_ASKED = '2025-11-25'
/** The first version without sessions. It is spoken to servers that do not know `initialize`. */
const STATELESS = '2026-07-28'
/** A longer answer is given up. Unit: bytes. */
const MAX_BYTES = 10 * 1024 * 1024
/** A server that lists more pages is given up. */
const MAX_PAGES = 100

const CLIENT = { name: 'agentcore-x402', version: VERSION }

/**
 * A client of an MCP server over Streamable HTTP: as much as it takes to call one tool.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class McpSession {
  readonly #url: URL
  readonly #timeoutMs: number
  readonly #headers: Headers
  #meta: Record<string, unknown> | undefined
  #status: number | undefined
  #nextId = 1

  private constructor(
    url: URL,
    headers: readonly (readonly [string, string])[],
    timeoutMs: number,
  ) {
    this.#url = url
    this.#timeoutMs = timeoutMs
    this.#headers = new Headers([
      ['content-type', 'application/json'],
      ['accept', 'application/json, text/event-stream'],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ])
  }

  /** The status of HTTP that the last request was answered with. */
  get status(): number | undefined {
    return this.#status
  }

  /** Whether the caller sends a payment of their own in a header. */
  get isPaidByCaller(): boolean {
    return carriesPayment((name) => this.#headers.get(name) ?? undefined)
  }

  /** Greets the server. @throws Ended if it is no MCP server, or lets nobody in. */
  static async open(
    url: URL,
    headers: readonly (readonly [string, string])[],
    timeoutMs: number,
  ): Promise<McpSession> {
    const session = new McpSession(url, headers, timeoutMs)
    await session.#greet()
    return session
  }

  async #greet(): Promise<void> {
    const params = { protocolVersion: VERSION_ASKED, capabilities: {}, clientInfo: CLIENT }
    try {
      const result = await this.request('initialize', params)
      const version = isRecord(result) ? result['protocolVersion'] : undefined
      if (typeof version === 'string') this.#headers.set('mcp-protocol-version', version)
      const noted = await this.#send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      await noted.body?.cancel()
    } catch (error) {
      if (!(error instanceof McpError)) throw error
      this.#headers.set('mcp-protocol-version', STATELESS)
      this.#meta = {
        'io.modelcontextprotocol/protocolVersion': STATELESS,
        'io.modelcontextprotocol/clientInfo': CLIENT,
        'io.modelcontextprotocol/clientCapabilities': {},
      }
    }
  }

  async listTools(): Promise<ListedTool[]> {
    const tools: ListedTool[] = []
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await this.request('tools/list', cursor === undefined ? {} : { cursor })
      const listed = isRecord(result) && Array.isArray(result['tools']) ? result['tools'] : []
      tools.push(
        ...listed.filter(
          (one): one is ListedTool => isRecord(one) && typeof one['name'] === 'string',
        ),
      )
      cursor = isRecord(result) ? result['nextCursor'] : undefined
      if (typeof cursor !== 'string' || cursor === '') return tools
    }
    return tools
  }

  /** @throws McpError if the server answers with an error of JSON-RPC. */
  async request(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = this.#nextId++
    const own = isRecord(params['_meta']) ? params['_meta'] : {}
    const whole =
      this.#meta === undefined ? params : { ...params, _meta: { ...this.#meta, ...own } }
    const response = await this.#send(
      { jsonrpc: '2.0', id, method, params: whole },
      this.#named(method, params),
    )
    this.#status = response.status
    const session = response.headers.get('mcp-session-id')
    if (method === 'initialize' && session !== null) this.#headers.set('mcp-session-id', session)
    const message = await answerTo(id, response)
    if (message === undefined) throw this.#noAnswer(response)
    if (isRecord(message['error'])) {
      const { code, message: text, data } = message['error']
      throw new McpError(Number(code), String(text), data)
    }
    return message['result']
  }

  /** In the stateless version, headers repeat what is called. */
  #named(method: string, { name }: Readonly<Record<string, unknown>>): Record<string, string> {
    if (this.#meta === undefined) return {}
    return {
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': inHeader(name) }),
    }
  }

  #send(message: unknown, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const headers = new Headers(this.#headers)
    for (const [name, value] of Object.entries(more)) headers.set(name, value)
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const body = JSON.stringify(message)
    return fetch(this.#url, { method: 'POST', headers, body, signal })
  }

  #noAnswer({ status, headers }: Response): Ended {
    const { origin, pathname } = this.#url
    if (status === 402) {
      return new Unpaid(
        `${origin}${pathname} asks for payment for every request (HTTP 402), not for a tool. "fetch" can buy one request of it`,
      )
    }
    if (headers.get('content-type')?.startsWith('text/event-stream')) {
      return new Ended(`the stream of ${origin}${pathname} ended without an answer`)
    }
    if (status === 401 || status === 403) {
      const cure =
        "If it wants a token: --header 'authorization: Bearer …'. A Gateway with AWS_IAM needs a signing proxy"
      return new Ended(
        `${origin}${pathname} lets nobody in without a login (HTTP ${status}). ${cure}`,
      )
    }
    return new Ended(`${origin}${pathname} is no MCP endpoint (HTTP ${status})`)
  }

  /** Ends the session, if the server has one. A server need not allow that. */
  async close(): Promise<void> {
    if (!this.#headers.has('mcp-session-id')) return
    const signal = AbortSignal.timeout(2_000)
    const ended = fetch(this.#url, { method: 'DELETE', headers: this.#headers, signal })
    await ended.then((response) => response.body?.cancel()).catch(() => undefined)
  }
}

/** The message that answers a request: the whole body, or one of a stream. */
async function answerTo(
  id: number,
  response: Response,
): Promise<Record<string, unknown> | undefined> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const read = isStream ? sseReader() : undefined
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > MAX_BYTES) throw new Ended(`the answer has more than ${MAX_BYTES} bytes`)
    const piece = decoder.decode(chunk as Uint8Array, { stream: true })
    if (read === undefined) {
      text += piece
      continue
    }
    const found = read(piece)
      .map(({ data }) => parseJson(data))
      .find((one) => isAnswer(one, id))
    if (found !== undefined) return found
  }
  const message = parseJson(text)
  return isAnswer(message, id) ? message : undefined
}

/** Errors about the request itself may have no id. */
function isAnswer(message: unknown, id: number): message is Record<string, unknown> {
  if (!isRecord(message)) return false
  return message['id'] === id || (isRecord(message['error']) && (message['id'] ?? null) === null)
}

/** A name as a header can hold it. */
function inHeader(name: string): string {
  const isPlain = /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/.test(name)
  return isPlain && !name.startsWith('=?base64?')
    ? name
    : `=?base64?${Buffer.from(name).toString('base64')}?=`
}

import { randomUUID } from 'node:crypto'
import type { RpcId } from './json-rpc.js'
import type { McpTarget } from './options.js'

/** What the gateway keeps of one client, from `initialize` to the end of the session. */
export interface Session {
  readonly id: string
  readonly expiresAt: number
  readonly version: string
  /** The capabilities that the client declared. */
  readonly capabilities: Record<string, unknown>
  /** One connection for each target, by the target's name. */
  readonly connections: Map<string, Promise<Connection>>
  /** Requests of targets that the client has not answered yet, by the id that the client knows. */
  readonly pending: Map<RpcId, { connection: Connection; id: RpcId }>
  /** Calls of the client that a target is working on. */
  readonly calls: Map<RpcId, Connection>
}

/**
 * The sessions of a gateway.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-sessions.html
 */
export class Sessions {
  readonly #timeoutMs: number | undefined
  readonly #now: () => number
  readonly #sessions = new Map<string, Session>()

  constructor(timeoutMs: number | undefined, now: () => number) {
    this.#timeoutMs = timeoutMs
    this.#now = now
  }

  get enabled(): boolean {
    return this.#timeoutMs !== undefined
  }

  create(version: string, capabilities: Record<string, unknown>): Session {
    const session: Session = {
      id: randomUUID(),
      expiresAt: this.#now() + (this.#timeoutMs ?? 0),
      version,
      capabilities,
      connections: new Map(),
      pending: new Map(),
      calls: new Map(),
    }
    this.#sessions.set(session.id, session)
    return session
  }

  find(id: string): Session | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined || session.expiresAt > this.#now()) return session
    this.#sessions.delete(id)
    return undefined
  }

  remove(id: string): Session | undefined {
    const session = this.find(id)
    this.#sessions.delete(id)
    return session
  }
}

/** How the gateway talks to one MCP server, for one client or for itself. */
export interface Connection {
  target: McpTarget
  stateless: boolean
  version: string
  sessionId: string | undefined
}

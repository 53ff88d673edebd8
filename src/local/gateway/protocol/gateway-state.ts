import { randomUUID } from 'node:crypto'
import type { Invocation } from './invocations.js'
import { Sessions } from './session.js'
import type { Settings } from './settings.js'

/** A running gateway: its settings and everything it remembers. */
export interface Gateway {
  settings: Settings
  id: string
  invocations: Invocation[]
  sessions: Sessions
  /** Which family of versions a target was found to speak, by the target's name. */
  spoken: Map<string, { stateless?: boolean; withSessions?: boolean }>
  /** Names of a server's tools when it was last asked, by the target's name. */
  listed: Map<string, ReadonlySet<string>>
  /** Aborted when the gateway closes. */
  closing: AbortController
  /** What still runs after its caller was answered. */
  afterwards: Set<Promise<unknown>>
}

export const ACCOUNT_ID = '000000000000'

export function createGatewayState(settings: Settings): Gateway {
  return {
    settings,
    id: `local-${randomUUID().slice(0, 8)}`,
    invocations: [],
    sessions: new Sessions(settings.sessionTimeoutMs, settings.now),
    spoken: new Map(),
    listed: new Map(),
    closing: new AbortController(),
    afterwards: new Set(),
  }
}

export function gatewayArn({ id }: Gateway): string {
  return `arn:aws:bedrock-agentcore:us-east-1:${ACCOUNT_ID}:gateway/${id}`
}

/** Lets something run without waiting for it; `close` does. */
export function later({ afterwards }: Gateway, task: Promise<unknown>): void {
  const running = task
    .catch(() => undefined) // nobody is left to tell
    .finally(() => afterwards.delete(running))
  afterwards.add(running)
}

/** Aborts when the caller is gone, the gateway closes or the time is up. `done` ends the waiting. */
export function limited(
  { closing }: Gateway,
  timeoutMs: number,
  ...signals: readonly AbortSignal[]
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  const sources = [closing.signal, ...signals]
  for (const source of sources) {
    if (source.aborted) abort()
    source.addEventListener('abort', abort)
  }
  const done = () => {
    clearTimeout(timer)
    for (const source of sources) source.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, done }
}

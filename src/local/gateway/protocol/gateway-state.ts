import { randomUUID } from 'node:crypto'
import type { Invocation } from './invocations.js'
import { Sessions } from './session.js'
import type { Settings } from './settings.js'

/** A running gateway: its settings, and everything that it keeps. */
export interface Gateway {
  settings: Settings
  id: string
  invocations: Invocation[]
  sessions: Sessions
  /** The families of versions that a target is known to speak, or not to speak. By the target's name. */
  spoken: Map<string, { stateless?: boolean; withSessions?: boolean }>
  /** The names of a server's tools in its last list. By the target's name. */
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

/** Runs a task that nobody waits for, except `close`. */
export function later({ afterwards }: Gateway, task: Promise<unknown>): void {
  const running = task
    .catch(() => undefined) // There is nobody left to tell.
    .finally(() => afterwards.delete(running))
  afterwards.add(running)
}

/**
 * A signal that aborts when the caller is gone, the gateway closes or the time is up. Call `done` when the
 * work has ended.
 */
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

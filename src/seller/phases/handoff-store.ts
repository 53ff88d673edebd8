import { randomBytes } from 'node:crypto'
import { withDeadline } from '../../time/deadline.js'
import { asError } from '../../errors/payment-error.js'
import type { Logger } from '../../logger.js'
import { type Sealer, createSealer } from './seal.js'
import { type Sealed, SealedSchema } from './handoff-content.js'
import type { InterceptorSecret, InterceptorStore } from '../options/interceptor-options.js'

/** Seals facts, and keeps them in the store. A failure is logged, and counts as if nothing were there. */
export interface Vault {
  /** Whether the secret is available. */
  isReady(): Promise<boolean>
  /**
   * Seals facts that only this process has to read. @returns `undefined` while the secret is not available.
   */
  mark(content: Sealed): Promise<string | undefined>
  /** Seals facts for other containers too. @returns `undefined` if the seller has no secret. */
  seal(content: Sealed): Promise<string | undefined>
  open(sealed: string): Promise<Sealed | undefined>
  /** @returns whether it was kept. */
  put(key: string, content: Sealed): Promise<boolean>
  take(key: string): Promise<Sealed | undefined>
}

/**
 * AgentCore Gateway waits at most 900 s for a target, and the request phase holds the payment as long. A
 * later response still has to find the facts of its call. Without them it would ask for a payment, though
 * another call may have charged.
 */
const TTL_SECONDS = 960

export interface VaultOptions {
  secret: InterceptorSecret | Uint8Array | undefined
  store: InterceptorStore | undefined
  /** How long a secret or store may take. */
  timeoutMs: number
  logger: Logger
  now: () => number
}

export function createVault(options: VaultOptions): Vault {
  const { secret, store, timeoutMs, logger, now } = options
  const sealer = sealerOf(options)
  const mark = async (content: Sealed): Promise<string | undefined> =>
    (await sealer())?.seal({ ...content }, now() + TTL_SECONDS * 1_000)
  const seal = async (content: Sealed): Promise<string | undefined> =>
    secret === undefined ? undefined : mark(content)
  const open = async (sealed: string): Promise<Sealed | undefined> => {
    const parsed = SealedSchema.safeParse((await sealer())?.open(sealed))
    return parsed.success ? parsed.data : undefined
  }
  const guarded = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await withDeadline(timeoutMs, ask)
    } catch (error) {
      logger.error('the store failed', { error: asError(error) })
      return undefined
    }
  }
  return {
    isReady: async () => (await sealer()) !== undefined,
    mark,
    seal,
    open,
    async put(key, content) {
      if (store === undefined) return false
      const sealed = await seal({ ...content, key })
      if (sealed === undefined) return false
      const kept = await guarded(async () => {
        await store.put(key, sealed, TTL_SECONDS)
        return true
      })
      return kept === true
    },
    async take(key) {
      const sealed = store && (await guarded(async () => store.take(key)))
      const content = typeof sealed === 'string' ? await open(sealed) : undefined
      // An entry counts only under the key where it was put.
      return content?.key === key ? content : undefined
    },
  }
}

let ofProcess: Uint8Array | undefined

/** The secret of this process, for facts that only this process needs. */
function ownSecret(): Uint8Array {
  return (ofProcess ??= randomBytes(32))
}

/** The key is derived once. A secret that cannot be fetched is asked for again by the next call. */
function sealerOf({
  secret,
  timeoutMs,
  logger,
  now,
}: VaultOptions): () => Promise<Sealer | undefined> {
  let pending: Promise<Sealer> | undefined
  const derive = async (): Promise<Sealer> => {
    const value = typeof secret === 'function' ? await secret() : (secret ?? ownSecret())
    if (Buffer.byteLength(value) < 32) throw new Error('secret: expected at least 32 bytes')
    return createSealer(value, now)
  }
  return async () => {
    try {
      pending ??= withDeadline(timeoutMs, derive)
      return await pending
    } catch (error) {
      pending = undefined
      // The error's message is not logged: that of a parser quotes its input.
      logger.error('the secret cannot be had; calls are verified in both phases', {
        reason: asError(error).name,
      })
      return undefined
    }
  }
}

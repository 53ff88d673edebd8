import { SEAL_HEADER, type FoundPayment, type Payment } from './carriers.js'
import { asError } from './errors.js'
import type { Logger } from './logger.js'
import type { Call } from './parse.js'
import { createSealer, type Sealer } from './seal.js'
import {
  SealedSchema,
  boundOf,
  contentOf,
  handedOver,
  hash,
  type HandedOver,
  type Sealed,
} from './sealed.js'
import { createOnce } from './once.js'

/** Where an interceptor may keep what its phases share. Values are sealed: the store needs no trust. */
export interface InterceptorStore {
  /** Keeps a value for this long. */
  put(key: string, value: string, ttlSeconds: number): Promise<unknown>
  /** @returns the value, and removes it, in one step: no two callers get the same. */
  take(key: string): Promise<string | null | undefined>
}

/** The secret of the seal: at least 32 bytes, or a function that fetches it, called once. */
export type InterceptorSecret = string | (() => Promise<string> | string)

/** What the forwarded request has to carry. */
export interface Carried {
  headers: Record<string, string>
  /** Whether the response phase finds the payment without being shown it. */
  holdsPayment: boolean
}

/** Takes what the request phase knows to the response phase, which may run in another container. */
export interface Handoff {
  give(call: Call, known: HandedOver, payment: Payment | undefined): Promise<Carried>
  take(call: Call, payment: FoundPayment, seals: readonly string[]): Promise<HandedOver | undefined>
  /** By a key of the Gateway's own, for calls whose response phase is not told of its request. */
  giveByKey(key: string, call: Call, known: HandedOver, payment: Payment | undefined): Promise<void>
  takeByKey(key: string): Promise<{ call: Call; handed: HandedOver } | undefined>
  /** Header of an answer that the request phase gives itself. */
  mark(call: Call): Promise<Record<string, string>>
  isMarked(call: Call, seals: readonly string[]): Promise<boolean>
  /** Whether one of these was written here: then a client has got hold of it. */
  wrote(seals: readonly string[]): Promise<boolean>
}

const NOTHING_CARRIED: Carried = { headers: {}, holdsPayment: false }

/** As long as AgentCore Gateway waits for a target at most. */
const TTL_SECONDS = 900
/** Entries a container remembers, for responses that the Gateway hands over again. */
const MAX_REMEMBERED = 100
/** AgentCore Gateway takes header values up to 4 KB. */
const MAX_HEADER_CHARS = 4_096

interface HandoffOptions {
  secret: InterceptorSecret | Uint8Array | undefined
  store: InterceptorStore | undefined
  logger: Logger
  now: () => number
}

export function createHandoff({ secret, store, logger, now }: HandoffOptions): Handoff {
  const sealer = sealerOf(secret, logger, now)
  const expiry = (): number => now() + TTL_SECONDS * 1_000
  const open = async (sealed: string): Promise<Sealed | undefined> => {
    const content = (await sealer())?.open(sealed)
    const parsed = content && SealedSchema.safeParse(content)
    return parsed?.success === true ? parsed.data : undefined
  }
  const put = async (key: string, content: Sealed): Promise<boolean> => {
    const sealed = (await sealer())?.seal({ ...content, key }, expiry())
    if (sealed === undefined || store === undefined) return false
    try {
      await store.put(key, sealed, TTL_SECONDS)
      return true
    } catch (error) {
      logger.error('the store failed', { error: asError(error) })
      return false
    }
  }
  const fetch = async (key: string): Promise<Sealed | undefined> => {
    try {
      const sealed = await store?.take(key)
      const content = typeof sealed === 'string' ? await open(sealed) : undefined
      return content?.key === key ? content : undefined
    } catch (error) {
      logger.error('the store failed', { error: asError(error) })
      return undefined
    }
  }

  const fetchOnce = createOnce<Sealed | undefined>(MAX_REMEMBERED)

  return {
    async give(call, known, payment) {
      const content = contentOf(call, known, payment)
      if (store !== undefined) await put(storeKey(call, payment), content)
      const writer = await sealer()
      if (writer === undefined) return NOTHING_CARRIED
      return fitted(content, payment, (it) => writer.seal({ ...it }, expiry()))
    },
    async take(call, payment, seals) {
      for (const sealed of seals) {
        const content = await open(sealed)
        const handed = content && handedOver(content, call, payment)
        if (handed !== undefined) return handed
      }
      const content = await fetch(storeKey(call, payment))
      return content && handedOver(content, call, payment)
    },
    async giveByKey(key, call, known, payment) {
      const facts = { ...call, event: undefined }
      const content = { ...contentOf(call, known, payment), call: facts, token: payment?.token }
      const kept = await put(key, content)
      if (!kept) throw new Error('nothing could be kept for the response phase')
    },
    async takeByKey(key) {
      // The Gateway may hand the same response over again, and the store gives what it keeps once.
      const content = await fetchOnce(key, () => fetch(key))
      if (content?.call === undefined) return undefined
      const call = { ...content.call, event: {} } as Call
      const handed = handedOver(content, call, { kind: 'none' })
      return handed && { call, handed }
    },
    async mark(call) {
      const sealed = (await sealer())?.seal({ bound: boundOf(call), answered: true }, expiry())
      return sealed === undefined ? {} : { [SEAL_HEADER]: sealed }
    },
    async isMarked(call, seals) {
      const opened = await Promise.all(seals.map(open))
      return opened.some((it) => it?.answered === true && it.bound === boundOf(call))
    },
    async wrote(seals) {
      if (seals.length === 0 || secret === undefined) return false
      // Without its secret it cannot tell, and must not take one of its own for junk.
      if ((await sealer()) === undefined) return true
      const opened = await Promise.all(seals.map(open))
      return opened.some((content) => content !== undefined)
    },
  }
}

/** Derived once; a secret that cannot be fetched is asked for again by the next call. */
function sealerOf(
  secret: HandoffOptions['secret'],
  logger: Logger,
  now: () => number,
): () => Promise<Sealer | undefined> {
  let pending: Promise<Sealer> | undefined
  return async () => {
    if (secret === undefined) return undefined
    try {
      pending ??= (async () => {
        const value = typeof secret === 'function' ? await secret() : secret
        if (Buffer.byteLength(value) < 32) throw new Error('secret: expected at least 32 bytes')
        return createSealer(value, now)
      })()
      return await pending
    } catch (error) {
      pending = undefined
      logger.error('the secret cannot be had; calls are verified in both phases', {
        error: asError(error),
      })
      return undefined
    }
  }
}

/** Within what a header may hold: where the payment does not fit, it stays in the forwarded headers. */
function fitted(
  content: Sealed,
  payment: Payment | undefined,
  seal: (content: Sealed) => string,
): Carried {
  for (const attempt of [content, { ...content, token: undefined }]) {
    const sealed = seal(attempt)
    if (sealed.length > MAX_HEADER_CHARS) continue
    const holdsPayment = payment?.inHeader !== true || attempt.token !== undefined
    return { headers: { [SEAL_HEADER]: sealed }, holdsPayment }
  }
  return NOTHING_CARRIED
}

/** Two calls that differ in anything have entries of their own: one may be free and the other not. */
function storeKey(call: Call, payment: FoundPayment | undefined): string {
  const token = payment?.kind === 'token' ? payment.token : ''
  return hash(JSON.stringify([boundOf(call), token, call.event.mcp.gatewayRequest.body]))
}

import { sha256 } from '../../wire/hash.js'
import { MAX_GATEWAY_HEADER_CHARS } from '../../wire/gateway-events.js'
import { SEAL_HEADER } from '../../wire/x402.js'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import type { SoldCall } from '../events/call.js'
import type { Settings } from '../options/settings.js'
import {
  boundOf,
  contentOf,
  handedOver,
  type HandedOver,
  type Known,
  type Sealed,
} from './handoff-content.js'
import type { Vault } from './handoff-store.js'

/** What the forwarded request carries. */
export interface Carried {
  headers: Record<string, string>
  /** Whether the response phase finds the payment even if it is not shown the request. */
  holdsPayment: boolean
}

/** Takes what the request phase knows to the response phase, which may run in another container. */
export interface Handoff {
  /** @param requestId the Gateway's own id of the request, if it names one */
  give(call: SoldCall, known: Known, requestId: string | undefined): Promise<Carried>
  take(call: SoldCall, found: Found): Promise<HandedOver | undefined>
  /**
   * Keeps facts under a key of the Gateway's own, for calls whose response phase is not shown the request.
   */
  giveByKey(key: string, call: SoldCall, known: Known): Promise<void>
  takeByKey(key: string): Promise<{ call: SoldCall; handed: HandedOver } | undefined>
  /**
   * The header of an answer that the request phase gives itself; `undefined` while the secret is not
   * available.
   */
  mark(call: SoldCall): Promise<Record<string, string> | undefined>
  isMarked(call: SoldCall, seals: readonly string[]): Promise<boolean>
  /** Whether one of these seals was written here: then a client has got hold of it. */
  wrote(seals: readonly string[]): Promise<boolean>
}

/** What the response phase has, to find the facts of its call. */
export interface Found {
  readonly payment: FoundPayment
  readonly seals: readonly string[]
  /** The Gateway's own id of the request, if it names one. */
  readonly requestId: string | undefined
}

const NOTHING_CARRIED: Carried = { headers: {}, holdsPayment: false }

export function createHandoff(vault: Vault, settings: Settings): Handoff {
  const openAll = (seals: readonly string[]): Promise<(Sealed | undefined)[]> =>
    Promise.all(seals.map((sealed) => vault.open(sealed)))
  return {
    ...byHeader(vault, openAll, settings),
    ...byKey(vault, settings),
    async mark(call) {
      const sealed = await vault.mark({ bound: boundOf(call), answered: true })
      return sealed === undefined ? undefined : { [SEAL_HEADER]: sealed }
    },
    async isMarked(call, seals) {
      const opened = await openAll(seals)
      return opened.some((it) => it?.answered === true && it.bound === boundOf(call))
    },
    async wrote(seals) {
      if (seals.length === 0) return false
      // Without its secret this process cannot tell. It must not take a seal of its own for junk.
      if (!(await vault.isReady())) return true
      return (await openAll(seals)).some((content) => content !== undefined)
    },
  }
}

type OpenAll = (seals: readonly string[]) => Promise<(Sealed | undefined)[]>

/** Hands over in a header of the forwarded request, and in the store if there is one. */
function byHeader(
  vault: Vault,
  openAll: OpenAll,
  settings: Settings,
): Pick<Handoff, 'give' | 'take'> {
  return {
    async give(call, known, requestId) {
      const content = contentOf(call, known)
      await vault.put(storeKey(call, known.payment, requestId), content)
      return fitted(content, known.payment, vault)
    },
    async take(call, { payment, seals, requestId }) {
      for (const content of await openAll(seals)) {
        const handed = content && handedOver(content, call, payment, settings)
        if (handed !== undefined) return handed
      }
      const key = storeKey(call, payment, requestId)
      const content = await vault.take(key)
      const handed = content && handedOver(content, call, payment, settings)
      // The Gateway may hand the same response over again.
      if (handed !== undefined) await vault.put(key, content as Sealed)
      return handed
    },
  }
}

/** Hands over in the store alone. */
function byKey(vault: Vault, settings: Settings): Pick<Handoff, 'giveByKey' | 'takeByKey'> {
  return {
    async giveByKey(key, call, known) {
      const plainCall = { ...call, event: undefined }
      const content = { ...contentOf(call, known), call: plainCall, token: known.payment?.token }
      if (!(await vault.put(key, content))) throw new Error('nothing could be kept')
    },
    async takeByKey(key) {
      const content = await vault.take(key)
      if (content?.call === undefined) return undefined
      // The Gateway may hand the same response over again, to another container. The key is the Gateway's own.
      await vault.put(key, content)
      const call = { ...content.call, event: {} } as SoldCall
      const handed = handedOver(content, call, { kind: 'none' }, settings)
      return handed && { call, handed }
    },
  }
}

/** The content as it fits into a header. If the payment does not fit, it stays in the forwarded headers. */
async function fitted(
  content: Sealed,
  payment: Payment | undefined,
  vault: Vault,
): Promise<Carried> {
  for (const attempt of [content, { ...content, token: undefined }]) {
    const sealed = await vault.seal(attempt)
    if (sealed === undefined) return NOTHING_CARRIED
    if (sealed.length > MAX_GATEWAY_HEADER_CHARS) continue
    const holdsPayment = payment?.inHeader !== true || attempt.token !== undefined
    return { headers: { [SEAL_HEADER]: sealed }, holdsPayment }
  }
  return NOTHING_CARRIED
}

/**
 * The key of a call in the store. Calls that differ in anything have entries of their own, since one may be
 * free and another not. Equal calls are told apart only by the Gateway's id of the request.
 */
function storeKey(
  call: SoldCall,
  payment: FoundPayment | undefined,
  requestId: string | undefined,
): string {
  const token = payment?.kind === 'token' ? payment.token : ''
  const { body } = call.event.mcp.gatewayRequest
  return sha256(JSON.stringify([requestId, boundOf(call), token, body]))
}

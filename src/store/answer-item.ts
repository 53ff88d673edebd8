import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib'
import { type Item, SCHEMA, numberIn, numbers, requireKnown, texts, ttl } from './item.js'
import type { Sealer } from './sealer.js'

/** A shorter text is compressed at once: asking another thread would take longer. Unit: characters. */
const SHORT_CHARS = 8_192
const compressLong = promisify(deflateRaw)
const expand = promisify(inflateRaw)

/** An answer that is to be kept. */
export interface AnswerToKeep {
  /** The key of the answer's record. */
  readonly key: string
  readonly text: string
  /** The write that brings the answer. */
  readonly answerId: string
  /** Unit: ms since the epoch. */
  readonly expiresAt: number
}

/** Each write has its own answer. So a call that was taken over cannot replace the answer of another call. */
export function answerKey(key: string, answerId: string): string {
  return `answer#${key}#${answerId}`
}

function compress(text: string): Buffer | Promise<Buffer> {
  return text.length < SHORT_CHARS ? deflateRawSync(text) : compressLong(text)
}

/** Makes an item of an answer: the answer is compressed, then encrypted. */
export async function answerItem(
  { key, text, answerId, expiresAt }: AnswerToKeep,
  sealer: Sealer,
): Promise<Item> {
  const pk = answerKey(key, answerId)
  const { keyId, bytes } = sealer.seal(await compress(text), pk)
  return {
    ...texts({ pk, kind: 'answer', keyId }),
    ...numbers({ schema: SCHEMA, expiresAt }),
    ...ttl(expiresAt),
    sealed: { B: bytes },
  }
}

/** @returns the answer, or `undefined` if it has expired. */
export async function answerIn(
  item: Item,
  nowMs: number,
  sealer: Sealer,
): Promise<string | undefined> {
  requireKnown(item)
  const { keyId, sealed, pk } = item
  if (numberIn(item, 'expiresAt') <= nowMs) return undefined
  if (keyId?.S === undefined || sealed?.B === undefined || pk?.S === undefined) return undefined
  const open = sealer.open({ keyId: keyId.S, bytes: sealed.B }, pk.S)
  return (await expand(open)).toString()
}

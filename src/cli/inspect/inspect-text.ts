import { kindOfText } from '../../mistakes/kind-of-text.js'
import { describeKey } from './api-key.js'
import { describeChallenge, describeRequirement } from './challenge.js'
import { findThings } from './find/find-things.js'
import { describeMppChallenge } from './mpp-challenge.js'
import { describeCredential, describeMppReceipt } from './mpp-paid.js'
import {
  describeError,
  describeRefund,
  describeSellerAnswer,
  describeUnreadable,
  describeVerified,
} from './other-answers.js'
import { describePayment } from './payment.js'
import { describeReceipt } from './receipt.js'
import { withoutKeys } from './secrets.js'
import { compare } from './together.js'
import type { Description, Inspected, Kind, Thing } from './thing.js'

/** What was found in a text. */
export interface Inspection {
  readonly found: readonly Inspected[]
  /** How many things were found and left out. */
  readonly more: number
  /** What the text looks like, if nothing was found. */
  readonly looksLike?: string
}

const DESCRIBERS: Readonly<Record<Kind, (thing: Thing, nowMs: number) => Description>> = {
  challenge: describeChallenge,
  requirement: describeRequirement,
  payment: describePayment,
  verify_answer: describeVerified,
  receipt: describeReceipt,
  refund_due: describeRefund,
  error_answer: describeError,
  seller_answer: describeSellerAnswer,
  mpp_challenge: describeMppChallenge,
  mpp_credential: describeCredential,
  mpp_receipt: describeMppReceipt,
  api_key: describeKey,
  unreadable: describeUnreadable,
}

/** Finds and describes everything of x402, MPP and Nevermined in a text. */
export function inspectText(text: string, nowMs: number): Inspection {
  const { found, status } = findThings(text)
  const { things: all, count } = found
  const things = withoutWords(all)
  const together = compare(things, status)
  const inspected = things.map((thing, at) => {
    const described = DESCRIBERS[thing.kind](thing, nowMs)
    return {
      ...described,
      kind: thing.kind,
      carrier: thing.carrier,
      alsoIn: thing.alsoIn ?? [],
      decoded: thing.kind === 'unreadable' ? undefined : withoutKeys(thing.value),
      findings: [...thing.problems, ...described.findings, ...(together.get(at) ?? [])],
    }
  })
  const more = count - all.length
  return things.length > 0
    ? { found: inspected, more }
    : { found: [], more, looksLike: looksLike(text) }
}

/** Beside a challenge stands a text for people, which says nothing that the challenge does not. */
function withoutWords(things: readonly Thing[]): Thing[] {
  const hasChallenge = things.some(({ kind }) => kind === 'challenge')
  return things.filter(({ kind }) => kind !== 'seller_answer' || !hasChallenge)
}

function looksLike(text: string): string {
  const { length } = text.trim()
  if (length === 0) return 'an empty text'
  return kindOfText(text.trim()) ?? `a text of ${length} characters`
}

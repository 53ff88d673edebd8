import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { parseJson } from '../../wire/json.js'
import { ApiError } from './api-error.js'
import type { Signer } from './token.js'

/** What a challenge of MPP asks for, and the request that it is bound to. */
export interface ChallengeTerms extends Binding {
  planId: string
  /** Unit: credits, as a decimal text. */
  credits: string
  agentId: string | undefined
  /** The digest of the request's body, e.g. `sha-256=<base64>`. */
  digest: string | undefined
  description: string | undefined
}

/** The request that a challenge is good for. */
interface Binding {
  resource: string
  httpVerb: string
}

/** A challenge that was checked, with what the buyer sent for it. */
export interface RedeemedChallenge {
  id: string
  planId: string
  credits: bigint
  agentId: string | undefined
  accessToken: string
}

/** How long a challenge can be answered. Unit: ms. */
const TTL_MS = 300_000

const FIXED = { realm: 'agentcore-x402 local', method: 'nevermined', intent: 'charge' } as const

/**
 * Writes a challenge as the value of `WWW-Authenticate`. Each has another id, which signs all of it and its
 * binding. Nothing is kept.
 *
 * @see https://datatracker.ietf.org/doc/draft-ryan-httpauth-payment/
 */
export function writeChallenge(
  terms: ChallengeTerms,
  signer: Signer,
  nowMs: number,
): { challenge: string; id: string } {
  const { planId, credits, agentId, digest } = terms
  const parts = {
    ...FIXED,
    request: encode({ planId, credits, ...(agentId !== undefined && { agentId }) }),
    expires: new Date(nowMs + TTL_MS).toISOString(),
    ...(digest !== undefined && { digest }),
    ...(terms.description !== undefined && { description: printable(terms.description) }),
    opaque: randomBytes(16).toString('base64url'),
  }
  const id = signer.sign(sealed(parts, terms))
  const params = Object.entries({ id, ...parts }).map(
    ([name, value]) => `${name}="${quoted(value)}"`,
  )
  return { challenge: `Payment ${params.join(', ')}`, id }
}

const Credential = z.object({
  challenge: z.looseObject({
    id: z.string(),
    request: z.string(),
    expires: z.string(),
    digest: z.nullish(z.string()),
  }),
  payload: z.looseObject({ accessToken: z.string() }),
})

const Request = z.looseObject({
  planId: z.string(),
  credits: z.string(),
  agentId: z.optional(z.string()),
})

/**
 * Reads what a buyer sent in `Authorization`, for the request that the seller got.
 *
 * @throws ApiError `BCK.MPP.0003` if the challenge is none of ours, or of another request. `0004` if it has expired,
 * `0005` if the body is another one.
 */
export function readCredential(
  text: string,
  binding: Binding & { bodyDigest: string | undefined },
  signer: Signer,
  nowMs: number,
): RedeemedChallenge {
  const encoded = text.replace(/^Payment\s+/i, '').trim()
  const { data } = Credential.safeParse(decode(encoded))
  if (data === undefined) throw rejected()
  const { id, ...parts } = data.challenge
  if (!signer.isSigned(sealed(parts, binding), id)) throw rejected()
  if (Date.parse(parts.expires) <= nowMs) {
    throw new ApiError(402, 'BCK.MPP.0004', 'The challenge has expired', true)
  }
  if (parts.digest && parts.digest !== binding.bodyDigest) {
    throw new ApiError(402, 'BCK.MPP.0005', 'The body is another one than was challenged', true)
  }
  const { planId, credits, agentId } = Request.parse(decode(parts.request))
  return { id, planId, credits: BigInt(credits), agentId, accessToken: data.payload.accessToken }
}

/** A refusal. The real API does not say why, so that nobody can try things out. */
export function rejected(): ApiError {
  return new ApiError(402, 'BCK.MPP.0003', 'The credential was rejected')
}

const SEALED = [
  ...['realm', 'method', 'intent', 'request', 'expires', 'digest', 'description', 'opaque'],
] as const

/** What an id signs. A member that is left out counts as null. */
function sealed(
  parts: Readonly<Record<string, unknown>>,
  { resource, httpVerb }: Binding,
): unknown {
  return ['mpp', ...SEALED.map((name) => parts[name] ?? null), resource, httpVerb.toUpperCase()]
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(encoded: string): unknown {
  return parseJson(Buffer.from(encoded, 'base64url').toString())
}

/** A text that a header can hold. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

function quoted(value: string): string {
  return value.replace(/["\\]/g, '\\$&')
}

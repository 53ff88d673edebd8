import * as z from 'zod/mini'
import { ApiError } from './api-error.js'
import type { Ledger } from './ledger.js'
import { addressOfKey, type Signer } from './token.js'

/** One request of a client. Nothing in it is checked yet. */
export interface ApiCall {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
  body: unknown
}

export interface ApiAnswer {
  status: number
  body: unknown
}

/** What the endpoints work on. */
export interface World {
  ledger: Ledger
  signer: Signer
  /** The delegation of each token, by the token's signature. */
  permissions: Map<string, { delegationId: string | undefined }>
  /** Unit: ms since the epoch. */
  now: () => number
}

/** Credits and ids are uint256 as decimal texts. Numbers are taken as long as JSON holds them exactly. */
export const Amount = z.union([z.string().check(z.regex(/^\d+$/)), z.int().check(z.nonnegative())])

/** One way to pay for a plan, as a seller asks for it. */
export const PlanTerms = z.looseObject({
  scheme: z.string(),
  network: z.string(),
  planId: z.string(),
  extra: z.nullish(
    z.looseObject({ agentId: z.nullish(z.string()), httpVerb: z.nullish(z.string()) }),
  ),
})

/** Checks the API key, if there is one. Verify and settle of the real API also work without a key. */
export function optionalKey(world: World, call: ApiCall): void {
  if (call.headers['authorization'] !== undefined) requiredKey(world, call)
}

export function requiredKey({ signer }: World, { headers }: ApiCall): string {
  const key = String(headers['authorization'] ?? '').replace(/^Bearer /i, '')
  if (key === '') throw new ApiError(401, 'BCK.AUTH.0002', 'Missing API key')
  const address = addressOfKey(key, signer)
  if (address === undefined) throw new ApiError(401, 'BCK.APIKEY.0004', 'Invalid API key')
  return address
}

/**
 * Checks a body.
 *
 * @throws ApiError 400 that names the fields that do not fit.
 */
export function read<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  if (hasUnsafeNumber(body)) {
    throw new ApiError(400, 'BCK.COMMON.0026', 'Send large integers as decimal strings')
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new ApiError(400, 'BCK.HTTP.400', `Invalid request: ${fields}`)
}

function hasUnsafeNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasUnsafeNumber)
}

/** The page of a list that a client asks for. `offset` is the number of entries on a page. */
export function pageOf({ query }: ApiCall, otherwise: number): { page: number; offset: number } {
  return { page: count(query.get('page'), 1), offset: count(query.get('offset'), otherwise) }
}

function count(text: string | null, otherwise: number): number {
  return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : otherwise
}

export function ok(body: unknown): ApiAnswer {
  return { status: 200, body }
}

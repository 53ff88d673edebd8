import * as z from 'zod/mini'
import { isRecord } from '../../wire/json.js'
import {
  type Challenge,
  PaymentRequiredSchema,
  type Requirement,
  RequirementSchema,
} from '../../wire/x402-challenge.js'

/** A longer challenge is not read. Unit: characters of JSON. */
export const MAX_CHALLENGE_CHARS = 65_536

/**
 * Reads a challenge. Ways to pay that cannot be read are left out, so that one odd entry does not spoil the
 * others.
 */
export function readChallenge(value: unknown): Challenge | undefined {
  if (!isRecord(value) || !Array.isArray(value['accepts'])) return undefined
  const accepts = value['accepts'].flatMap((one) => readRequirement(one) ?? [])
  return challengeWith(value, accepts)
}

/** Reads a way to pay. Other protocols have names of their own here, which x402 may not use. */
export function readRequirement(one: unknown): Requirement | undefined {
  const requirement = RequirementSchema.safeParse(one).data
  return requirement?.scheme.startsWith('mpp:') ? undefined : requirement
}

/**
 * A challenge with ways to pay that were read already. It holds these very objects; `undefined` if there are
 * none.
 */
export function challengeWith(value: unknown, accepts: Requirement[]): Challenge | undefined {
  const rest = RestSchema.safeParse(value).data
  if (rest === undefined || accepts.length === 0) return undefined
  const challenge = { ...rest, accepts }
  return isShort(challenge) ? challenge : undefined
}

const RestSchema = z.omit(PaymentRequiredSchema, { accepts: true })

function isShort(challenge: Challenge): boolean {
  try {
    return JSON.stringify(challenge).length <= MAX_CHALLENGE_CHARS
  } catch {
    return false // It is nested deeper than the stack.
  }
}

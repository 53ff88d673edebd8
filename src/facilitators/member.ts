import type * as z from 'zod/mini'
import { withDeadline } from '../time/deadline.js'
import { OptionsError } from '../errors/payment-error.js'
import type { FacilitatorCall } from '../wire/facilitator-call.js'
import { UNREADABLE } from '../errors/facilitator-failure.js'
import { PaymentsError } from '../errors/payments-error.js'
import {
  SupportedSchema,
  type FacilitatorClient,
  type SupportedKinds,
} from './facilitator-client.js'
import { createHealth, type Health } from './health.js'
import { createLookUp, type LookUp } from '../time/cached.js'
import { answerOfX402, failureOfX402 } from './x402-failure.js'

/** One of several facilitators, and its health. */
export interface Member {
  readonly client: FacilitatorClient
  /** Its place in the given order. */
  readonly by: number
  readonly health: Health
  readonly supported: LookUp<SupportedKinds>
}

export function toMember(client: FacilitatorClient, by: number, now: () => number): Member {
  const load = (timeoutMs: number) =>
    ask(SupportedSchema, { timeoutMs }, () => client.getSupported())
  return { client, by, health: createHealth(now), supported: createLookUp(load, now) }
}

/** Puts the healthy ones first, and keeps the given order otherwise. */
export function byHealth(members: readonly Member[]): readonly Member[] {
  const sick = members.filter(({ health }) => health.isSick())
  if (sick.length === 0) return members
  return [...members.filter((member) => !sick.includes(member)), ...sick]
}

/** Puts one facilitator before all others, if it is there. */
export function startingWith(
  by: number | undefined,
  members: readonly Member[],
): readonly Member[] {
  const first = by === undefined ? undefined : members[by]
  const turn = byHealth(members)
  return first === undefined ? turn : [first, ...turn.filter((member) => member !== first)]
}

/**
 * Asks one facilitator, and notes from the answer whether it is healthy.
 *
 * @throws PaymentsError, whatever the client throws. Its own message may quote the payment.
 */
export async function askMember<T extends Record<string, unknown>>(
  { health }: Member,
  schema: z.ZodMiniType<T>,
  call: { timeoutMs: number; correlationId: string },
  send: (call: FacilitatorCall) => Promise<unknown>,
): Promise<T> {
  try {
    const answer = await ask(schema, call, send)
    health.succeeded()
    return answer
  } catch (error) {
    if (isIllness(error)) health.failed()
    throw error
  }
}

/** Asks one facilitator, and notes nothing of its health. @throws PaymentsError like {@link askMember}. */
export async function ask<T extends Record<string, unknown>>(
  schema: z.ZodMiniType<T>,
  { timeoutMs, correlationId }: { timeoutMs: number; correlationId?: string },
  send: (call: FacilitatorCall) => Promise<unknown>,
): Promise<T> {
  let answer: unknown
  try {
    answer = await withDeadline(timeoutMs, (limitMs) => send({ timeoutMs: limitMs, correlationId }))
  } catch (error) {
    answer = answerOfX402(error)
    if (answer === undefined) throw withoutProse(error, correlationId)
  }
  const parsed = schema.safeParse(answer)
  if (!parsed.success) throw new PaymentsError({ ...UNREADABLE, correlationId })
  return parsed.data
}

/** An error of the developer is kept: it is ours, and quotes nothing. */
function withoutProse(error: unknown, correlationId: string | undefined): PaymentsError {
  if (error instanceof PaymentsError) return error
  const options = error instanceof OptionsError ? { cause: error } : undefined
  return new PaymentsError({ correlationId, ...failureOfX402(error) }, options)
}

/** A bad payment is a bad request at every facilitator. It must not make a facilitator count as sick. */
const BAD_REQUEST = new Set([400, 409, 413, 422])

function isIllness(error: unknown): boolean {
  const { outcome, httpStatus } = failureOfX402(error)
  return outcome !== 'refused' && !BAD_REQUEST.has(httpStatus ?? 0)
}

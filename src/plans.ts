import * as z from 'zod/mini'
import { withDeadline } from './deadline.js'
import { chainOf } from './environments.js'
import { PaymentUnavailableError } from './errors.js'
import type { SellerPayments } from './facilitator.js'
import { withoutProse } from './payments-error.js'

/** What a plan look-up is for: how the plan is paid. */
export interface PlanTerms {
  scheme: string
  /** Undefined for a plan on chain of a client that does not say which environment it is for. */
  network: string | undefined
}

/** How long a plan's terms count as fresh. Stale ones are served while they are refreshed. */
const FRESH_MS = 5 * 60_000
/** How long a failed look-up is remembered, so that an outage costs no request per call. */
const FAILED_MS = 10_000

const PlanSchema = z.looseObject({
  registry: z.looseObject({ price: z.looseObject({ isCrypto: z.nullish(z.boolean()) }) }),
  metadata: z.nullish(
    z.looseObject({
      plan: z.nullish(z.looseObject({ fiatPaymentProvider: z.nullish(z.string()) })),
    }),
  ),
})

interface Entry {
  terms: PlanTerms | undefined
  /** Until when the entry is used without asking again. */
  goodUntil: number
  pending: Promise<PlanTerms> | undefined
}

/**
 * A cache shared by every wrapper in the process, per client instance (that is: per environment and
 * key) and plan. The clients hold it weakly.
 */
const caches = new WeakMap<SellerPayments, Map<string, Entry>>()

/**
 * Scheme and network of a plan: at most one request in flight per plan, cached 5 minutes, failures 10
 * seconds. Never a guess: a wrong scheme makes every buyer mint a useless token.
 *
 * @throws PaymentUnavailableError if the plan cannot be read and no earlier answer is known.
 */
export async function planTerms(
  payments: SellerPayments | undefined,
  planId: string,
  timeoutMs: number,
  now: () => number,
): Promise<PlanTerms> {
  if (payments?.plans === undefined) throw unavailable(planId)
  const entry = entryFor(payments, planId)
  if (now() < entry.goodUntil) {
    if (entry.terms === undefined) throw unavailable(planId)
    return entry.terms
  }
  entry.pending ??= refresh(entry, payments, planId, timeoutMs, now).finally(
    () => (entry.pending = undefined),
  )
  if (entry.terms === undefined) return entry.pending
  entry.pending.catch(() => undefined) // served stale; the failure is remembered in the entry
  return entry.terms
}

async function refresh(
  entry: Entry,
  payments: SellerPayments,
  planId: string,
  timeoutMs: number,
  now: () => number,
): Promise<PlanTerms> {
  try {
    const plan = await withDeadline(timeoutMs, async () => payments.plans?.getPlan(planId))
    entry.terms = toTerms(plan, payments)
    entry.goodUntil = now() + FRESH_MS
    return entry.terms
  } catch (cause) {
    entry.goodUntil = now() + FAILED_MS
    throw unavailable(planId, withoutProse(cause))
  }
}

function toTerms(answer: unknown, payments: SellerPayments): PlanTerms {
  const plan = PlanSchema.parse(answer)
  if (plan.registry.price.isCrypto === false) {
    const provider = plan.metadata?.plan?.fiatPaymentProvider
    return { scheme: 'nvm:card-delegation', network: provider || 'stripe' }
  }
  const environment = environmentOf(payments)
  return { scheme: 'nvm:erc4337', network: environment && chainOf(environment) }
}

/** Ours has a field; the official class has it protected (absent from its type), and a method. */
function environmentOf(payments: SellerPayments): string | undefined {
  const { environmentName } = payments as { environmentName?: unknown }
  if (typeof environmentName === 'string') return environmentName
  const { getEnvironmentName } = payments as { getEnvironmentName?: () => string }
  return typeof getEnvironmentName === 'function' ? getEnvironmentName.call(payments) : undefined
}

function entryFor(payments: SellerPayments, planId: string): Entry {
  const plans = caches.get(payments) ?? new Map<string, Entry>()
  caches.set(payments, plans)
  const entry = plans.get(planId) ?? { terms: undefined, goodUntil: 0, pending: undefined }
  plans.set(planId, entry)
  return entry
}

function unavailable(planId: string, cause?: unknown): PaymentUnavailableError {
  return new PaymentUnavailableError('plan_unavailable', `plan ${planId} cannot be looked up`, {
    cause,
  })
}

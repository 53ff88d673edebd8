import * as z from 'zod/mini'
import { withDeadline } from '../time/deadline.js'
import { chainOf } from './environments.js'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import type { SellerPayments } from './facilitator.js'
import { createLookUp, type LookUp } from '../time/cached.js'
import { failureReader } from '../errors/failure-reader.js'

/** How a plan is paid. This is why plans are looked up. */
export interface PlanTerms {
  scheme: string
  /** Undefined for a plan on chain, if the client does not say its environment. */
  network: string | undefined
  /** What the plan says of its credits, unread: `{ minAmount, maxAmount, … }`. */
  credits: unknown
}

const PlanSchema = z.looseObject({
  registry: z.looseObject({ price: z.looseObject({ isCrypto: z.nullish(z.boolean()) }) }),
  metadata: z.nullish(
    z.looseObject({
      plan: z.nullish(z.looseObject({ fiatPaymentProvider: z.nullish(z.string()) })),
    }),
  ),
})

/**
 * The cache of all wrappers in the process, for each client and plan. A client stands for one environment and key. A
 * cache ends with its client.
 */
const caches = new WeakMap<SellerPayments, Map<string, LookUp<PlanTerms>>>()

/**
 * Looks up the scheme and network of a plan. Each plan has at most one request under way. The answer is kept for 5
 * minutes, and a failure for 10 seconds. It never guesses, because a wrong scheme makes every buyer mint a useless
 * token.
 *
 * @throws PaymentUnavailableError if the plan cannot be read and no earlier answer is known.
 */
export async function planTerms(
  payments: SellerPayments | undefined,
  planId: string,
  timeoutMs: number,
  now: () => number,
): Promise<PlanTerms> {
  if (payments?.plans === undefined) throw unavailable()
  return lookUpOf(payments, planId, now)(timeoutMs)
}

/** If several wrappers share one client, the clock of the first counts. */
function lookUpOf(payments: SellerPayments, planId: string, now: () => number): LookUp<PlanTerms> {
  const plans = caches.get(payments) ?? new Map<string, LookUp<PlanTerms>>()
  caches.set(payments, plans)
  const known = plans.get(planId)
  if (known !== undefined) return known
  const lookUp = createLookUp((timeoutMs) => termsOf(payments, planId, timeoutMs), now)
  plans.set(planId, lookUp)
  return lookUp
}

async function termsOf(
  payments: SellerPayments,
  planId: string,
  timeoutMs: number,
): Promise<PlanTerms> {
  try {
    const plan = await withDeadline(timeoutMs, async () => payments.plans?.getPlan(planId))
    return toTerms(plan, payments)
  } catch (cause) {
    const { withoutProse } = await failureReader()
    throw unavailable(withoutProse(cause))
  }
}

/** What a plan says of how it is paid. @throws an error of Zod if it says something else. */
export function toTerms(answer: unknown, payments: SellerPayments): PlanTerms {
  const plan = PlanSchema.parse(answer)
  const { credits } = plan.registry
  if (plan.registry.price.isCrypto === false) {
    const provider = plan.metadata?.plan?.fiatPaymentProvider
    return { scheme: 'nvm:card-delegation', network: provider || 'stripe', credits }
  }
  const environment = environmentOf(payments)
  return { scheme: 'nvm:erc4337', network: environment && chainOf(environment), credits }
}

/** Our class has a public field. The official class has a protected field and a method. */
function environmentOf(payments: SellerPayments): string | undefined {
  const { environmentName } = payments as { environmentName?: unknown }
  if (typeof environmentName === 'string') return environmentName
  const { getEnvironmentName } = payments as { getEnvironmentName?: () => string }
  return typeof getEnvironmentName === 'function' ? getEnvironmentName.call(payments) : undefined
}

function unavailable(cause?: unknown): PaymentUnavailableError {
  return new PaymentUnavailableError('plan_unavailable', 'a plan cannot be looked up', {
    cause,
  })
}

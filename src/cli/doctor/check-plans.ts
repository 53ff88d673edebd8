import * as z from 'zod/mini'
import type { SellerPayments } from '../../nevermined/facilitator.js'
import { toTerms, type PlanTerms } from '../../nevermined/plan-terms.js'
import { withDeadline } from '../../time/deadline.js'
import { shownId } from '../../mistakes/shown-id.js'
import { shortPlan } from '../output/short-plan.js'
import { type Finding, findingsOf, mistakeIn, ofFailure, ofMistake } from './finding.js'
import type { PlanPrice, Sold } from './sold.js'

/** How long one question may take. Unit: ms. */
const TIMEOUT_MS = 10_000

/** Checks that each plan exists, that the key may sell it, and that its prices fit. No credit moves. */
export async function checkPlans(sold: Sold): Promise<Finding[]> {
  const { payments, plans } = sold
  // A client of another make may not look plans up.
  if (payments?.plans === undefined || plans.length === 0) return []
  const ids = [...new Set(plans.map(({ planId }) => planId))]
  const checked = await Promise.all(ids.map((planId) => checkPlan(sold, payments, planId)))
  const found = checked.flatMap(({ findings }) => findings)
  const readable = checked.find(({ terms }) => terms !== undefined)
  // The key is the same for every plan.
  return readable?.terms === undefined
    ? found
    : [...found, await checkKey(payments, readable.planId, readable.terms)]
}

interface CheckedPlan {
  readonly planId: string
  readonly findings: Finding[]
  /** Undefined if the plan cannot be read. */
  readonly terms?: PlanTerms
}

async function checkPlan(
  sold: Sold,
  payments: SellerPayments,
  planId: string,
): Promise<CheckedPlan> {
  const terms = await readTerms(payments, planId).catch((error: unknown) =>
    ofFailure('plan', error, `the plan ${shownId(planId)} cannot be read`),
  )
  if ('level' in terms) return { planId, findings: [terms] }
  const prices = sold.plans.filter((one) => one.planId === planId)
  const wrong = [
    ...otherScheme(sold, planId, terms),
    ...prices.flatMap((price) => wrongPrice(price, terms.credits)),
  ]
  const { ok } = findingsOf('plan')
  const where = terms.network === undefined ? '' : ` on ${terms.network}`
  const found =
    wrong.length > 0
      ? wrong
      : [ok(`the plan ${shortPlan(planId)} is paid by ${terms.scheme}${where}`)]
  return { planId, terms, findings: [...found, ...(await checkAgent(sold, planId))] }
}

/** Reads how a plan is paid. The client may be one of a bundle, so its own error is kept. */
async function readTerms(payments: SellerPayments, planId: string): Promise<PlanTerms> {
  const plan = await withDeadline(TIMEOUT_MS, async () => payments.plans?.getPlan(planId))
  return toTerms(plan, payments)
}

/** A scheme or network that the seller sets has to be that of the plan: buyers mint tokens for it. */
function otherScheme({ scheme, network }: Sold, planId: string, plan: PlanTerms): Finding[] {
  const { fail } = findingsOf('plan')
  const pairs = [
    ['scheme', scheme, plan.scheme],
    ['network', network, plan.network],
  ] as const
  return pairs.flatMap(([option, given, expected]) =>
    given === undefined || expected === undefined || given === expected
      ? []
      : fail(
          `the option ${option} is '${given}', and the plan ${shownId(planId)} has '${expected}'`,
          `Leave ${option} out. It is then looked up.`,
        ),
  )
}

const Integer = z.pipe(
  z.union([z.string().check(z.regex(/^\d{1,78}$/)), z.int()]),
  z.transform((text) => BigInt(text)),
)
const CreditsSchema = z.looseObject({
  amount: z.nullish(Integer),
  minAmount: z.nullish(Integer),
  maxAmount: z.nullish(Integer),
})

/** A settlement takes credits within the bounds of the plan, whatever the seller asks for. */
function wrongPrice({ planId, credits }: PlanPrice, bounds: unknown): Finding[] {
  const { warn, fail } = findingsOf('price')
  const { amount, minAmount: min, maxAmount: max } = CreditsSchema.safeParse(bounds).data ?? {}
  if (credits === undefined || credits === 0n) return []
  const price = `a call costs ${credits} credits`
  if (amount && credits > amount) {
    return [
      fail(
        `${price}, and one order of the plan ${shownId(planId)} gives ${amount}`,
        'Lower the price, or let an order of the plan give more credits.',
      ),
    ]
  }
  const taken = min && credits < min ? min : max && credits > max ? max : credits
  if (taken === credits) return []
  return [
    warn(
      `${price}, and the plan ${shownId(planId)} takes ${taken} for each call`,
      'Make the price one that the plan allows, or change the credits per request of the plan.',
    ),
  ]
}

/** Sends a text that is no token: the answer shows whether the key is known. Nothing can be charged. */
async function checkKey(
  payments: SellerPayments,
  planId: string,
  { scheme, network = '' }: PlanTerms,
): Promise<Finding> {
  const { ok } = findingsOf('key')
  const accepted = { scheme, network, planId, extra: { version: '1' } } as const
  const asked = {
    x402AccessToken: 'doctor',
    paymentRequired: { x402Version: 2, resource: { url: 'urn:doctor' }, accepts: [accepted] },
  } as const
  try {
    await payments.facilitator.verifyPermissions(asked as never, { timeoutMs: TIMEOUT_MS })
  } catch (error) {
    const mistake = mistakeIn(error)
    if (mistake !== undefined) return ofMistake('key', mistake)
    const { outcome } = error as { outcome?: unknown }
    if (outcome === 'unavailable' || outcome === 'unknown') {
      return ofFailure('key', error, 'the facilitator of the plan gives no answer')
    }
  }
  return ok('the facilitator of the plan takes the key')
}

const PlansSchema = z.looseObject({
  plans: z.array(z.looseObject({ id: z.nullish(z.string()), planId: z.nullish(z.string()) })),
})

/** Checks that an agent is sold by a plan. */
async function checkAgent({ agentId, payments }: Sold, planId: string): Promise<Finding[]> {
  const { backendUrl } = (payments ?? {}) as { backendUrl?: unknown }
  if (agentId === undefined || typeof backendUrl !== 'string') return []
  const { ok, fail } = findingsOf('agent')
  const [agent, plan] = [shownId(agentId), shownId(planId)]
  const url = `${backendUrl}/api/v1/protocol/agents/${encodeURIComponent(agentId)}/plans?offset=100`
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (answer.status === 404) {
      const cure = 'Copy the id of the agent from the Nevermined app, of the same environment.'
      return [fail(`there is no agent ${agent} at ${backendUrl}`, cure)]
    }
    const { plans } = PlansSchema.parse(await answer.json())
    const isLinked = plans.some((one) => one.id === planId || one.planId === planId)
    if (isLinked) return [ok(`the agent ${agent} is sold by the plan ${shortPlan(planId)}`)]
    const cure = 'Add the plan to the agent in the Nevermined app, or leave agentId out.'
    return [fail(`the plan ${plan} is not a plan of the agent ${agent}`, cure)]
  } catch (error) {
    return [ofFailure('agent', error, `the plans of the agent ${agent} cannot be read`)]
  }
}

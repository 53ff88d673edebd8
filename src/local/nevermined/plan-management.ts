import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { Amount, ok, pageOf, read, requiredKey } from './api-call.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'
import { planAnswer } from './plans.js'

/** Prices are in units of which a dollar has a million, on chain and by card. */
const UNITS_PER_CENT = 10_000n

const PlanBody = z.looseObject({
  metadataAttributes: z.looseObject({ name: z.string() }),
  priceConfig: z.looseObject({ amounts: z.array(Amount), isCrypto: z.boolean() }),
  creditsConfig: z.looseObject({ amount: Amount, minAmount: Amount, maxAmount: Amount }),
})

/** Registers a plan. The local stack keeps its name, price and credits. */
export function registerPlan(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  const { metadataAttributes, priceConfig, creditsConfig } = read(PlanBody, call.body)
  const units = priceConfig.amounts.reduce<bigint>((sum, amount) => sum + BigInt(amount), 0n)
  const { planId } = world.ledger.addPlan({
    name: metadataAttributes.name,
    ...(!priceConfig.isCrypto && { fiatProvider: 'stripe' }),
    priceCents: units / UNITS_PER_CENT,
    creditsPerOrder: BigInt(creditsConfig.amount),
    minAmount: BigInt(creditsConfig.minAmount),
    maxAmount: BigInt(creditsConfig.maxAmount),
  })
  return { status: 201, body: { planId, txHash: transactionHash() } }
}

/** Lists the plans. The local stack does not keep whose they are. */
export function listPlans(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  const { page, offset } = pageOf(call, 100)
  const plans = [...world.ledger.plans.values()].map(planAnswer)
  const shown = plans.slice((page - 1) * offset, page * offset)
  return ok({ total: plans.length, page, offset, plans: shown })
}

/** Lists the agents of a plan. The local stack knows none. */
export function planAgents(world: World, call: ApiCall, [planId = '']: string[]): ApiAnswer {
  world.ledger.plan(planId)
  return ok({ total: 0, ...pageOf(call, 10), agents: [] })
}

const MintBody = z.looseObject({ planId: z.string(), amount: Amount, creditsReceiver: z.string() })

/** Gives an account credits of a plan. */
export function mintCredits(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  const { planId, amount, creditsReceiver } = read(MintBody, call.body)
  world.ledger.plan(planId)
  world.ledger.credit(planId, creditsReceiver, BigInt(amount))
  return ok({ success: true, txHash: transactionHash() })
}

const RedeemBody = z.looseObject({
  agentRequestId: z.string(),
  planId: z.string(),
  redeemFrom: z.string(),
  amount: Amount,
})

/** Takes credits of an account, once for each `agentRequestId`. */
export function redeemCredits(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  const { agentRequestId, planId, redeemFrom, amount } = read(RedeemBody, call.body)
  const { transaction } = world.ledger.settle({
    planId,
    payer: redeemFrom,
    amount: BigInt(amount),
    delegationId: undefined,
    nonce: undefined,
    agentRequestId,
  })
  return ok({ success: true, txHash: transaction })
}

function transactionHash(): string {
  return `0x${randomBytes(32).toString('hex')}`
}

import * as z from 'zod/mini'
import type { LocalDelegation, LocalPlan } from './ledger-entries.js'
import {
  ok,
  pageOf,
  read,
  requiredKey,
  type ApiAnswer,
  type ApiCall,
  type World,
} from './api-call.js'

const DelegationBody = z.looseObject({
  provider: z.enum(['stripe', 'braintree', 'visa', 'erc4337', 'vgs']),
  spendingLimitCents: z.number().check(z.gt(0)),
  durationSecs: z.number().check(z.gt(0)),
  currency: z.nullish(z.string()),
  planId: z.nullish(z.string()),
  maxTransactions: z.nullish(z.number()),
  providerPaymentMethodId: z.nullish(z.string()),
  apiKeyId: z.nullish(z.string()),
})

export function plan({ ledger }: World, _call: ApiCall, [planId = '']: string[]): ApiAnswer {
  return ok(planAnswer(ledger.plan(planId)))
}

export function planAnswer(local: LocalPlan): Record<string, unknown> {
  const { planId, name, fiatProvider, priceCents, creditsPerOrder, minAmount, maxAmount } = local
  const fiat = fiatProvider !== undefined && { fiatPaymentProvider: fiatProvider }
  return {
    id: planId,
    metadata: { main: { name }, plan: { ...fiat } },
    registry: {
      price: { isCrypto: fiatProvider === undefined, amounts: [priceCents.toString()] },
      credits: {
        amount: creditsPerOrder.toString(),
        minAmount: minAmount.toString(),
        maxAmount: maxAmount.toString(),
      },
    },
  }
}

export function balance(
  { ledger }: World,
  _call: ApiCall,
  [planId = '', holder = '']: string[],
): ApiAnswer {
  const { name, billingModel, priceCents, creditsPerOrder } = ledger.plan(planId)
  const credits = ledger.balance(planId, holder)
  return ok({
    planId,
    planName: name,
    planType: billingModel,
    holderAddress: holder,
    balance: credits.toString(),
    creditsContract: '0x0000000000000000000000000000000000000000',
    isSubscriber: credits > 0n,
    pricePerCredit: Number(priceCents) / 100 / Number(creditsPerOrder),
  })
}

export function order(world: World, call: ApiCall, [planId = '']: string[]): ApiAnswer {
  const txHash = world.ledger.order(planId, requiredKey(world, call))
  return ok({ success: true, txHash })
}

export function createDelegation(world: World, call: ApiCall): ApiAnswer {
  const owner = requiredKey(world, call)
  const body = read(DelegationBody, call.body)
  const { provider, spendingLimitCents, durationSecs, currency, planId, maxTransactions } = body
  const { delegationId } = world.ledger.addDelegation(owner, {
    provider,
    currency: currency ?? 'usdc',
    spendingLimitCents: BigInt(Math.trunc(spendingLimitCents)),
    durationSecs,
    providerPaymentMethodId: body.providerPaymentMethodId ?? null,
    apiKeyId: body.apiKeyId ?? null,
    ...(planId && { planId }),
    ...(maxTransactions && { maxTransactions }),
  })
  return { status: 201, body: { delegationId } }
}

export function listDelegations(world: World, call: ApiCall): ApiAnswer {
  const owner = requiredKey(world, call)
  const { page, offset } = pageOf(call, 10)
  const usableOnly = call.query.get('accessible') === 'true'
  const own = [...world.ledger.delegations.values()]
    .filter((one) => one.owner === owner)
    .map((one) => delegationAnswer(one, world.ledger.stateOf(one)))
    .filter(({ status }) => !usableOnly || status === 'Active')
  return ok({
    delegations: own.slice((page - 1) * offset, page * offset),
    totalResults: own.length,
    page,
    offset,
  })
}

function delegationAnswer(
  delegation: LocalDelegation,
  status: LocalDelegation['status'],
): Record<string, unknown> {
  const { delegationId, provider, currency, transactionCount } = delegation
  const { spendingLimitCents, amountSpentCents, createdAt, expiresAt } = delegation
  return {
    delegationId,
    provider,
    providerPaymentMethodId: delegation.providerPaymentMethodId,
    apiKeyId: delegation.apiKeyId,
    status,
    currency,
    transactionCount,
    spendingLimitCents: spendingLimitCents.toString(),
    amountSpentCents: amountSpentCents.toString(),
    remainingBudgetCents: (spendingLimitCents - amountSpentCents).toString(),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

export function agentPlans({ ledger }: World): ApiAnswer {
  const plans = [...ledger.plans.values()].map(planAnswer)
  return ok({ total: plans.length, page: 1, offset: 10, plans })
}

export function paymentMethods(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  return ok([])
}

export function versions(): ApiAnswer {
  return ok({ current: '1.1', minimum: '1.0', supported: ['1.0', '1.1'] })
}

import type { StackState } from './kept-state.js'
import type { LocalOptions } from './local-stack.js'
import type { World } from './nevermined/api-call.js'
import { Ledger } from './nevermined/ledger.js'
import { createSigner, mintApiKey } from './nevermined/token.js'

/** The seller, the buyer who has credits, and the plan between them. */
export interface Market {
  world: World
  planId: string
  sellerAddress: string
  nvmApiKey: string
  subscriberAddress: string
  subscriberApiKey: string
}

const CREDITS = 100n

/** Opens the market that the state describes. What is not there yet is added to the state. */
export function openMarket(
  { plan, credits, now = Date.now }: LocalOptions,
  state: StackState,
): Market {
  const { sellerAddress, subscriberAddress, books, permissions } = state
  const ledger = new Ledger(now, books)
  for (const address of [sellerAddress, subscriberAddress]) {
    if (!books.accounts.has(address)) ledger.addAccount({ address })
  }
  const planId = putOnSale(ledger, plan, state)
  const held = ledger.balance(planId, subscriberAddress)
  if (credits !== undefined) ledger.credit(planId, subscriberAddress, credits - held)
  const signer = createSigner(Buffer.from(state.signerSecret, 'hex'))
  return {
    world: { ledger, signer, permissions, now },
    planId,
    sellerAddress,
    nvmApiKey: mintApiKey(sellerAddress, signer),
    subscriberAddress,
    subscriberApiKey: mintApiKey(subscriberAddress, signer),
  }
}

/** Puts the plan of before on sale, with the members that are given now, or a new one. */
function putOnSale(ledger: Ledger, plan: LocalOptions['plan'], state: StackState): string {
  const before = ledger.plans.get(plan?.planId ?? state.planId)
  const { planId } = ledger.addPlan({ ...before, ...plan })
  if (before === undefined) ledger.credit(planId, state.subscriberAddress, CREDITS)
  state.planId = planId
  return planId
}

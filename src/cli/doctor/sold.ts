import type { FacilitatorClient } from '../../facilitators/facilitator-client.js'
import { HTTPFacilitatorClient } from '../../facilitators/http-facilitator-client.js'
import type { SellerPayments } from '../../nevermined/facilitator.js'
import { Payments } from '../../payments.js'
import type { AssetTerms } from '../../seller/options/money/asset-terms.js'
import type { Settings, ToolPrice } from '../../seller/options/settings.js'
import type { SellerKind } from '../../seller/prices.js'

/** What is sold, and who is asked about payments: as a handler has it, or as the environment does. */
export interface Sold {
  /** What the handler is. `undefined` without a handler. */
  readonly kind: SellerKind | undefined
  /** The client of Nevermined. `undefined` if no plan is sold. */
  readonly payments: SellerPayments | undefined
  /** The prices in credits, one for each plan and tool. */
  readonly plans: readonly PlanPrice[]
  /** Scheme and network of every plan, if the seller sets them. */
  readonly scheme: string | undefined
  readonly network: string | undefined
  readonly agentId: string | undefined
  /** What is sold for money. */
  readonly assets: readonly AssetTerms[]
  readonly facilitators: readonly FacilitatorClient[]
  /** Names of tools that have a price of their own. */
  readonly rows: readonly string[]
  /** Whether tools without a row are sold. */
  readonly hasOtherTools: boolean
  /** Where payments are remembered. */
  readonly store: { readonly name: string | undefined; readonly isShared: boolean } | undefined
}

/** A price in credits. */
export interface PlanPrice {
  readonly planId: string
  /** Undefined if a function computes it. Unit: credits. */
  readonly credits: bigint | undefined
}

/** Reads what a handler sells from its options. */
export function soldBy(settings: Settings, kind: SellerKind): Sold {
  const { tools, defaultPrice, payments, scheme, network, agentId, paymentStore } = settings
  const rows = [...tools.values()].filter((row): row is ToolPrice => row !== 'free')
  const prices = [...rows, ...(defaultPrice === undefined ? [] : [defaultPrice])]
  return {
    ...{ kind, payments, scheme, network, agentId },
    plans: distinct(prices.flatMap(plansIn)),
    assets: distinct(prices.flatMap(({ asset }) => asset ?? [])),
    facilitators: settings.facilitatorClients ?? [],
    rows: [...tools.keys()],
    hasOtherTools: settings.hasOtherTools && defaultPrice !== undefined,
    store: {
      name: (paymentStore as { name?: string } | undefined)?.name,
      isShared: paymentStore?.scope === 'shared',
    },
  }
}

function plansIn({ planIds, credits }: ToolPrice): PlanPrice[] {
  const fixed = typeof credits === 'function' ? undefined : BigInt(credits)
  return planIds.map((planId) => ({ planId, credits: fixed }))
}

function distinct<T extends object>(all: readonly T[]): T[] {
  const text = (one: T): string =>
    JSON.stringify(one, (_, value: unknown) =>
      typeof value === 'bigint' || typeof value === 'function' ? String(value) : value,
    )
  return [...new Map(all.map((one) => [text(one), one])).values()]
}

/**
 * Reads what is sold from the variables of the examples, for a seller without a handler at hand.
 *
 * @throws OptionsError if a variable cannot be used.
 */
export function soldByEnvironment(env: NodeJS.ProcessEnv): Sold {
  const { NVM_API_KEY: nvmApiKey, NVM_PLAN_ID: planId, NVM_AGENT_ID: agentId } = env
  const { X402_FACILITATOR_URL: url } = env
  return {
    ...{ kind: undefined, scheme: undefined, network: undefined },
    payments: nvmApiKey ? Payments.getInstance({ nvmApiKey }) : undefined,
    plans: planId ? [{ planId, credits: undefined }] : [],
    agentId: agentId || undefined,
    assets: [],
    facilitators: url ? [new HTTPFacilitatorClient({ url })] : [],
    rows: [],
    hasOtherTools: true,
    store: undefined,
  }
}

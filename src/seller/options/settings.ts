import type { FacilitatorClient } from '../../facilitators/facilitator-client.js'
import type { Facilitators } from '../../facilitators/failover.js'
import type { Logger } from '../../logger.js'
import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import type { CreditsSource } from '../answer/answer.js'
import type { CorsRules } from '../events/cors-rules.js'
import type { RpcUrls } from './money/asset-options.js'
import type { AssetTerms } from './money/asset-terms.js'
import type { PaymentFlow } from './flow-checks.js'
import type { RequiresPaymentOptions } from './options.js'
import type { CreditsPrice, Validate } from './tool-options.js'
import type { UnsettledPolicy } from './settlement-options.js'
import type { PaymentStore } from './payment-store.js'
import type { StoreOptions } from './store-options.js'

/** How one tool is sold, every default filled in. */
export interface ToolPrice {
  readonly planIds: readonly string[]
  readonly credits: CreditsPrice
  readonly maxCredits: bigint | undefined
  readonly description: string | undefined
  readonly keepAnswers: boolean
  readonly structuredChallenge: boolean
  readonly validate: Validate | undefined
  /** Its price in money; `undefined` if it is sold for plans only. */
  readonly asset: AssetTerms | undefined
}

/**
 * Checked options with every default filled in. The calls of a warm container share it, and nothing changes
 * it.
 */
export interface Settings {
  /** The facilitator of plans; `undefined` if no plan is accepted. */
  readonly facilitator: Facilitator | undefined
  /** The facilitators of money; `undefined` if no price in money is set. */
  readonly facilitators: Facilitators | undefined
  /** The same facilitators, one by one. */
  readonly facilitatorClients: readonly FacilitatorClient[] | undefined
  /** The endpoints of the chains on which payments can be looked up. */
  readonly rpcUrls: RpcUrls | undefined
  readonly flow: PaymentFlow
  readonly paymentIdentifier: 'optional' | 'required' | 'off'
  /** Undefined only if `scheme` and `network` make every look-up needless. */
  readonly payments: SellerPayments | undefined
  /** The price of tools without a row; undefined if such tools are unknown. */
  readonly defaultPrice: ToolPrice | undefined
  readonly tools: ReadonlyMap<string, ToolPrice | 'free'>
  /** Rows whose paths are written with escapes, by their decoded paths. */
  readonly escapedTools: ReadonlyMap<string, ToolPrice | 'free'>
  /** Checks the input of tools that have no check of their own. */
  readonly validate: Validate | undefined
  /** The names in `tools`, folded so that every spelling of one name is the same. */
  readonly toolForms: ReadonlySet<string>
  /** Whether tools without a row are sold. */
  readonly hasOtherTools: boolean
  /** Scheme and network of every plan; `undefined` if they are looked up. */
  readonly scheme: string | undefined
  readonly network: string | undefined
  readonly agentId: string | undefined
  readonly endpoint: string | undefined
  readonly mimeType: string | undefined
  readonly creditsFrom: ReadonlySet<CreditsSource>
  /** Lower-case. */
  readonly tokenHeaders: readonly string[]
  readonly billableMethods: ReadonlySet<string>
  readonly otherMethods: 'gateway' | 'handler' | ReadonlySet<string>
  readonly httpTargets: 'http' | 'mcp'
  readonly httpEvents: 'http' | 'mcp'
  readonly cors: CorsRules | undefined
  readonly forwardAuthorization: boolean
  readonly onSettlementRefused: UnsettledPolicy
  readonly onSettlementUnknown: UnsettledPolicy
  readonly retrySettleByRequestId: boolean
  /** Undefined: the default store of the process is used. */
  readonly paymentStore: PaymentStore | undefined
  readonly waitForAnswerMs: number
  readonly replayAnswers: 'identified' | 'all'
  readonly onTakeover: 'rerun' | 'unknown'
  readonly overdraftGuard: boolean
  readonly idempotencyKey: StoreOptions['idempotencyKey']
  readonly chargeOnError: boolean
  readonly verifyTimeoutMs: number
  readonly settleTimeoutMs: number
  readonly settleReserveMs: number
  readonly logger: Logger
  readonly now: () => number
  readonly hooks: Pick<
    RequiresPaymentOptions,
    | 'onBeforeVerify'
    | 'onAfterVerify'
    | 'onAfterSettle'
    | 'onPaymentError'
    | 'onRefundDue'
    | 'onEvent'
  >
}

/** The check of a call's input: that of the tool, or else the one for all tools. */
export function validateOf(price: ToolPrice | 'free', settings: Settings): Validate | undefined {
  return price === 'free' ? settings.validate : price.validate
}

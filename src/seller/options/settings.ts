import type { Facilitators } from '../../facilitators/failover.js'
import type { Logger } from '../../logger.js'
import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import type { CreditsSource } from '../answer/answer.js'
import type { CorsRules } from '../events/cors-rules.js'
import type { RpcUrls } from './money/asset-options.js'
import type { AssetTerms } from './money/asset-terms.js'
import type { PaymentFlow } from './flow-checks.js'
import type { CreditsPrice, RequiresPaymentOptions, UnsettledPolicy, Validate } from './options.js'
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

/** Checked options with every default filled in. A warm container shares it between calls: nothing changes it. */
export interface Settings {
  /** The facilitator of plans; `undefined` where no plan is taken. */
  readonly facilitator: Facilitator | undefined
  /** The facilitators of money; `undefined` where no price in money is set. */
  readonly facilitators: Facilitators | undefined
  /** The endpoints of the chains on which payments can be looked up. */
  readonly rpcUrls: RpcUrls | undefined
  readonly flow: PaymentFlow
  readonly paymentIdentifier: 'optional' | 'required' | 'off'
  /** Undefined only where `scheme` and `network` make every look-up needless. */
  readonly payments: SellerPayments | undefined
  /** The price of tools without a row; undefined if those are unknown. */
  readonly defaultPrice: ToolPrice | undefined
  readonly tools: ReadonlyMap<string, ToolPrice | 'free'>
  /** Rows of paths that are written with escapes, by the paths without. */
  readonly escapedTools: ReadonlyMap<string, ToolPrice | 'free'>
  /** The check of the input of tools without one of their own. */
  readonly validate: Validate | undefined
  /** The names in `tools`, as every spelling of them is folded. */
  readonly toolForms: ReadonlySet<string>
  /** Whether tools without a row are sold. */
  readonly hasOtherTools: boolean
  /** Scheme and network of every plan; `undefined` where they are looked up. */
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
  /** Undefined: the one of the process. */
  readonly paymentStore: PaymentStore | undefined
  readonly waitForAnswerMs: number
  readonly replayAnswers: 'identified' | 'all'
  readonly onTakeover: 'rerun' | 'unknown'
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

/** The check of a call's input: of its tool, else of all. */
export function validateOf(price: ToolPrice | 'free', settings: Settings): Validate | undefined {
  return price === 'free' ? settings.validate : price.validate
}

import { optionalFlag, optionalFunction, optionalInteger, onlyKnown } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import type { FacilitatorClient } from '../facilitators/facilitator-client.js'
import type { Facilitators } from '../facilitators/failover.js'
import { lazyFacilitators } from '../facilitators/lazy-facilitators.js'
import { type Logger, harmless } from '../logger.js'
import type { Facilitator, SellerPayments } from '../nevermined/facilitator.js'
import type { RpcUrls } from '../seller/options/money/asset-options.js'
import { CHECKS } from '../seller/options/option-checks.js'
import { DEFAULTS } from '../seller/options/to-settings.js'
import type { PaymentEvent, RefundDue } from '../seller/options/payment-events.js'
import type { WorkerStore } from '../seller/options/worker-store.js'

/** Options of {@link createSettlementWorker}. */
export interface SettlementWorkerOptions {
  /** The store of the functions that sell: `dynamoDbStore({ table, secret })` with the same table and secrets. */
  paymentStore: WorkerStore
  /**
   * The Nevermined client of the functions that sell. It settles payments in credits.
   *
   * @default none: payments in credits are given up after `giveUpAfterHours`
   */
  payments?: Pick<SellerPayments, 'facilitator'> | undefined
  /**
   * The facilitators of the functions that sell, in the same order. They settle payments in money.
   *
   * @default none: payments in money are looked up on the chain only
   */
  facilitators?: readonly FacilitatorClient[] | undefined
  /**
   * JSON-RPC endpoints of chains, by CAIP-2 network. The worker looks payments by EIP-3009 up there.
   *
   * @default none
   */
  rpcUrls?: RpcUrls | undefined
  /**
   * The same as the option of the functions that sell: whether a settle of a reusable (version 2) token is repeated.
   *
   * @default false
   */
  retrySettleByRequestId?: boolean | undefined
  /**
   * How long the outcome of a payment is searched. Then the payment is given up: its record is `dead`, with a reason.
   * Unit: hours since the call, 1 to 720.
   *
   * @default 24
   */
  giveUpAfterHours?: number | undefined
  /**
   * How many payments are worked on at the same time. Unit: payments, 1 to 100.
   *
   * @default 8
   */
  concurrency?: number | undefined
  /**
   * Called for a refund that is due and that the seller was not told of. It is called at least once for each refund,
   * always with the same `refund.id`. It has 10 s. If it throws or takes longer, the next run calls it again.
   *
   * @default none: the log line and the event `refund-due` count as told
   */
  onRefundDue?: ((refund: RefundDue) => unknown) | undefined
  /**
   * Called for everything that happens to payments. Its events hold no payment. A throw is ignored.
   *
   * @default none
   */
  onEvent?: ((event: PaymentEvent) => unknown) | undefined
  /**
   * Whether each run writes its counts to stdout as CloudWatch metrics, in the embedded metric format.
   *
   * @default true
   */
  metrics?: boolean | undefined
  /**
   * What the worker logs through.
   *
   * @default a Powertools `Logger` with the level WARN
   */
  logger?: Logger | undefined
  /**
   * The clock, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/** Checked options, every default filled in. */
export interface WorkerSettings {
  readonly paymentStore: WorkerStore
  readonly facilitator: Facilitator | undefined
  readonly facilitators: Facilitators | undefined
  readonly rpcUrls: RpcUrls | undefined
  readonly retrySettleByRequestId: boolean
  readonly giveUpAfterMs: number
  readonly concurrency: number
  readonly onRefundDue: SettlementWorkerOptions['onRefundDue']
  readonly onEvent: SettlementWorkerOptions['onEvent']
  readonly hasMetrics: boolean
  readonly logger: Logger
  readonly now: () => number
  /** Limits of one request to a facilitator. Unit: ms. */
  readonly verifyTimeoutMs: number
  readonly settleTimeoutMs: number
  readonly settleReserveMs: number
  readonly onTakeover: 'rerun'
}

const OPTIONS: Record<keyof SettlementWorkerOptions, true> = {
  paymentStore: true,
  payments: true,
  facilitators: true,
  rpcUrls: true,
  retrySettleByRequestId: true,
  giveUpAfterHours: true,
  concurrency: true,
  onRefundDue: true,
  onEvent: true,
  metrics: true,
  logger: true,
  now: true,
}

/** A worker asks facilitators with the limits that sellers have by default. */
const { verifyTimeoutMs, settleTimeoutMs, settleReserveMs, onTakeover } = DEFAULTS
const LIMITS = { verifyTimeoutMs, settleTimeoutMs, settleReserveMs, onTakeover }

const HOUR_MS = 3_600_000
const DEFAULT_GIVE_UP_HOURS = 24
const MAX_GIVE_UP_HOURS = 720
const DEFAULT_CONCURRENCY = 8
const MAX_CONCURRENCY = 100

/** @throws OptionsError naming the option at fault. */
export function toWorkerSettings(options: SettlementWorkerOptions): WorkerSettings {
  onlyKnown('options', options, OPTIONS)
  const { payments, facilitators, rpcUrls, logger, now = Date.now } = options
  for (const name of ['payments', 'facilitators', 'rpcUrls', 'logger', 'now'] as const) {
    if (options[name] !== undefined) CHECKS[name](name, options[name])
  }
  const hours = optionalInteger('giveUpAfterHours', options.giveUpAfterHours, 1, MAX_GIVE_UP_HOURS)
  return {
    paymentStore: requireWorkerStore(options.paymentStore),
    facilitator: payments?.facilitator,
    facilitators: facilitators && lazyFacilitators(facilitators, now),
    rpcUrls,
    retrySettleByRequestId:
      optionalFlag('retrySettleByRequestId', options.retrySettleByRequestId) ?? false,
    giveUpAfterMs: (hours ?? DEFAULT_GIVE_UP_HOURS) * HOUR_MS,
    concurrency:
      optionalInteger('concurrency', options.concurrency, 1, MAX_CONCURRENCY) ??
      DEFAULT_CONCURRENCY,
    onRefundDue: optionalFunction('onRefundDue', options.onRefundDue),
    onEvent: optionalFunction('onEvent', options.onEvent),
    hasMetrics: optionalFlag('metrics', options.metrics) ?? true,
    logger: harmless(logger),
    now,
    ...LIMITS,
  }
}

const METHODS = ['read', 'replace', 'retire', 'due', 'readPayment', 'waiting', 'readAnswer']

function requireWorkerStore(store: unknown): WorkerStore {
  const given = (store ?? {}) as Record<string, unknown>
  const isWhole = METHODS.every((name) => typeof given[name] === 'function')
  if (isWhole && given['scope'] === 'shared') return store as WorkerStore
  throw new OptionsError(
    'paymentStore',
    'expected a store that containers share, such as dynamoDbStore({ table, secret }). A memoryStore() has nothing ' +
      'to finish: it ends with its process',
  )
}

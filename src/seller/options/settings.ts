import { toCredits } from '../../wire/amounts.js'
import { checkFlow, type Flow } from './flow-checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import { defaultLogger, harmless, type Logger } from '../../logger.js'
import type { CreditsSource } from '../answer/answer.js'
import type { Price, RequiresPaymentOptions, ToolOptions, UnsettledPolicy } from './options.js'
import { CHECKS, TOOL_CHECKS, isObject, type OptionName } from './option-checks.js'
import { refuseUnknownOptions, refuseUnknownToolOptions } from './unknown-options.js'
import { assetTerms, type AssetDefaults, type AssetTerms } from './asset-terms.js'
import type { RpcUrls } from './asset-options.js'
import { createFacilitators, type Facilitators } from '../../facilitators/failover.js'
import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import { folded } from '../events/folded.js'
import { isRecord } from '../../wire/json.js'
import type { PaymentStore } from './payment-store.js'
import type { StoreOptions } from './store-options.js'

/** How one tool is sold, every default filled in. */
export interface ToolPrice {
  readonly planIds: readonly string[]
  readonly credits: Price
  readonly maxCredits: bigint | undefined
  readonly description: string | undefined
  readonly keepAnswers: boolean
  /** Its price in money; `undefined` if it is sold for plans only. */
  readonly asset: AssetTerms | undefined
}

/** Checked options with every default filled in. A warm container shares it between calls: nothing changes it. */
export interface Settings {
  /** Of plans; undefined only where none is taken. */
  readonly facilitator: Facilitator | undefined
  /** Of money; undefined where no price in it is set. */
  readonly facilitators: Facilitators | undefined
  /** Of the chains whose payments can be looked up. */
  readonly rpcUrls: RpcUrls | undefined
  readonly flow: Flow
  readonly paymentIdentifier: 'optional' | 'required' | 'off'
  /** Undefined only where `scheme` and `network` make every look-up needless. */
  readonly payments: SellerPayments | undefined
  /** The price of tools without a row; undefined if those are unknown. */
  readonly defaultPrice: ToolPrice | undefined
  readonly tools: ReadonlyMap<string, ToolPrice | 'free'>
  /** The names in `tools`, as every spelling of them is folded. */
  readonly toolForms: ReadonlySet<string>
  /** Whether tools without a row are sold. */
  readonly hasOtherTools: boolean
  /** Of every plan; undefined where they are looked up. */
  readonly scheme: string | undefined
  readonly network: string | undefined
  readonly agentId: string | undefined
  readonly endpoint: string | undefined
  readonly mimeType: string | undefined
  readonly creditsFrom: ReadonlySet<CreditsSource>
  /** Lower-case. */
  readonly tokenHeaders: readonly string[]
  readonly billableMethods: ReadonlySet<string>
  readonly unbilled: 'gateway' | 'handler' | ReadonlySet<string>
  readonly httpTargets: 'http' | 'mcp'
  readonly httpEvents: 'http' | 'mcp'
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

/** A value of any option, before it is checked. */
type Loose = { [K in OptionName]?: unknown }

/**
 * Checks the options once, when the wrapper is made.
 *
 * @throws OptionsError naming the option and what was expected.
 */
export function toSettings(options: RequiresPaymentOptions | undefined): Settings {
  if (!isRecord(options)) throw new OptionsError('options', 'expected an object')
  refuseUnknownOptions(options)
  const given = options as Loose
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) CHECKS[name as OptionName](name, value)
  }
  checkTogether(given)

  const now = options.now ?? Date.now
  const defaults = toolPrice('', given as ToolOptions, undefined, options)
  const tools = toolTable(options, defaults)
  const sold = [defaults, ...tools.values()].filter((row) => row !== 'free')
  checkSold(sold, given)
  checkNotEmpty(defaults, tools)
  const payments = given.payments as SellerPayments | undefined
  const inMoney = sold.some(({ asset }) => asset !== undefined)
  return Object.freeze({
    ...withDefaults(options),
    facilitator: payments?.facilitator ?? (given.facilitator as Facilitator | undefined),
    facilitators: options.facilitators && createFacilitators(options.facilitators, now),
    rpcUrls: options.rpcUrls,
    payments,
    defaultPrice: isSold(defaults) ? defaults : undefined,
    tools,
    toolForms: new Set([...tools.keys()].map(folded)),
    hasOtherTools: options.toolNames === undefined,
    scheme: inMoney ? undefined : options.scheme,
    network: inMoney ? undefined : options.network,
    agentId: options.agentId,
    endpoint: options.endpoint,
    mimeType: options.mimeType,
    tokenHeaders: tokenHeaders(options.tokenHeader ?? PAYMENT_SIGNATURE_HEADER, inMoney),
    paymentStore: options.paymentStore,
    idempotencyKey: options.idempotencyKey,
    logger: harmless(options.logger ?? defaultLogger()),
    now,
    hooks: hooksOf(options),
  })
}

/** Options whose default is a value. */
const DEFAULTS = {
  flow: 'authorization',
  paymentIdentifier: 'optional',
  httpTargets: 'http',
  httpEvents: 'mcp',
  forwardAuthorization: false,
  onSettlementRefused: 'withhold',
  onSettlementUnknown: 'withhold',
  retrySettleByRequestId: false,
  waitForAnswerMs: 2_000,
  replayAnswers: 'identified',
  onTakeover: 'rerun',
  chargeOnError: false,
  verifyTimeoutMs: 5_000,
  settleTimeoutMs: 25_000,
  settleReserveMs: 1_000,
} as const satisfies Partial<Settings>

type WithDefaults = Pick<
  Settings,
  keyof typeof DEFAULTS | 'unbilled' | 'creditsFrom' | 'billableMethods'
>

function withDefaults(options: RequiresPaymentOptions): WithDefaults {
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]
  const given = names.map((name) => [name, options[name] ?? DEFAULTS[name]])
  const { unbilled = 'gateway' } = options
  return {
    ...(Object.fromEntries(given) as Pick<Settings, keyof typeof DEFAULTS>),
    unbilled: typeof unbilled === 'string' ? unbilled : new Set(unbilled),
    creditsFrom: new Set<CreditsSource>(options.creditsFrom ?? ['meta']),
    billableMethods: new Set(options.billableMethods ?? ['tools/call']),
  }
}

function hooksOf(options: RequiresPaymentOptions): Settings['hooks'] {
  const { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError } = options
  const { onRefundDue, onEvent } = options
  return { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError, onRefundDue, onEvent }
}

/** What no single option can tell. */
function checkTogether(given: Loose): void {
  const { payments, facilitator, planId, planIds } = given
  if (payments !== undefined && facilitator !== undefined) {
    throw new OptionsError('payments', 'give either payments or facilitator')
  }
  if (planId !== undefined && planIds !== undefined) {
    throw new OptionsError('planIds', 'give planId or planIds, not both')
  }
  if (given.agentId !== undefined && given.endpoint === undefined) {
    throw new OptionsError('endpoint', 'required together with agentId: the URL that is sold')
  }
  checkFlow(given)
}

/** What can be told only of all that is sold. */
function checkSold(sold: readonly ToolPrice[], given: Loose): void {
  const inMoney = sold.some(({ asset }) => asset !== undefined)
  if (!inMoney) refuseGiven(given, MONEY_ONLY, 'only together with price')
  if (inMoney && sold.every(({ planIds }) => planIds.length === 0)) {
    return refuseGiven(given, PLANS_ONLY, 'only together with a plan')
  }
  const { payments, facilitator } = given
  if (payments === undefined && facilitator === undefined) {
    throw new OptionsError('payments', 'give either payments or facilitator')
  }
  if (isObject(payments) && isObject(payments['plans'])) return
  if (inMoney) {
    const why = 'plans beside a price are looked up: give payments with plans'
    throw new OptionsError('payments', why)
  }
  for (const name of ['scheme', 'network'] as const) {
    if (given[name] !== undefined) continue
    throw new OptionsError(name, 'required where plans cannot be looked up (no payments.plans)')
  }
}

function refuseGiven(given: Loose, names: readonly OptionName[], why: string): void {
  const name = names.find((it) => given[it] !== undefined)
  if (name !== undefined) throw new OptionsError(name, why)
}

function checkNotEmpty(defaults: ToolPrice, tools: ReadonlyMap<string, unknown>): void {
  if (tools.size > 0 || isSold(defaults)) return
  const wanted = 'required: planId, planIds or price, or one of them for every row of tools'
  throw new OptionsError('planId', wanted)
}

const PLANS_ONLY = ['credits', 'maxCredits', 'agentId', 'retrySettleByRequestId'] as const
const MONEY_ONLY = [
  ...(['payTo', 'maxTimeoutSeconds', 'facilitators', 'paymentIdentifier', 'rpcUrls'] as const),
] as const

function isSold({ planIds, asset }: ToolPrice): boolean {
  return planIds.length > 0 || asset !== undefined
}

function toolTable(
  options: RequiresPaymentOptions,
  defaults: ToolPrice,
): ReadonlyMap<string, ToolPrice | 'free'> {
  const { tools = {}, toolNames = [] } = options
  if (toolNames.length > 0 && !isSold(defaults)) {
    throw new OptionsError('toolNames', 'only together with planId, planIds or price beside it')
  }
  const rows = Object.entries(tools).map(
    ([name, row]) => [name, row === 'free' ? row : toolRow(name, row, defaults, options)] as const,
  )
  return new Map([...toolNames.map((name) => [name, defaults] as const), ...rows])
}

function toolRow(
  name: string,
  row: ToolOptions,
  defaults: ToolPrice,
  options: AssetDefaults,
): ToolPrice {
  if (!isRecord(row)) throw new OptionsError(`tools.${name}`, `expected an object or 'free'`)
  refuseUnknownToolOptions(name, row)
  for (const [key, value] of Object.entries(row)) {
    if (value !== undefined) TOOL_CHECKS[key as keyof ToolOptions](`tools.${name}.${key}`, value)
  }
  if (row.planId !== undefined && row.planIds !== undefined) {
    throw new OptionsError(`tools.${name}.planIds`, 'give planId or planIds, not both')
  }
  const merged = toolPrice(`tools.${name}.`, row, defaults, options)
  if (!isSold(merged)) {
    const wanted = 'required where there is neither a top-level plan nor a price'
    throw new OptionsError(`tools.${name}.planId`, wanted)
  }
  return merged
}

function toolPrice(
  path: string,
  row: ToolOptions,
  defaults: ToolPrice | undefined,
  options: AssetDefaults,
): ToolPrice {
  const { credits = 1, maxCredits } = creditsOf(row, defaults)
  if (typeof credits !== 'function' && maxCredits !== undefined && credits > maxCredits) {
    throw new OptionsError(`${path}maxCredits`, 'must not be below credits')
  }
  const own = row.planIds ?? (row.planId === undefined ? undefined : [row.planId])
  return Object.freeze({
    planIds: Object.freeze([...(own ?? defaults?.planIds ?? [])]),
    credits,
    maxCredits,
    description: row.description ?? defaults?.description,
    keepAnswers: row.keepAnswers ?? defaults?.keepAnswers ?? true,
    asset: assetTerms(path, row, options),
  })
}

function creditsOf(
  row: ToolOptions,
  defaults: ToolPrice | undefined,
): { credits: Price | undefined; maxCredits: bigint | undefined } {
  return {
    credits: row.credits ?? defaults?.credits,
    maxCredits: toCredits(row.maxCredits) ?? defaults?.maxCredits,
  }
}

/** Buyers of x402 v1 have a header of their own. */
function tokenHeaders(given: string | readonly string[], inMoney: boolean): readonly string[] {
  const names = (typeof given === 'string' ? [given] : given).map(lower)
  return inMoney && !names.includes(X_PAYMENT_HEADER) ? [...names, X_PAYMENT_HEADER] : names
}

function lower(name: string): string {
  return name.trim().toLowerCase()
}

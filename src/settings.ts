import { toCredits } from './credits.js'
import { OptionsError } from './errors.js'
import type { Facilitator, SellerPayments } from './facilitator.js'
import { defaultLogger, harmless, type Logger } from './logger.js'
import type {
  CreditsSource,
  Price,
  RequiresPaymentOptions,
  ToolOptions,
  UnsettledPolicy,
} from './options.js'
import { CHECKS, TOOL_CHECKS, isObject, type OptionName } from './option-checks.js'
import { PAYMENT_SIGNATURE_HEADER, isRecord } from './x402.js'

/** How one tool is sold, every default filled in. */
export interface ToolPrice {
  readonly planIds: readonly string[]
  readonly credits: Price
  readonly maxCredits: bigint | undefined
  readonly description: string | undefined
}

/** Checked options with every default filled in. A warm container shares it between calls: nothing changes it. */
export interface Settings {
  readonly facilitator: Facilitator
  /** Undefined only where `scheme` and `network` make every look-up needless. */
  readonly payments: SellerPayments | undefined
  /** The price of tools without a row; undefined if those are unknown. */
  readonly defaultPrice: ToolPrice | undefined
  readonly tools: ReadonlyMap<string, ToolPrice | 'free'>
  readonly scheme: string | undefined
  readonly network: string | undefined
  readonly agentId: string | undefined
  readonly endpoint: string | undefined
  readonly mimeType: string | undefined
  readonly creditsFrom: ReadonlySet<CreditsSource>
  /** Lower-case. */
  readonly tokenHeaders: readonly string[]
  readonly billableMethods: ReadonlySet<string>
  readonly unbilled: 'gateway' | 'handler'
  readonly httpTargets: 'http' | 'mcp'
  readonly forwardAuthorization: boolean
  readonly onSettlementRefused: UnsettledPolicy
  readonly onSettlementUnknown: UnsettledPolicy
  readonly retrySettleByRequestId: boolean
  readonly chargeOnError: boolean
  readonly verifyTimeoutMs: number
  readonly settleTimeoutMs: number
  readonly settleReserveMs: number
  readonly logger: Logger
  readonly now: () => number
  readonly hooks: Pick<
    RequiresPaymentOptions,
    'onBeforeVerify' | 'onAfterVerify' | 'onAfterSettle' | 'onPaymentError'
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
  const given = options as Loose
  for (const [name, value] of Object.entries(given)) checkOption(name, value)
  checkTogether(given)

  const defaults = toolPrice('', given as ToolOptions, undefined)
  const { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError } = options
  const payments = given.payments as SellerPayments | undefined
  return Object.freeze({
    facilitator: payments?.facilitator ?? (given.facilitator as Facilitator),
    payments,
    defaultPrice: defaults.planIds.length > 0 ? defaults : undefined,
    tools: toolTable(given.tools as RequiresPaymentOptions['tools'], defaults),
    scheme: options.scheme,
    network: options.network,
    agentId: options.agentId,
    endpoint: options.endpoint,
    mimeType: options.mimeType,
    creditsFrom: new Set<CreditsSource>(options.creditsFrom ?? ['meta']),
    tokenHeaders: list(options.tokenHeader ?? PAYMENT_SIGNATURE_HEADER).map(lower),
    billableMethods: new Set(options.billableMethods ?? ['tools/call']),
    unbilled: options.unbilled ?? 'gateway',
    httpTargets: options.httpTargets ?? 'http',
    forwardAuthorization: options.forwardAuthorization ?? false,
    onSettlementRefused: options.onSettlementRefused ?? 'withhold',
    onSettlementUnknown: options.onSettlementUnknown ?? 'withhold',
    retrySettleByRequestId: options.retrySettleByRequestId ?? false,
    chargeOnError: options.chargeOnError ?? false,
    verifyTimeoutMs: options.verifyTimeoutMs ?? 5_000,
    settleTimeoutMs: options.settleTimeoutMs ?? 25_000,
    settleReserveMs: options.settleReserveMs ?? 1_000,
    logger: harmless(options.logger ?? defaultLogger()),
    now: options.now ?? Date.now,
    hooks: { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError },
  })
}

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(CHECKS, name)) throw new OptionsError(name, 'is not an option')
  if (value === undefined) return
  const problem = CHECKS[name as OptionName](value)
  if (problem !== undefined) throw new OptionsError(name, problem)
}

/** What no single option can tell. */
function checkTogether(given: Loose): void {
  const { payments, facilitator, planId, planIds, scheme, network } = given
  if ((payments === undefined) === (facilitator === undefined)) {
    throw new OptionsError('payments', 'give either payments or facilitator')
  }
  if (planId !== undefined && planIds !== undefined) {
    throw new OptionsError('planIds', 'give planId or planIds, not both')
  }
  if (given.agentId !== undefined && given.endpoint === undefined) {
    throw new OptionsError('endpoint', 'required together with agentId: the URL that is sold')
  }
  const canLookUp = isObject(payments) && isObject(payments['plans'])
  if (!canLookUp && (scheme === undefined || network === undefined)) {
    throw new OptionsError(
      scheme === undefined ? 'scheme' : 'network',
      'required where plans cannot be looked up (no payments.plans)',
    )
  }
}

function toolTable(
  tools: RequiresPaymentOptions['tools'],
  defaults: ToolPrice,
): ReadonlyMap<string, ToolPrice | 'free'> {
  const rows = Object.entries(tools ?? {})
  if (rows.length === 0 && defaults.planIds.length === 0) {
    throw new OptionsError('planId', 'required: planId, planIds, or a plan for every row of tools')
  }
  return new Map(
    rows.map(([name, row]) => [name, row === 'free' ? row : toolRow(name, row, defaults)]),
  )
}

function toolRow(name: string, row: ToolOptions, defaults: ToolPrice): ToolPrice {
  if (!isRecord(row)) throw new OptionsError(`tools.${name}`, `expected an object or 'free'`)
  for (const [key, value] of Object.entries(row)) {
    if (!Object.hasOwn(TOOL_CHECKS, key)) {
      throw new OptionsError(`tools.${name}.${key}`, 'is not an option')
    }
    const problem = value === undefined ? undefined : TOOL_CHECKS[key as keyof ToolOptions](value)
    if (problem !== undefined) throw new OptionsError(`tools.${name}.${key}`, problem)
  }
  if (row.planId !== undefined && row.planIds !== undefined) {
    throw new OptionsError(`tools.${name}.planIds`, 'give planId or planIds, not both')
  }
  const merged = toolPrice(`tools.${name}.`, row, defaults)
  if (merged.planIds.length === 0) {
    throw new OptionsError(`tools.${name}.planId`, 'required where there is no top-level plan')
  }
  return merged
}

function toolPrice(path: string, row: ToolOptions, defaults: ToolPrice | undefined): ToolPrice {
  const credits = row.credits ?? defaults?.credits ?? 1
  const maxCredits = toCredits(row.maxCredits) ?? defaults?.maxCredits
  if (typeof credits !== 'function' && maxCredits !== undefined && credits > maxCredits) {
    throw new OptionsError(`${path}maxCredits`, 'must not be below credits')
  }
  const own = row.planIds ?? (row.planId === undefined ? undefined : [row.planId])
  return Object.freeze({
    planIds: Object.freeze([...(own ?? defaults?.planIds ?? [])]),
    credits,
    maxCredits,
    description: row.description ?? defaults?.description,
  })
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function lower(name: string): string {
  return name.trim().toLowerCase()
}

import { OptionsError } from '../../errors/payment-error.js'
import { lazyFacilitators } from '../../facilitators/lazy-facilitators.js'
import { harmless } from '../../logger.js'
import type { Facilitator, SellerPayments } from '../../nevermined/facilitator.js'
import { isRecord } from '../../wire/json.js'
import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import type { CreditsSource } from '../answer/answer.js'
import { folded } from '../events/folded.js'
import { corsRules } from './cors-options.js'
import { checkFlow, checkGuard } from './flow-checks.js'
import { CHECKS, isObject, type OptionName, refuseUnknownOptions } from './option-checks.js'
import type { RequiresPaymentOptions } from './options.js'
import type { ToolOptions } from './tool-options.js'
import { escapedRows } from './path-rows.js'
import type { Settings, ToolPrice } from './settings.js'
import { isSold, toolPrice, toolTable } from './tool-prices.js'

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
    facilitators: options.facilitators && lazyFacilitators(options.facilitators, now),
    facilitatorClients: options.facilitators,
    rpcUrls: options.rpcUrls,
    payments,
    defaultPrice: isSold(defaults) ? defaults : undefined,
    tools,
    escapedTools: escapedRows(tools),
    validate: options.validate,
    toolForms: new Set([...tools.keys()].map(folded)),
    hasOtherTools: options.toolNames === undefined,
    scheme: inMoney ? undefined : options.scheme,
    network: inMoney ? undefined : options.network,
    agentId: options.agentId,
    endpoint: options.endpoint,
    mimeType: options.mimeType,
    cors: options.cors === undefined ? undefined : corsRules(options.cors),
    tokenHeaders: tokenHeaders(options.tokenHeader ?? PAYMENT_SIGNATURE_HEADER, inMoney),
    paymentStore: options.paymentStore,
    idempotencyKey: options.idempotencyKey,
    logger: harmless(options.logger),
    now,
    hooks: hooksOf(options),
  })
}

/** Options whose default is a value. */
export const DEFAULTS = {
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
  overdraftGuard: false,
  chargeOnError: false,
  verifyTimeoutMs: 5_000,
  settleTimeoutMs: 25_000,
  settleReserveMs: 1_000,
} as const satisfies Partial<Settings>

type WithDefaults = Pick<
  Settings,
  keyof typeof DEFAULTS | 'otherMethods' | 'creditsFrom' | 'billableMethods'
>

function withDefaults(options: RequiresPaymentOptions): WithDefaults {
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]
  const given = names.map((name) => [name, options[name] ?? DEFAULTS[name]])
  const { otherMethods = 'gateway' } = options
  return {
    ...(Object.fromEntries(given) as Pick<Settings, keyof typeof DEFAULTS>),
    otherMethods: typeof otherMethods === 'string' ? otherMethods : new Set(otherMethods),
    creditsFrom: new Set<CreditsSource>(options.creditsFrom ?? ['meta']),
    billableMethods: new Set(options.billableMethods ?? ['tools/call']),
  }
}

function hooksOf(options: RequiresPaymentOptions): Settings['hooks'] {
  const { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError } = options
  const { onRefundDue, onEvent } = options
  return { onBeforeVerify, onAfterVerify, onAfterSettle, onPaymentError, onRefundDue, onEvent }
}

/** Checks that concern several options. */
function checkTogether(given: Loose): void {
  const { payments, facilitator, planId, planIds } = given
  if (payments !== undefined && facilitator !== undefined) {
    throw new OptionsError('payments', 'give either payments or facilitator')
  }
  if (planId !== undefined && planIds !== undefined) {
    throw new OptionsError('planIds', 'give planId or planIds, not both')
  }
  if (given.agentId !== undefined && given.endpoint === undefined) {
    throw new OptionsError('endpoint', 'required together with agentId: it is the URL that is sold')
  }
  checkFlow(given)
  checkGuard(given)
}

/** Checks that concern everything that is sold. */
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
    const why = 'plans beside a price are looked up: give a payments object that has plans'
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
  const wanted = 'required: planId, planIds or price, here or in every row of tools'
  throw new OptionsError('planId', wanted)
}

const PLANS_ONLY = [
  ...(['credits', 'maxCredits', 'agentId', 'retrySettleByRequestId', 'overdraftGuard'] as const),
] as const
const MONEY_ONLY = [
  ...(['payTo', 'maxTimeoutSeconds', 'facilitators', 'paymentIdentifier', 'rpcUrls'] as const),
] as const

/** Buyers of x402 v1 have a header of their own. */
function tokenHeaders(given: string | readonly string[], inMoney: boolean): readonly string[] {
  const names = (typeof given === 'string' ? [given] : given).map(lower)
  return inMoney && !names.includes(X_PAYMENT_HEADER) ? [...names, X_PAYMENT_HEADER] : names
}

function lower(name: string): string {
  return name.trim().toLowerCase()
}

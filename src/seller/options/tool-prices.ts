import { OptionsError } from '../../errors/payment-error.js'
import { toCredits } from '../../wire/amounts.js'
import { isRecord } from '../../wire/json.js'
import { assetTerms, type AssetDefaults } from './money/asset-terms.js'
import { TOOL_CHECKS, refuseUnknownToolOptions } from './option-checks.js'
import type { RequiresPaymentOptions } from './options.js'
import type { CreditsPrice, ToolOptions } from './tool-options.js'
import type { ToolPrice } from './settings.js'

export function isSold({ planIds, asset }: ToolPrice): boolean {
  return planIds.length > 0 || asset !== undefined
}

export function toolTable(
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
    const wanted = 'required, since neither a plan nor a price stands beside tools'
    throw new OptionsError(`tools.${name}.planId`, wanted)
  }
  return merged
}

export function toolPrice(
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
  // Buyers are shown the ids of plans, so a key in their place would go out.
  if (own?.some((id) => /eyJ\w/.test(id))) {
    throw new OptionsError(`${path}planId`, 'expected the id of a plan, which no key or token is')
  }
  return Object.freeze({
    planIds: Object.freeze([...(own ?? defaults?.planIds ?? [])]),
    credits,
    maxCredits,
    ...besidePrice(row, defaults),
    asset: assetTerms(path, row, options),
  })
}

function besidePrice(
  row: ToolOptions,
  defaults: ToolPrice | undefined,
): Pick<ToolPrice, 'description' | 'keepAnswers' | 'structuredChallenge' | 'validate'> {
  return {
    description: row.description ?? defaults?.description,
    keepAnswers: row.keepAnswers ?? defaults?.keepAnswers ?? true,
    structuredChallenge: row.structuredChallenge ?? defaults?.structuredChallenge ?? true,
    validate: row.validate ?? defaults?.validate,
  }
}

function creditsOf(
  row: ToolOptions,
  defaults: ToolPrice | undefined,
): { credits: CreditsPrice | undefined; maxCredits: bigint | undefined } {
  return {
    credits: row.credits ?? defaults?.credits,
    maxCredits: toCredits(row.maxCredits) ?? defaults?.maxCredits,
  }
}

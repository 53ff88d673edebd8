import { toAmount, toCredits } from '../../wire/amounts.js'
import type { Answer } from '../answer/answer.js'
import type { Chosen } from './payment.js'
import type { Call } from '../events/call.js'
import type { Settings } from '../options/settings.js'
import { knownAsset, toAtomic } from '../../wire/assets.js'
import type { AssetRequirements } from '../../wire/x402.js'

/**
 * What to settle: nothing for a failed answer, else the answer's valid override capped at `cap`, else the
 * quote. A bad override charges the quote, so that work is never lost to a bad price.
 */
export function amountToSettle(
  answer: Answer,
  chosen: Pick<Chosen, 'terms' | 'amount'>,
  cap: bigint | undefined,
  call: Call,
  { chargeOnError, logger }: Settings,
): bigint {
  const { failed, unfinished, creditsToCharge, amountToCharge } = answer
  if (unfinished || (failed && !chargeOnError)) return 0n
  const { terms, amount } = chosen
  const inMoney = terms.kind === 'asset' && amountToCharge !== undefined
  const override = inMoney ? amountToCharge : creditsToCharge
  if (override === undefined) return amount
  const wanted = inMoney ? toUnits(override, terms.requirements) : credits(override)
  if (wanted === undefined) {
    const name = inMoney ? 'amountToCharge' : 'creditsToCharge'
    logger.warn(`${name} is no valid amount ≥ 0; the quote is charged`, { tool: call.label })
    return amount
  }
  if (wanted === 0n) return 0n
  // Of money only `upto` can be charged in part, and credits say nothing about it.
  if (terms.kind === 'asset' && !inMoney) return amount
  if (terms.kind === 'asset' && terms.requirements.scheme !== 'upto') {
    if (wanted !== amount) {
      logger.warn(`amountToCharge needs scheme 'upto'; the quote is charged`, { tool: call.label })
    }
    return amount
  }
  return cap !== undefined && wanted > cap ? cap : wanted
}

function credits(override: unknown): bigint | undefined {
  return typeof override === 'number' ? toCredits(override) : undefined
}

/** Atomic units, or dollars where the asset is a known one. */
function toUnits(override: unknown, { network, asset }: AssetRequirements): bigint | undefined {
  if (override === 0) return 0n
  if (typeof override !== 'string' || !override.startsWith('$')) return toAmount(override)
  const known = knownAsset(network, asset)
  return known && toAtomic(override.slice(1), known.decimals)
}

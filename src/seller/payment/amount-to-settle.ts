import type { Answer } from '../answer/answer.js'
import type { Sale } from '../options/sale.js'
import type { Chosen } from './chosen.js'

/**
 * What to settle: nothing for a failed answer, else the answer's valid override, else the quote. A bad override
 * charges the quote, so that work is never lost to a bad price.
 *
 * @param cap the most that is settled; `undefined` without bound.
 */
export function amountToSettle(
  { call, settings }: Sale,
  answer: Answer,
  { rail, amount: quoted }: Pick<Chosen, 'rail' | 'amount'>,
  cap: bigint | undefined,
): bigint {
  const { chargeOnError, logger } = settings
  if (answer.unfinished || (answer.failed && !chargeOnError)) return 0n
  const { amount, problem } = rail.overrideFor(answer, quoted)
  if (problem !== undefined) logger.warn(problem, { tool: call.label })
  return cap !== undefined && amount > cap ? cap : amount
}

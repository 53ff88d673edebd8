import type { InterceptorOutput } from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { TOOL, outcomeOf, singleUse } from '../../../support/outcome.js'

type Fields = Record<string, unknown>

/** What a buyer of a guarded balance is told. */
export function toldIn(output: InterceptorOutput): string {
  const text = JSON.stringify(output)
  if (!/Your other calls in work/.test(text)) {
    return /Insufficient credits/.test(text) ? 'no credits' : outcomeOf(output)
  }
  const { headers } = output.mcp.transformedGatewayResponse ?? {}
  const asksToComeBack = headers?.['Retry-After'] === '1' && /with the same payment/.test(text)
  const asksToPay = /payment-required|accepts/.test(text)
  return asksToComeBack && !asksToPay ? 'balance in use' : 'contradictory'
}

/** Calls that are paid with payments of their own, or all with one reusable token. */
export function paidEvents(
  local: Local,
  count: number,
  token: 'single-use' | 'reusable' = 'single-use',
): Fields[] {
  const reusable = local.accessToken()
  return Array.from({ length: count }, (_, id) =>
    local.paidEvent(TOOL, { id }, token === 'reusable' ? reusable : singleUse(local)),
  )
}

/** More rounds than any crowd needs. */
const MAX_ROUNDS = 30

/**
 * Sends all events at once. Those that are told to come back come back with the same payments.
 *
 * @returns what was told in each round
 */
export async function crowd(
  events: readonly Fields[],
  visitAll: (events: readonly Fields[]) => Promise<InterceptorOutput[]>,
): Promise<string[][]> {
  const rounds: string[][] = []
  let waiting = events
  while (waiting.length > 0 && rounds.length < MAX_ROUNDS) {
    const told = (await visitAll(waiting)).map(toldIn)
    rounds.push(told)
    waiting = waiting.filter((_, i) => told[i] === 'balance in use')
  }
  return rounds
}

export function countIn(told: readonly string[], one: string): number {
  return told.filter((it) => it === one).length
}

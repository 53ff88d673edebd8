import { setTimeout as sleep } from 'node:timers/promises'
import type { InterceptorOutput } from '../../src/index.js'
import type { Local, Route, TokenOptions } from '../../src/local/index.js'
import { allTextOf, challengeOf, receiptOf } from './seller.js'

/** The tool that the tests call. Its calls are sold as this resource. */
export const TOOL = 'T___hello'
export const RESOURCE = { url: `mcp://tool/${TOOL}` }

export type Outcome =
  | 'settled'
  | 'refused'
  | 'unknown'
  | 'in work'
  | 'used'
  | 'come back'
  | 'already paid'
  | 'conflict'
  | 'not charged'
  | 'contradictory'

/** What the buyer of {@link hello} gets to know, by everything in the answer together. */
export function outcomeOf(output: InterceptorOutput): Outcome {
  const text = allTextOf(output)
  const told = {
    content: JSON.stringify(output).includes('Hello!'),
    payAgain: challengeOf(output) !== undefined,
    success: receiptOf(output)?.['success'],
  }
  const is = (content: boolean, payAgain: boolean, success: unknown) =>
    told.content === content && told.payAgain === payAgain && told.success === success
  if (is(true, false, true)) return 'settled'
  if (is(false, true, false) && challengeOf(output)?.error === 'settlement failed') return 'refused'
  if (is(false, false, true) && /is already used/.test(text)) return 'already paid'
  if (!is(false, false, undefined)) return 'contradictory'
  const said = TOLD.filter(([, words]) => words.every((it) => it.test(text)))
  const [only = ['contradictory'] as const] = said
  return said.length === 1 ? only[0] : 'contradictory'
}

/** What is said if nothing is sold, and nothing is asked for. */
const TOLD = [
  ['unknown', [/outcome is (unknown|pending)/, /Do not pay again/, /with the same payment/]],
  ['used', [/is used, or may be used/, /before you pay again/]],
  ['conflict', [/belongs to another call/]],
  ['in work', [/Another call with this payment is in work/, /Come back with the same payment/]],
  ['come back', [/This call charged nothing/, /Come back later with the same payment/]],
  ['not charged', [/You were not charged/]],
] as const

/** A single-use token bound to {@link TOOL}. */
export function singleUse(local: Local, options: TokenOptions = {}): string {
  return local.accessToken({ version: 3, resource: RESOURCE, httpVerb: 'POST', ...options })
}

/** How often a route was called. */
export function countOf(local: Local, route: Route): number {
  return local.calls.filter((call) => call.route === route).length
}

/** Waits for something in the background, at most two seconds. */
export async function eventually(happened: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await happened()) return
    await sleep(10)
  }
  throw new Error(`never happened: ${String(happened)}`)
}

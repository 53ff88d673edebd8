import type { Fault, X402Fault } from '../../src/local/index.js'
import type { Random } from './random.js'

/** What goes wrong with one request to a facilitator. */
export interface Affliction {
  readonly name: string
  /** `'refused'`: the connection is refused, so that nothing is sent. */
  readonly plan?: Fault | 'refused'
  readonly money?: X402Fault | 'refused'
}

export type Rail = 'plan' | 'money'
export type Asked = 'verify' | 'settle'

/** How long a facilitator takes that is slower than the seller waits. Unit: ms. */
export const SLOW_MS = 1_000

type Both = Fault & X402Fault
const both = (name: string, fault: Both | 'refused'): Affliction => ({
  name,
  plan: fault,
  money: fault,
})
const ofPlan = (name: string, fault: Fault): Affliction => ({ name, plan: fault })
const ofMoney = (name: string, fault: X402Fault): Affliction => ({ name, money: fault })

const SIMULATION = 'transaction_simulation_failed'
const RETRYABLE = { kind: 'error', status: 503, code: 'BCK.CHAOS.0001', retryable: true } as const

/** Nothing has moved, or the money has moved and the answer is lost, wrong or late. */
const AT_SETTLE: readonly (readonly [Affliction, number])[] = [
  [both('refused connection', 'refused'), 3],
  [both('reset before', { kind: 'reset' }), 8],
  [both('reset after', { kind: 'lost-answer' }), 12],
  [both('garbage after', { kind: 'garbage' }), 5],
  [both('500 before', { kind: 'error' }), 6],
  [both('500 after', { kind: 'error', done: true }), 5],
  [both('429 before', { kind: 'error', status: 429 }), 2],
  [both('html 502 before', { kind: 'html' }), 3],
  [both('html 504 after', { kind: 'html', status: 504, done: true }), 4],
  [both('html 200 before', { kind: 'html', status: 200 }), 2],
  [ofPlan('empty 502 after', { kind: 'empty', done: true }), 2],
  [ofPlan('empty 200 before', { kind: 'empty', status: 200 }), 2],
  [ofPlan('503 listed as safe', { ...RETRYABLE, code: 'BCK.X402.0051' }), 2],
  [ofPlan('503 retryable before', RETRYABLE), 3],
  [ofPlan('503 retryable after', { ...RETRYABLE, done: true }), 6],
  [both('refused by the facilitator', { kind: 'refuse', reason: 'insufficient_funds' }), 3],
  [ofMoney('refused with 400', { kind: 'refuse', reason: 'invalid_payload', status: 400 }), 1],
  [ofMoney('simulation failed', { kind: 'refuse', reason: SIMULATION }), 4],
  [ofMoney('invalid state', { kind: 'refuse', reason: 'invalid_transaction_state' }), 3],
  [ofMoney('pending', { kind: 'pending' }), 4],
  [ofMoney('pending of CDP', { kind: 'pending', form: 'cdp' }), 6],
  [ofMoney('pending of Circle', { kind: 'pending', form: 'circle' }), 5],
  [ofMoney('pending, accepted', { kind: 'pending', form: 'accepted' }), 3],
]

const AT_VERIFY: readonly (readonly [Affliction, number])[] = [
  [both('verify: refused connection', 'refused'), 2],
  [both('verify: reset', { kind: 'reset' }), 4],
  [both('verify: 500', { kind: 'error' }), 4],
  [both('verify: html 502', { kind: 'html' }), 2],
  [both('verify: garbage', { kind: 'garbage' }), 2],
  [both('verify: refused', { kind: 'refuse', reason: 'insufficient_funds' }), 3],
  [ofMoney('verify: simulation failed', { kind: 'refuse', reason: SIMULATION }), 3],
]

const SLOW = both('slower than the seller waits', { kind: 'delay', delayMs: SLOW_MS })

/** What happens to the first, second, … request of a kind within one step. */
export function drawAfflictions(
  random: Random,
  { asked, rail, counts, isSlow }: AfflictionTerms,
): Affliction[] {
  const known = asked === 'settle' ? AT_SETTLE : AT_VERIFY
  const mine = known.filter(([affliction]) => affliction[rail] !== undefined)
  const all = isSlow && asked === 'settle' ? [...mine, [SLOW, 60] as const] : mine
  const count = random.weighted(counts.map((weight, index) => [index, weight]))
  return Array.from({ length: count }, () => random.weighted(all))
}

export interface AfflictionTerms {
  asked: Asked
  rail: Rail
  /** How likely none, one, two, … of them are. */
  counts: readonly number[]
  isSlow: boolean
}

export function takesLong({ name }: Affliction): boolean {
  return name === SLOW.name
}

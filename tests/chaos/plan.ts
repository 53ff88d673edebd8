import { drawAfflictions, type Affliction, type Rail } from './afflictions.js'
import { randomOf, type Random } from './random.js'
import { NO_OUTAGE, type Outage } from './sharing/outages.js'

export type DoorName =
  | 'gateway'
  | 'function url'
  | 'plain http'
  | 'pair'
  | 'stored pair'
  | 'http pair'
export type FlowName = 'authorization' | 'upfront' | 'overlap'
export type Credit = 'single-use token' | 'reusable token' | 'exact' | 'upto'

/** What a handler or target does with a call. */
export type Work = 'answers' | 'takes a while' | 'throws' | 'says isError' | 'ends late' | 'hangs'

/** One time that the buyer comes with a payment. */
export interface Step {
  verify: readonly Affliction[]
  settle: readonly Affliction[]
  work: Work
  /** Twice, or beside another call with the same payment, at once. */
  sent: 'once' | 'twice' | 'beside another call'
  /** Whether the Gateway hands the REQUEST over twice. */
  isRequestRepeated: boolean
  /** Where the Gateway hands the RESPONSE over. `dies`: the target does, and nobody hands over anything. */
  response: 'here' | 'elsewhere' | 'here, twice' | 'here, then elsewhere' | 'dies'
  /** The instance that gets the call. */
  instance: number
  /** Whether the answer is lost on its way to the buyer. */
  isLost: boolean
  /** What happens to the table that containers share, and to the container. */
  outage: Outage
}

/** A visit on which nothing goes wrong. */
export const CALM: Step = {
  verify: [],
  settle: [],
  work: 'answers',
  sent: 'once',
  isRequestRepeated: false,
  response: 'here',
  instance: 0,
  isLost: false,
  outage: NO_OUTAGE,
}

/** One thing that a buyer wants to buy, and what happens meanwhile. */
export interface CallPlan {
  id: number
  door: DoorName
  flow: FlowName
  credit: Credit
  /** The buyer's own name of the payment: none, one for the whole call, or a new one with each signature. */
  identifier: 'none' | 'kept' | 'new'
  carrier: 'meta' | 'header'
  /** The shop waits shortly for a facilitator that is slower. */
  isSlow: boolean
  /** The option `retrySettleByRequestId`. */
  repeatsByRequestId: boolean
  /** The option `idempotencyKey`, which names the calls that are paid with a reusable token. */
  namesCalls: boolean
  /** The first run of the handler never ends. */
  isHanging: boolean
  /** The first try and its repeats. */
  steps: readonly Step[]
  /** What a buyer does with a payment that has bought something. */
  reuses: readonly { call: 'the same call' | 'another call'; step: Step }[]
  /** The last try of all, at a new container, which remembers nothing by itself. */
  afterRestart: Step | undefined
  /** Whether containers share a table, and may be killed or frozen. */
  isShared: boolean
  /** How far the clocks of containers are ahead. Unit: ms. */
  skews: readonly number[]
}

const PAIRS: readonly DoorName[] = ['pair', 'stored pair', 'http pair']
const STEPS = 5

export const isPair = (door: DoorName): boolean => PAIRS.includes(door)
export const railOf = (credit: Credit): Rail => (/token/.test(credit) ? 'plan' : 'money')

/** The same call on a day on which nothing goes wrong. */
export function calm(plan: CallPlan): CallPlan {
  const steps = plan.steps.map(() => CALM)
  const right = { isSlow: false, isHanging: false, reuses: [], afterRestart: undefined, skews: [] }
  return { ...plan, ...right, steps }
}

/** The plan of one call of a run. */
export function planOf(seed: number, id: number, instances: number): CallPlan {
  const random = randomOf(seed, id)
  const about = drawTerms(random)
  const step = (index: number): Step => drawStep(random, about, { index, instances })
  const steps = Array.from({ length: STEPS }, (_, index) => step(index))
  const count = random.weighted([
    [0, 55],
    [1, 30],
    [2, 15],
  ])
  const reuses = Array.from({ length: count }, () => ({
    call: random.chance(0.6) ? ('another call' as const) : ('the same call' as const),
    step: step(0),
  }))
  const isTried = about.credit !== 'reusable token' && random.chance(0.3)
  const afterRestart = isTried ? atNewContainer(step(0)) : undefined
  return { id, ...about, steps, reuses, afterRestart, isShared: false, skews: [] }
}

/**
 * A new container cannot know of a charge before it, and says of what fails there that it was not charged. So nothing
 * fails but a settle that it sends, and whose outcome it is not told.
 */
function atNewContainer({ settle, instance }: Step): Step {
  const isSentAndLost = ({ name }: Affliction): boolean => !/refused|429|503/.test(name)
  return { ...CALM, settle: settle.filter(isSentAndLost), instance }
}

type Terms = Omit<CallPlan, 'id' | 'steps' | 'reuses' | 'afterRestart' | 'isShared' | 'skews'>

function drawTerms(random: Random): Terms {
  const door = random.weighted<DoorName>([
    ['gateway', 20],
    ['function url', 16],
    ['plain http', 14],
    ['pair', 20],
    ['stored pair', 15],
    ['http pair', 15],
  ])
  const flow = random.weighted<FlowName>([
    ['authorization', 50],
    ['upfront', 30],
    ['overlap', isPair(door) ? 0 : 20],
  ])
  const credit = random.weighted<Credit>([
    ['single-use token', 30],
    ['reusable token', 20],
    ['exact', 30],
    ['upto', flow === 'upfront' ? 0 : 20],
  ])
  const identifier = random.weighted<Terms['identifier']>([
    ['none', 35],
    ['kept', 45],
    ['new', 20],
  ])
  const hasMeta = door !== 'plain http' && door !== 'http pair'
  return {
    ...{ door, flow, credit },
    identifier: railOf(credit) === 'plan' ? 'none' : identifier,
    carrier: hasMeta && random.chance(0.5) ? 'meta' : 'header',
    isSlow: random.chance(0.02),
    repeatsByRequestId: random.chance(0.3),
    namesCalls: random.chance(0.5),
    isHanging: !isPair(door) && random.chance(0.01),
  }
}

function drawStep(
  random: Random,
  { door, flow, credit, isSlow, isHanging }: Terms,
  { index, instances }: { index: number; instances: number },
): Step {
  const isFirst = index === 0
  const common = { rail: railOf(credit), isSlow }
  const verify = { ...common, asked: 'verify' as const, counts: isFirst ? [85, 11, 4] : [90, 8, 2] }
  const settle = {
    ...common,
    asked: 'settle' as const,
    counts: isFirst ? [35, 30, 15, 20] : [65, 20, 10, 5],
  }
  const gateway = isPair(door) ? 1 : 0
  const isForgotten = door === 'stored pair' && credit === 'reusable token'
  return {
    verify: drawAfflictions(random, verify),
    settle: drawAfflictions(random, settle),
    work: random.weighted<Work>([
      ['answers', 78],
      ['takes a while', 6],
      ['throws', 5],
      ['says isError', 5],
      ['ends late', 4],
      ['hangs', isHanging && isFirst ? 1_000 : gateway],
    ]),
    sent: random.weighted<Step['sent']>([
      ['once', 91],
      ['twice', 5],
      ['beside another call', 4],
    ]),
    isRequestRepeated: random.chance(gateway * 0.04),
    response: random.weighted<Step['response']>([
      ['here', 60],
      ['elsewhere', gateway * 20],
      ['here, twice', gateway * 8],
      // A store gives what it keeps once: another instance knows nothing of a token that several calls use.
      ['here, then elsewhere', isForgotten ? 0 : gateway * 8],
      // What was paid in advance is answered by nobody then.
      ['dies', flow === 'upfront' ? 0 : gateway * 4],
    ]),
    instance: Math.floor(random.next() * instances),
    isLost: random.chance(0.06),
    outage: NO_OUTAGE,
  }
}

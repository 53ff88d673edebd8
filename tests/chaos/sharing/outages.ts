import type { Random } from '../random.js'

/** What becomes of one request to the table. */
export type TableFault =
  /** It is carried out, and its reply is lost. The store sends it again. */
  | 'reply lost'
  /** It is not carried out. The store sends it again. */
  | 'throttled'
  | 'conflict'
  /** The network carries it twice. The reply to the second one comes. */
  | 'duplicate'
  | 'slow'
  /** The table cannot be reached any more during this visit. This request is carried out, or not. */
  | 'down'
  | 'down after'

/** What happens to a container at one of its requests, counted from 0. */
export interface Halt {
  /** It is killed before that is carried out, or before it hears of it. Frozen ones go on when another had its turn. */
  kind: 'killed before' | 'killed after' | 'frozen before'
  nth: number
}

/** What happens on one visit, besides what facilitators and handlers do. */
export interface Outage {
  /** By the number of the request. */
  table: ReadonlyMap<number, TableFault>
  halt: Halt | undefined
  /** What passes before the visit. Unit: ms. */
  passesMs: number
}

export const NO_OUTAGE: Outage = { table: new Map(), halt: undefined, passesMs: 0 }

/** No call has a payment in work any longer than this. Unit: ms. */
export const LEASE_OVER_MS = 911_000
const MINUTE_MS = 60_000

const MAX_SKEW_MS = 5 * MINUTE_MS
/** The same, for a container whose clock is behind that of the one before it. Unit: ms. */
export const SURELY_OVER_MS = LEASE_OVER_MS + 2 * MAX_SKEW_MS

export function drawOutage(random: Random): Outage {
  const faults = random.weighted([
    [0, 70],
    [1, 20],
    [2, 10],
  ])
  const nth = (): number => Math.floor(random.next() * 7)
  const table = new Map(Array.from({ length: faults }, () => [nth(), random.weighted(FAULTS)]))
  const kind = random.weighted<Halt['kind'] | undefined>([
    [undefined, 82],
    ['killed before', 5],
    ['killed after', 7],
    ['frozen before', 6],
  ])
  return {
    table,
    halt: kind === undefined ? undefined : { kind, nth: nth() },
    passesMs: random.weighted([
      [0, 72],
      [MINUTE_MS / 2, 14],
      [LEASE_OVER_MS, 14],
    ]),
  }
}

const FAULTS: readonly (readonly [TableFault, number])[] = [
  ['reply lost', 35],
  ['throttled', 20],
  ['conflict', 10],
  ['duplicate', 10],
  ['slow', 5],
  ['down', 12],
  ['down after', 8],
]

/** How far the clocks of containers are ahead of the world's. Unit: ms. */
export function drawSkews(random: Random, containers: number): number[] {
  const isSkewed = random.chance(0.25)
  return Array.from({ length: containers }, () =>
    isSkewed ? Math.round((random.next() * 2 - 1) * MAX_SKEW_MS) : 0,
  )
}

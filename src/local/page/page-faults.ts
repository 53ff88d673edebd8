import type { Fault, Faults } from '../http/faults.js'
import type { PaymentsFault, PaymentsFaults } from '../agentcore/payments-faults.js'
import type { X402Fault, X402Faults } from '../x402/x402-faults.js'
import type { FaultPlace, PageFault, WantedFault } from './messages.js'

/** The faults of a stack, by where they are set. */
export interface FaultQueues {
  readonly plans: Faults
  readonly money: X402Faults
  readonly wallets: PaymentsFaults
}

/** What can be set from the page, by place. The members of a fault that a form cannot ask for have their defaults. */
const KINDS: Readonly<Record<FaultPlace, ReadonlySet<string>>> = {
  plans: new Set(['delay', 'reset', 'lost-answer', 'garbage', 'error', 'html', 'empty', 'refuse']),
  money: new Set([
    'delay',
    'reset',
    'lost-answer',
    'garbage',
    'error',
    'html',
    'refuse',
    'pending',
  ]),
  wallets: new Set(['delay', 'reset', 'lost-answer', 'garbage', 'error', 'fail']),
}
const ROUTES: Readonly<Record<FaultPlace, ReadonlySet<string>>> = {
  plans: new Set(['verify', 'settle', 'permissions', 'plan', 'balance', 'order']),
  money: new Set(['verify', 'settle', 'supported', 'status']),
  wallets: new Set(['ProcessPayment', 'GetPaymentSession', 'CreatePaymentSession']),
}
const MAX_TIMES = 1_000_000
const MAX_DELAY_MS = 60_000
const DEFAULT_DELAY_MS = 2_000

interface Entry {
  readonly fault: Omit<PageFault, 'left'>
  readonly remove: () => void
  readonly left: () => number
}

/** The faults that were set from the page. */
export class PageFaults {
  readonly #queues: FaultQueues
  #entries: Entry[] = []
  #nextId = 1

  constructor(queues: FaultQueues) {
    this.#queues = queues
  }

  list(): PageFault[] {
    this.#entries = this.#entries.filter(({ left }) => left() > 0)
    return this.#entries.map(({ fault, left }) => ({ ...fault, left: left() }))
  }

  /** @returns why it was refused. */
  set(wanted: WantedFault): string | undefined {
    const { place, kind, route, times, delayMs = DEFAULT_DELAY_MS } = wanted
    if (!Object.hasOwn(KINDS, place)) return `place: expected ${Object.keys(KINDS).join(', ')}`
    if (!KINDS[place].has(kind)) return `kind: expected ${[...KINDS[place]].join(', ')}`
    if (route !== undefined && !ROUTES[place].has(route)) {
      return `route: expected ${[...ROUTES[place]].join(', ')}`
    }
    if (!isWhole(times, 1, MAX_TIMES)) return `times: expected 1 to ${MAX_TIMES}`
    if (!isWhole(delayMs, 0, MAX_DELAY_MS)) return `delayMs: expected 0 to ${MAX_DELAY_MS}`
    const where = route && (place === 'wallets' ? { operation: route } : { route })
    const fault = { kind, times, ...where, ...(kind === 'delay' && { delayMs }) }
    const id = this.#nextId++
    const named = { id, place, kind, ...(route !== undefined && { route }) }
    this.#entries.push({ fault: named, ...this.#add(place, fault) })
    return undefined
  }

  /** Takes a fault back. */
  remove(id: number): void {
    this.#entries.find(({ fault }) => fault.id === id)?.remove()
  }

  #add(place: FaultPlace, fault: object): Omit<Entry, 'fault'> {
    const { plans, money, wallets } = this.#queues
    if (place === 'plans') return plans.add(fault as Fault)
    return place === 'money' ? money.add(fault as X402Fault) : wallets.add(fault as PaymentsFault)
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
}

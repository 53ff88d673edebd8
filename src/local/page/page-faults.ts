import type { Fault, Faults } from '../http/faults.js'
import type { PaymentsFault, PaymentsFaults } from '../agentcore/payments-faults.js'
import type { X402Fault, X402Faults } from '../x402/x402-faults.js'
import type { FaultChoices, FaultPlace, PageFault, WantedFault } from './messages.js'

/** The faults of a stack, by where they are set. */
export interface FaultQueues {
  readonly plans: Faults
  readonly money: X402Faults
  readonly wallets: PaymentsFaults
}

/** What can be set from the page. The members of a fault that a form cannot ask for have their defaults. */
export const FAULT_CHOICES: Readonly<Record<FaultPlace, FaultChoices>> = {
  plans: {
    title: 'facilitator for plans',
    kinds: ['error', 'refuse', 'delay', 'reset', 'lost-answer', 'garbage', 'html', 'empty'],
    routes: ['verify', 'settle', 'permissions', 'plan', 'balance', 'order'],
  },
  money: {
    title: 'facilitator for money',
    kinds: ['error', 'refuse', 'pending', 'delay', 'reset', 'lost-answer', 'garbage', 'html'],
    routes: ['verify', 'settle', 'supported', 'status'],
  },
  wallets: {
    title: 'AgentCore payments',
    kinds: ['error', 'fail', 'delay', 'reset', 'lost-answer', 'garbage'],
    routes: ['ProcessPayment', 'GetPaymentSession', 'CreatePaymentSession'],
  },
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
    if (!Object.hasOwn(FAULT_CHOICES, place)) {
      return `place: expected ${Object.keys(FAULT_CHOICES).join(', ')}`
    }
    const { kinds, routes } = FAULT_CHOICES[place]
    if (!kinds.includes(kind)) return `kind: expected ${kinds.join(', ')}`
    if (route !== undefined && !routes.includes(route)) {
      return `route: expected ${routes.join(', ')}`
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

import type { PaymentRecord, PaymentState } from '../../seller/options/payment-record.js'
import { type Unit, amountOf, refundAmount } from './amounts.js'

/** What became of payments, as a report counts them. `open` has not ended yet. */
export const OUTCOMES = ['settled', 'refused', 'refunded', 'refund_due', 'open', 'dead'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Payments of one outcome. */
export interface Count {
  payments: number
  /** Their sum, in the unit of the group. */
  units: bigint
}

/** Payments by outcome. */
export type Counts = Readonly<Record<Outcome, Count>>

/** What became of the payments of a day, for a tool, in one unit. */
export interface Group {
  /** The day on which they came, in UTC, e.g. `2026-11-30`. */
  readonly day: string
  readonly tool: string
  readonly unit: Unit
  readonly counts: Counts
}

/** More groups are not held in memory. */
export const MAX_GROUPS = 10_000
/** A longer name of a tool is cut. */
const MAX_TOOL_CHARS = 256
/** The tool of payments that came when there were {@link MAX_GROUPS} groups. */
export const OTHER_TOOLS = '(other tools)'
const NO_TOOL = '(not recorded)'
const NO_UNIT: Unit = { id: '', name: 'unknown', of: '', decimals: 0 }

/**
 * Sums payments by day, tool and unit. Units are never added to each other. Its memory depends on the number of groups,
 * not on the number of payments.
 */
export class Tally {
  readonly #groups = new Map<string, Group>()
  readonly #maxGroups: number
  #hasOthers = false

  /** @param maxGroups from then on, new tools are counted as {@link OTHER_TOOLS}. */
  constructor(maxGroups = MAX_GROUPS) {
    this.#maxGroups = maxGroups
  }

  get groups(): readonly Group[] {
    return [...this.#groups.values()]
  }

  /** Whether there were more groups than are held. */
  get hasOthers(): boolean {
    return this.#hasOthers
  }

  add(record: PaymentRecord): void {
    const outcome = outcomeOf(record.state)
    const amount = (outcome.startsWith('refund') && refundAmount(record)) || amountOf(record)
    const { counts } = this.#groupOf(record, amount?.unit ?? NO_UNIT)
    counts[outcome].payments += 1
    counts[outcome].units += amount?.units ?? 0n
  }

  #groupOf({ createdAt, sold }: PaymentRecord, unit: Unit): Group {
    const day = dayOf(createdAt)
    const tool = sold === undefined ? NO_TOOL : heldName(sold.tool)
    const found = this.#groups.get(nameOf(day, tool, unit))
    if (found !== undefined) return found
    if (this.#groups.size < this.#maxGroups) return this.#add({ day, tool, unit })
    this.#hasOthers = true
    const others = this.#groups.get(nameOf(day, OTHER_TOOLS, unit))
    return others ?? this.#add({ day, tool: OTHER_TOOLS, unit })
  }

  #add(about: Omit<Group, 'counts'>): Group {
    const group = { ...about, counts: noCounts() }
    this.#groups.set(nameOf(about.day, about.tool, about.unit), group)
    return group
  }
}

/** A name that does not keep a longer one in memory, as a part of a string does. */
function heldName(tool: string): string {
  if (tool.length <= MAX_TOOL_CHARS) return tool
  return Buffer.from(tool.slice(0, MAX_TOOL_CHARS)).toString()
}

function nameOf(day: string, tool: string, unit: Unit): string {
  return `${day} ${unit.id} ${tool}`
}

/** The day of a time, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function outcomeOf(state: PaymentState): Outcome {
  return OUTCOMES.find((outcome) => outcome === state) ?? 'open'
}

/** Counts of no payments. */
export function noCounts(): Record<Outcome, Count> {
  const none = OUTCOMES.map((outcome) => [outcome, { payments: 0, units: 0n }] as const)
  return Object.fromEntries(none) as Record<Outcome, Count>
}

/** Sums counts of one unit. */
export function sumOf(all: readonly { readonly counts: Counts }[]): Counts {
  const sum = noCounts()
  for (const { counts } of all) {
    for (const outcome of OUTCOMES) {
      sum[outcome].payments += counts[outcome].payments
      sum[outcome].units += counts[outcome].units
    }
  }
  return sum
}

/** Sums groups of one unit that have the same name. */
export function sumsBy(
  groups: readonly Group[],
  nameOf: (group: Group) => string,
): Map<string, Counts> {
  return new Map([...gathered(groups, nameOf)].map(([name, same]) => [name, sumOf(same)]))
}

function gathered(
  groups: readonly Group[],
  nameOf: (group: Group) => string,
): Map<string, [Group, ...Group[]]> {
  const byName = new Map<string, [Group, ...Group[]]>()
  for (const group of groups) {
    const same = byName.get(nameOf(group))
    if (same === undefined) byName.set(nameOf(group), [group])
    else same.push(group)
  }
  return byName
}

/** Groups of one unit, and their sum. */
export interface UnitReport {
  readonly unit: Unit
  readonly groups: readonly Group[]
  readonly total: Counts
}

/** Groups by unit. The unit of the most payments is the first. */
export function byUnit(groups: readonly Group[]): UnitReport[] {
  const reports = [...gathered(groups, ({ unit }) => unit.id).values()].map((same) => {
    return { unit: same[0].unit, groups: same, total: sumOf(same) }
  })
  return reports.sort((a, b) => paymentsOf(b.total) - paymentsOf(a.total))
}

function paymentsOf(counts: Counts): number {
  return OUTCOMES.reduce((sum, outcome) => sum + counts[outcome].payments, 0)
}

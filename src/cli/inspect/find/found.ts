import { canonicalJson } from '../../../wire/canonical-json.js'
import type { Finding, Thing } from '../thing.js'

/** More things than anybody wants to read. */
const MAX_THINGS = 50

/** After so many the search ends, whether they differ or not. */
const MAX_ADDED = 500
/** A thing in many places needs not all of their problems. */
const MAX_PROBLEMS = 10

/** A thing, as it is found. */
export type NewThing = Omit<Thing, 'problems'> & { readonly problems?: readonly Finding[] }

/** Collects things. One that was found already in another place is not added again: its place is. */
export class Found {
  readonly #things = new Map<string, Thing>()
  #added = 0
  /** How many different things there were, those above the limit included. */
  count = 0

  /** Whether nothing more has to be searched. */
  get isFull(): boolean {
    return this.#added >= MAX_ADDED
  }

  get things(): Thing[] {
    return [...this.#things.values()]
  }

  add(thing: NewThing): void {
    if (this.isFull) return
    this.#added += 1
    const { problems = [] } = thing
    const key = `${thing.kind} ${thing.kind === 'unreadable' ? thing.carrier : keyOf(thing.value)}`
    const known = this.#things.get(key)
    if (known === undefined) {
      this.count += 1
      if (this.#things.size < MAX_THINGS) this.#things.set(key, { ...thing, problems })
      return
    }
    this.#things.set(key, {
      ...known,
      alsoIn: [...new Set([...(known.alsoIn ?? []), thing.carrier])].slice(0, MAX_THINGS),
      header: known.header ?? thing.header,
      problems: [...known.problems, ...problems].slice(0, MAX_PROBLEMS),
    })
  }
}

/**
 * Some servers write a challenge twice, with its ways to pay in another order, and a receipt twice, with a second name
 * for its transaction.
 */
function keyOf(value: Readonly<Record<string, unknown>>): string {
  const { accepts, transactionHash, ...others } = value
  if (Array.isArray(accepts)) {
    return canonicalJson({ ...value, accepts: accepts.map((one) => canonicalJson(one)).sort() })
  }
  return canonicalJson(transactionHash === value['transaction'] ? others : value)
}

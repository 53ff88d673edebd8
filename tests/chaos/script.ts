import type { Local } from '../../src/local/index.js'
import type { Affliction, Asked, Rail } from './afflictions.js'

/** What happens to the requests of one step, in order. A request that nothing is written for goes well. */
export class Script {
  readonly #local: Local
  #left: Record<Asked, Affliction[]> = { verify: [], settle: [] }
  /** Names of what has happened in this step. */
  hits: Affliction[] = []

  constructor(local: Local) {
    this.#local = local
  }

  begin(step: Record<Asked, readonly Affliction[]>): void {
    this.#left = { verify: [...step.verify], settle: [...step.settle] }
    this.hits = []
    this.#local.faults.clear()
    this.#local.x402.faults.clear()
  }

  /** Prepares what happens to the next request. @returns whether its connection is refused. */
  isRefused(rail: Rail, asked: Asked): boolean {
    const affliction = this.#left[asked].shift()
    if (affliction === undefined) return false
    this.hits.push(affliction)
    const { plan, money } = affliction
    if (rail === 'plan' && plan !== undefined) {
      if (plan === 'refused') return true
      this.#local.faults.set({ ...plan, route: asked })
    }
    if (rail === 'money' && money !== undefined) {
      if (money === 'refused') return true
      this.#local.x402.faults.set({ ...money, route: asked })
    }
    return false
  }
}

/** A client whose requests go as the script says: to a closed port where it says so. */
export function scripted<T extends object>(
  client: T,
  dead: T,
  isRefused: (asked: Asked) => boolean,
): T {
  const methodOf = (target: T, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(target, name, target)
    return typeof value === 'function' ? (value.bind(target) as unknown) : value
  }
  return new Proxy(client, {
    get: (target, name) => {
      const asked = /^(verify|settle)/.exec(String(name))?.[1] as Asked | undefined
      if (asked === undefined) return methodOf(target, name)
      return (...given: unknown[]) => {
        const method = methodOf(isRefused(asked) ? dead : target, name) as Method
        return method(...given)
      }
    },
  })
}

type Method = (...given: unknown[]) => unknown

/** Draws of one seed: the same seed draws the same. */
export interface Random {
  /** From 0 up to 1. */
  next: () => number
  chance: (probability: number) => boolean
  /** One of several, each as likely as its weight says. */
  weighted: <T>(choices: readonly (readonly [T, number])[]) => T
}

/** The draws of one call of a run. Each call has its own, so that it can be played again alone. */
export function randomOf(seed: number, call: number): Random {
  // Two steps apart in the golden ratio: neighbours of a seed draw nothing alike.
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(call + 1, 0x85ebca6b)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const weighted = <T>(choices: readonly (readonly [T, number])[]): T => {
    let left = next() * choices.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [choice, weight] of choices) {
      left -= weight
      if (left < 0) return choice
    }
    throw new Error('nothing to choose from')
  }
  return { next, chance: (probability) => next() < probability, weighted }
}

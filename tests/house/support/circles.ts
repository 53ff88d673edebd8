/** An arrow of a graph. */
export interface Arrow {
  from: string
  to: string
}

/**
 * Finds every circle, by Tarjan's search for strongly connected parts.
 *
 * @returns the sorted names in each circle
 */
export function circlesIn(arrows: readonly Arrow[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to])
  const found: string[][] = []
  const order = new Map<string, { index: number; low: number; open: boolean }>()
  const stack: string[] = []

  const visit = (name: string): { index: number; low: number; open: boolean } => {
    const here = { index: order.size, low: order.size, open: true }
    order.set(name, here)
    stack.push(name)
    for (const to of next.get(name) ?? []) {
      const there = order.get(to) ?? visit(to)
      if (there.open) here.low = Math.min(here.low, there.low)
    }
    if (here.low === here.index) {
      const part = stack.splice(stack.indexOf(name))
      for (const one of part) Object.assign(order.get(one) ?? {}, { open: false })
      if (part.length > 1 || next.get(name)?.includes(name) === true) found.push(part.sort())
    }
    return here
  }
  for (const name of next.keys()) if (!order.has(name)) visit(name)
  return found
}

/** Something that changes its state by the clock. */
export interface Living {
  status: string
  /** What it turns into, and when. Unit: ms since the epoch. */
  next: { status: string; atMs: number } | undefined
}

/** The state after the last one: it is no longer found. */
export const GONE = 'GONE'

/** What is there now under a key. */
export function lookUp<T extends Living>(
  store: Map<string, T>,
  key: string,
  nowMs: number,
): T | undefined {
  const found = store.get(key)
  if (found === undefined) return undefined
  if (found.next !== undefined && found.next.atMs <= nowMs) {
    found.status = found.next.status
    found.next = undefined
  }
  if (found.status !== GONE) return found
  store.delete(key)
  return undefined
}

/** Everything that is there now, in the order it was made. */
export function present<T extends Living>(store: Map<string, T>, nowMs: number): T[] {
  return [...store.keys()].flatMap((key) => lookUp(store, key, nowMs) ?? [])
}

/** Puts something into a state that it leaves by the clock. */
export function turn(
  { now, readyAfterMs }: { now: () => number; readyAfterMs: number },
  resource: Living & { updatedAtMs: number },
  status: string,
  next: string,
): void {
  const nowMs = now()
  resource.status = status
  resource.next = { status: next, atMs: nowMs + readyAfterMs }
  resource.updatedAtMs = nowMs
}

const USABLE = ['READY', 'UPDATING', 'UPDATE_FAILED', 'DELETE_FAILED']

/** Whether it serves what was made of it, also while it is changed. */
export function isUsable({ status }: Living): boolean {
  return USABLE.includes(status)
}

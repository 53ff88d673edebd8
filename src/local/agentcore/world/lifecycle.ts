/** A resource that changes its status by the clock. */
export interface Living {
  status: string
  /** The next status, and when it comes. Unit: ms since the epoch. */
  next?: { status: string; atMs: number } | undefined
}

/** The status of a resource that is no longer found. */
export const GONE = 'GONE'

/** Finds a resource, with the status that it has now. */
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

/** Every resource that is there now, in the order of creation. */
export function present<T extends Living>(store: Map<string, T>, nowMs: number): T[] {
  return [...store.keys()].flatMap((key) => lookUp(store, key, nowMs) ?? [])
}

/** Gives a resource a status, and another one after `readyAfterMs`. */
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

/** Whether a resource can be used. It can also be used while it is updated. */
export function isUsable({ status }: Living): boolean {
  return USABLE.includes(status)
}

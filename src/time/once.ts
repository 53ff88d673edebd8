/** Runs a task once per key and gives every later caller the same outcome, a failure included. */
export type Once<T> = (key: string, task: () => Promise<T>) => Promise<T>

/** A cache of one container: the oldest keys are forgotten first. */
export function createOnce<T>(maxKeys: number): Once<T> {
  const outcomes = new Map<string, Promise<T>>()
  return (key, task) => {
    const known = outcomes.get(key)
    if (known !== undefined) return known
    const outcome = task()
    outcomes.set(key, outcome)
    const oldest = outcomes.keys().next().value
    if (outcomes.size > maxKeys && oldest !== undefined) outcomes.delete(oldest)
    return outcome
  }
}

import { randomUUID } from 'node:crypto'
import { awsNameOf, isAbsent, isInTheWay } from './aws-failures.js'
import { pause, type Clock } from './clock.js'
import type { Leftover } from './errors.js'
import type { Outcome } from './outcome.js'

/** Something that was asked for, and how to undo it. */
export interface Step {
  resource: Leftover['resource']
  name: string
  /** Known as soon as AWS answered. */
  id: string | undefined
  /** Of the call that makes it. */
  outcome: Outcome
  /** Ids of what it may be where no answer came. */
  find: () => Promise<readonly string[]>
  /** Asks for its deletion. */
  remove: (id: string, clientToken: string, outcome: Outcome) => Promise<unknown>
  /** What has become of it. Where this is missing, it is gone once `remove` returns. */
  look?: (id: string) => Promise<{ status: string }>
}

/** Unit: ms. */
const MAX_ROLLBACK_MS = 120_000
/** What was made just now may not be seen everywhere at once. Unit: ms. */
const UNSEEN_MS = 5_000
/** Unit: ms. */
const FIRST_DELAY_MS = 200
/** Unit: ms. */
const MAX_DELAY_MS = 5_000

/**
 * Deletes what the steps made, the last first, each gone before the next is tried: AWS keeps a manager
 * as long as it has a connector, and a provider as long as a connector uses it.
 *
 * @returns what could not be deleted, or may be there and could not be found
 */
export async function rollBack(steps: readonly Step[], clock: Clock): Promise<Leftover[]> {
  const deadline = clock.now() + MAX_ROLLBACK_MS
  const leftovers: Leftover[] = []
  for (const step of steps.toReversed()) {
    const leftover = await undo(step, clock, deadline)
    if (leftover !== undefined) leftovers.push(leftover)
  }
  return leftovers
}

async function undo(step: Step, clock: Clock, deadline: number): Promise<Leftover | undefined> {
  const { resource, name, outcome } = step
  let ids: readonly string[] = step.id === undefined ? [] : [step.id]
  let reason: string | undefined
  if (step.id === undefined && outcome.mayBeDone) {
    reason = await insist(clock, deadline, async (isSettled) => {
      ids = await step.find()
      return ids.length > 0 || isSettled() ? undefined : 'unseen'
    })
  }
  const [id] = ids
  if (ids.length > 1)
    reason = 'Ambiguous' // it must not be somebody else's that is deleted
  else if (id !== undefined) reason = await removed(step, id, clock, deadline)
  return reason === undefined ? undefined : { resource, id: id ?? name, reason }
}

function removed(
  { remove, look }: Step,
  id: string,
  clock: Clock,
  deadline: number,
): Promise<string | undefined> {
  const outcome: Outcome = { mayBeDone: false }
  let clientToken = randomUUID()
  let isAccepted = false
  return insist(clock, deadline, async (isSettled) => {
    try {
      if (!isAccepted) await remove(id, clientToken, outcome)
      isAccepted = true
      const status = (await look?.(id))?.status
      if (status === 'DELETE_FAILED') {
        isAccepted = false
        clientToken = randomUUID() // with the old one AWS would only repeat its answer
      }
      return status
    } catch (error) {
      if (!isAbsent(error)) throw error
      return outcome.mayBeDone || isSettled() ? undefined : 'unseen'
    }
  })
}

/**
 * Repeats an attempt until it gives no reason for another, fails for good, or the time is up.
 *
 * @returns why it was given up
 */
async function insist(
  clock: Clock,
  deadline: number,
  attempt: (isSettled: () => boolean) => Promise<string | undefined>,
): Promise<string | undefined> {
  const startedAt = clock.now()
  const isSettled = () => clock.now() - startedAt >= UNSEEN_MS
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    let reason: string | undefined
    try {
      reason = await attempt(isSettled)
      if (reason === undefined) return undefined
    } catch (error) {
      reason = awsNameOf(error) ?? 'unknown'
      if (!isInTheWay(error)) return reason
    }
    if (clock.now() + delayMs > deadline) return reason
    await pause(clock, delayMs)
  }
}

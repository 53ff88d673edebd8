import { randomUUID } from 'node:crypto'
import { awsNameOf, isAbsent, isConflict, isInTheWay } from '../aws/aws-failures.js'
import { pause, type Clock } from '../../time/clock.js'
import type { Leftover } from '../aws/errors.js'
import { newOutcome, type Outcome } from '../aws/outcome.js'

/** A resource that was asked for, and how to delete it. */
export interface Step {
  resource: Leftover['resource']
  name: string
  /** The resource's id, known as soon as AWS answered. */
  id: string | undefined
  /** What became of the call that makes the resource. */
  outcome: Outcome
  /** Asks whether a resource already has the name. It is asked before the resource is made. */
  isThere?: () => Promise<boolean>
  /** The answer of `isThere`, if it came in time. */
  wasThere?: boolean | undefined
  /** If no answer came: ids of resources that may be the one. */
  find: () => Promise<readonly string[]>
  /** The id among those of `find` that is proven to be of this call, if any. */
  own: () => Promise<string | undefined>
  /** Asks for the resource's deletion. */
  remove: (id: string, clientToken: string, outcome: Outcome) => Promise<unknown>
  /** Asks for the resource's status. Without this function the resource is gone once `remove` returns. */
  look?: (id: string) => Promise<{ status: string }>
}

const MAX_ROLLBACK_MS = 120_000
/** For this long, a new resource may not be visible everywhere. Unit: ms. */
const UNSEEN_MS = 5_000
const FIRST_DELAY_MS = 200
const MAX_DELAY_MS = 5_000

/**
 * Deletes what the steps made, the last first. Each has to be gone before the next is tried. AWS keeps a
 * manager as long as it has a connector, and a provider as long as a connector uses it. A resource that is
 * not proven to be of this call is left alone.
 *
 * @returns the resources that may still be there
 */
export async function rollBack(steps: readonly Step[], clock: Clock): Promise<Leftover[]> {
  const deadline = clock.now() + MAX_ROLLBACK_MS
  const leftovers: Leftover[] = []
  for (const step of steps.toReversed()) leftovers.push(...(await undo(step, clock, deadline)))
  return leftovers
}

async function undo(step: Step, clock: Clock, deadline: number): Promise<Leftover[]> {
  const { resource, outcome } = step
  if (step.id === undefined && !outcome.mayBeDone) return []
  const id = step.id ?? (await ofLostAnswer(step, clock, deadline))
  if (typeof id !== 'string') return id
  const reason = await removed(step, id, clock, deadline)
  return reason === undefined ? [] : [{ resource, id, reason, isCertain: true }]
}

/** @returns the id of the resource that is proven to be ours, or else ids of resources that may be. */
async function ofLostAnswer(
  { resource, name, find, own }: Step,
  clock: Clock,
  deadline: number,
): Promise<string | Leftover[]> {
  const perhaps = (ids: readonly string[], reason: string): Leftover[] =>
    ids.map((id) => ({ resource, id, reason, isCertain: false }))
  let found: readonly string[] = []
  const unseen = await insist(clock, deadline, async (isSettled) => {
    found = await find()
    return found.length > 0 || isSettled() ? undefined : 'unseen'
  })
  if (unseen !== undefined) return perhaps([name], unseen)
  if (found.length === 0) return []
  let id: string | undefined
  const prove = async () => {
    id = await own()
    return undefined
  }
  // A request that is still under way is in conflict with itself for a moment.
  const isWorthIt = (error: unknown, isSettled: boolean) =>
    isInTheWay(error) && !(isSettled && isConflict(error))
  const refused = await insist(clock, deadline, prove, isWorthIt)
  return id ?? perhaps(found, refused ?? UNPROVEN)
}

/** Stands in the place of the name of an AWS error. */
const UNPROVEN = 'Unproven'

function removed(
  { remove, look }: Step,
  id: string,
  clock: Clock,
  deadline: number,
): Promise<string | undefined> {
  const outcome = newOutcome()
  let clientToken = randomUUID()
  let isAccepted = false
  return insist(clock, deadline, async (isSettled) => {
    try {
      if (!isAccepted) await remove(id, clientToken, outcome)
      isAccepted = true
      const status = (await look?.(id))?.status
      if (status === 'DELETE_FAILED') {
        isAccepted = false
        clientToken = randomUUID() // With the old token AWS would only repeat its answer.
      }
      return status
    } catch (error) {
      if (!isAbsent(error)) throw error
      return outcome.mayBeDone || isSettled() ? undefined : 'unseen'
    }
  })
}

/**
 * Repeats an attempt until there is no reason to repeat it, it fails for good, or the time is up.
 *
 * @returns why it gave up
 */
async function insist(
  clock: Clock,
  deadline: number,
  attempt: (isSettled: () => boolean) => Promise<string | undefined>,
  isWorthIt: (error: unknown, isSettled: boolean) => boolean = isInTheWay,
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
      if (!isWorthIt(error, isSettled())) return reason
    }
    if (clock.now() + delayMs > deadline) return reason
    await pause(clock, delayMs)
  }
}

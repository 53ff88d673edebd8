import { PaymentError } from '../../errors/payment-error.js'
import { unlessAborted } from '../../time/unless-aborted.js'
import { isAbsent, isNoNews } from '../aws/aws-failures.js'
import { pause, type Clock } from '../../time/clock.js'
import { ResourceFailed, WaitTimeout, type Leftover } from '../aws/errors.js'
import { limited } from '../../time/limited.js'
import type { Wait, WaitProgress } from './wait-options.js'

/** The part of a resource that is looked at. */
export interface State {
  status: string
  authorizationUrl?: string
}

/** The resource that is awaited. */
export interface Watched<T extends State | undefined> {
  resource: Leftover['resource']
  id: string
  /** Its state after the call that began it. */
  first: State
  /** @throws PaymentError, or the reason of the signal */
  look: (abortSignal: AbortSignal) => Promise<T>
}

/**
 * Waits until a resource is READY. A resource that is not found was just created, and is not visible
 * everywhere yet.
 *
 * @returns what the last look saw, or `undefined` if none was needed
 * @throws ResourceFailed, WaitTimeout, AwsError, or the reason of the signal
 */
export async function untilReady<T extends State>(
  watched: Watched<T>,
  wait: Wait,
  clock: Clock,
): Promise<T | undefined> {
  let ready: T | undefined
  const look = async (abortSignal: AbortSignal) => {
    try {
      return (ready = await watched.look(abortSignal))
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }
  const { resource, id } = watched
  await poll({ ...watched, look }, wait, clock, ({ status }) => {
    const failure = failureOf(status, wait)
    if (failure === undefined) return status === 'READY'
    throw new ResourceFailed(`${NAMES[resource]} ${id} ${failure}`, status)
  })
  return ready
}

/**
 * Waits until a resource is no longer found.
 *
 * @throws ResourceFailed, WaitTimeout, AwsError, or the reason of the signal
 */
export async function untilGone(watched: Watched<State>, wait: Wait, clock: Clock): Promise<void> {
  const look = async (abortSignal: AbortSignal) => {
    try {
      return await watched.look(abortSignal)
    } catch (error) {
      if (isAbsent(error)) return { status: GONE }
      throw error
    }
  }
  const { resource, id } = watched
  await poll({ ...watched, look }, wait, clock, ({ status }) => {
    if (status !== 'DELETE_FAILED') return status === GONE
    throw new ResourceFailed(`${NAMES[resource]} ${id} is ${status}`, status)
  })
}

/** This is no status of AWS: AWS does not find a resource that is gone. */
export const GONE = 'DELETED'

const NAMES: Record<Leftover['resource'], string> = {
  paymentManager: 'payment manager',
  paymentConnector: 'payment connector',
  credentialProvider: 'credential provider',
}

/** Final states of a resource, besides `*_FAILED`. */
const FAILURES = new Map([
  ['AUTHENTICATION_FAILED', 'the consent failed or was refused'],
  ['AUTHENTICATION_EXPIRED', 'nobody consented in time'],
  ['AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED', 'subscribe to its wallet in AWS Marketplace first'],
  ['DELETING', 'it is being deleted'],
])

function failureOf(status: string, { onProgress }: Wait): string | undefined {
  const why =
    status === 'PENDING_AUTHENTICATION' && onProgress === undefined
      ? 'somebody has to consent at its authorizationUrl'
      : FAILURES.get(status)
  if (why !== undefined) return `is ${status}: ${why}`
  return status.endsWith('_FAILED') ? `is ${status}` : undefined
}

/** A look that began in time may take this long, even if the time is up meanwhile. Unit: ms. */
const MIN_LOOK_MS = 1_000

/** Looks until `isDone` returns true or throws. A look that gives `undefined` tells nothing new. */
async function poll(
  watched: Watched<State | undefined>,
  wait: Wait,
  clock: Clock,
  isDone: (state: State) => boolean,
): Promise<void> {
  const { signal, done } = limited('wait', undefined, wait.abortSignal)
  const startedAt = clock.now()
  const elapsed = () => clock.now() - startedAt
  let state = watched.first
  let pauseMs = 0 // The first look comes at once.
  try {
    for (;;) {
      const elapsedMs = elapsed()
      await tell(progressOf(watched, state, elapsedMs), wait, signal)
      if (isDone(state)) return
      const leftMs = wait.maxWaitMs - elapsedMs
      if (leftMs <= 0) throw timeUp(watched, state, wait)
      await pause(clock, Math.min(pauseMs, leftMs), signal)
      pauseMs = wait.pollIntervalMs
      const lookMs = Math.max(wait.maxWaitMs - elapsed(), MIN_LOOK_MS)
      state = (await lookOnce(watched.look, lookMs, signal)) ?? state
    }
  } finally {
    done()
  }
}

/**
 * Calls `onProgress`, which may take what is left of the time. The caller checks afterwards whether the time
 * is up or the signal aborted.
 */
async function tell(
  progress: WaitProgress,
  { onProgress, maxWaitMs }: Wait,
  signal: AbortSignal,
): Promise<void> {
  if (onProgress === undefined) return
  const { resource, id, status, elapsedMs } = progress
  const limit = limited('onProgress', Math.max(maxWaitMs - elapsedMs, MIN_LOOK_MS), signal)
  const telling = (async () => onProgress(progress))()
  try {
    await unlessAborted(limit.signal, () => telling)
  } catch (cause) {
    telling.catch(() => undefined) // Nobody waits for it any more.
    if (limit.signal.aborted) return
    const left = `${NAMES[resource]} ${id}, which was ${status}, is no longer waited for`
    throw new PaymentError('hook_refused', `onProgress failed; ${left}`, { cause })
  } finally {
    limit.done()
  }
}

function progressOf(
  { resource, id }: Pick<Watched<State>, 'resource' | 'id'>,
  { status, authorizationUrl }: State,
  elapsedMs: number,
): WaitProgress {
  const url = authorizationUrl === undefined ? {} : { authorizationUrl }
  return { resource, id, status, elapsedMs, ...url }
}

function timeUp(
  { resource, id }: Pick<Watched<State>, 'resource' | 'id'>,
  { status }: State,
  { maxWaitMs }: Wait,
): WaitTimeout {
  const seconds = maxWaitMs / 1000
  return new WaitTimeout(`${NAMES[resource]} ${id} is still ${status} after ${seconds} s`, status)
}

async function lookOnce<T>(
  look: (abortSignal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const limit = limited('look', timeoutMs, signal)
  try {
    return await look(limit.signal)
  } catch (error) {
    if (signal.aborted || !isNoNews(error)) throw error
    return undefined
  } finally {
    limit.done()
  }
}

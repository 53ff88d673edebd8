import { optionalFlag, optionalFunction } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import type { Leftover } from '../aws/errors.js'

/** What is known of a resource while it is awaited. */
export interface WaitProgress {
  /** Which kind of resource is awaited. */
  resource: Leftover['resource']
  /** The id of the resource. */
  id: string
  /** The status as the service names it, e.g. `CREATING`. `DELETED` once it is gone. */
  status: string
  /** Time since the waiting began. Unit: ms. */
  elapsedMs: number
  /** The URL at which somebody has to consent before a connector of Quick Create goes on. */
  authorizationUrl?: string
}

interface WaitLimits {
  /**
   * The longest wait for one resource. Unit: s, above 0, up to 86 400.
   *
   * @default 300
   */
  maxWait?: number | undefined
  /**
   * The time between two looks. Unit: s, above 0, up to 86 400.
   *
   * @default 10
   */
  pollInterval?: number | undefined
  /**
   * Called with the first status and with each look, so that the id is known even if the waiting fails. It is awaited
   * for as long as `maxWait` and the signal of the call allow. If it throws, the waiting ends with a PaymentError
   * `hook_refused`. The error names what was waited for. AWS goes on with it.
   *
   * @default none
   */
  onProgress?: ((progress: WaitProgress) => void | Promise<void>) | undefined
}

/** How to wait until a resource is ready. */
export interface WaitOptions extends WaitLimits {
  /**
   * Whether to return only when the resource is READY.
   *
   * @default false
   */
  waitForReady?: boolean | undefined
}

/** How to wait until a resource is gone. */
export interface DeletionWaitOptions extends WaitLimits {
  /**
   * Whether to return only when the resource is gone.
   *
   * @default false
   */
  waitForDeletion?: boolean | undefined
}

/** {@link WaitOptions}, checked. */
export interface Wait {
  isWanted: boolean
  maxWaitMs: number
  pollIntervalMs: number
  abortSignal: AbortSignal | undefined
  onProgress: WaitLimits['onProgress']
}

const LIMIT_OPTIONS: Record<keyof WaitLimits, true> = {
  maxWait: true,
  pollInterval: true,
  onProgress: true,
}
export const WAIT_OPTIONS: Record<keyof WaitOptions, true> = {
  ...LIMIT_OPTIONS,
  waitForReady: true,
}
export const DELETION_WAIT_OPTIONS: Record<keyof DeletionWaitOptions, true> = {
  ...LIMIT_OPTIONS,
  waitForDeletion: true,
}

/** @throws OptionsError if the options have a signal: the signal belongs to the call. */
export function refuseSignal(options: object): void {
  if (!('signal' in options) || options.signal === undefined) return
  const place = 'give it as abortSignal in the second argument of the method'
  throw new OptionsError('signal', `is not an option; ${place}`)
}

/** @throws OptionsError naming the option at fault */
export function checkWait(
  options: WaitOptions & DeletionWaitOptions,
  abortSignal?: AbortSignal,
): Wait {
  const { onProgress, waitForReady, waitForDeletion } = options
  checkSignal(abortSignal)
  const ready = optionalFlag('waitForReady', waitForReady)
  const deletion = optionalFlag('waitForDeletion', waitForDeletion)
  return {
    isWanted: ready ?? deletion ?? false,
    maxWaitMs: milliseconds('maxWait', options.maxWait ?? 300),
    pollIntervalMs: milliseconds('pollInterval', options.pollInterval ?? 10),
    abortSignal,
    onProgress: optionalFunction('onProgress', onProgress),
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return
  throw new OptionsError('abortSignal', 'expected an AbortSignal')
}

const DAY_SECONDS = 86_400

function milliseconds(name: string, seconds: unknown): number {
  if (typeof seconds === 'number' && seconds > 0 && seconds <= DAY_SECONDS) return seconds * 1000
  throw new OptionsError(name, `expected seconds, above 0 and up to ${DAY_SECONDS}`)
}

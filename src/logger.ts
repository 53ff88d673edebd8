import { channel } from 'node:diagnostics_channel'
import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'

/** What this package logs through: a Powertools `Logger`, `console`, or your own. */
export interface Logger {
  /** Writes what is normal, e.g. that a call came without payment. */
  debug(message: string, details: LogDetails): void
  /** Writes what a caller did wrong, e.g. that a payment was refused. */
  info(message: string, details: LogDetails): void
  /** Writes what the seller should know, e.g. that a settlement was refused or an option has no effect. */
  warn(message: string, details: LogDetails): void
  /**
   * Writes what somebody should look at: an unknown outcome, an outage, or an error of the seller's own code.
   */
  error(message: string, details: LogDetails): void
}

/**
 * Details of a log line. Only facts that were chosen one by one are logged. `error` is set for errors of the
 * seller's own code. An error of a facilitator is reduced to its code, since its message can quote the
 * payment.
 */
export interface LogDetails {
  /** What was called. */
  tool?: string
  /** The code of the error. `docs/errors.md` has cause and cure of each. */
  code?: string
  /** The code that the facilitator answered with, or why it was not asked. */
  reason?: string
  /** The HTTP status of the facilitator's answer; `undefined` if none came. */
  httpStatus?: number | undefined
  /** The `x-correlation-id` of verify and settle. */
  correlationId?: string | undefined
  /** The facilitator's id of the call, from its answer to verify. */
  agentRequestId?: string | undefined
  /** An error of the seller's own code, as it was thrown. */
  error?: Error
  /** Further facts of a line, e.g. `method` or `limitMs`. */
  [key: string]: unknown
}

/** One line of the log. */
export interface LogLine {
  readonly level: keyof Logger
  readonly message: string
  readonly details: LogDetails
}

/**
 * Every line of this process, a {@link LogLine}, whatever logger gets it. The local stack listens, and shows the lines
 * in its terminal. While somebody listens, the default logger writes nothing.
 */
export const LINES = channel('agentcore-x402:log')

/** Tells those who listen to {@link LINES} that an event came to a handler or interceptor of this package. */
export function noteDoor(name: string): void {
  if (LINES.hasSubscribers) LINES.publish({ level: 'debug', message: name, details: {} })
}

/**
 * A logger whose errors are ignored. A broken logger must not cost a buyer who has paid the result.
 *
 * @param given the seller's logger. Default: {@link defaultLogger}
 */
export function harmless(given: Logger | undefined): Logger {
  const logger = given ?? defaultLogger()
  const guard =
    (level: keyof Logger) =>
    (message: string, details: LogDetails): void => {
      if (LINES.hasSubscribers) {
        LINES.publish({ level, message, details })
        if (given === undefined) return
      }
      try {
        const written: unknown = logger[level](message, details)
        if (written instanceof Promise) written.catch(() => undefined)
      } catch {
        // There is nowhere left to report this.
      }
    }
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') }
}

/** The default logger. Its level is WARN: a paid call that works logs nothing. */
function defaultLogger(): Logger {
  return new PowertoolsLogger({ serviceName: 'agentcore-x402', logLevel: 'WARN' })
}

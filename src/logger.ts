import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'

/** What this package logs through: a Powertools `Logger`, `console`, or your own. */
export interface Logger {
  debug(message: string, details: LogDetails): void
  info(message: string, details: LogDetails): void
  warn(message: string, details: LogDetails): void
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
  code?: string
  /** The code that the facilitator answered with, or why it was not asked. */
  reason?: string
  httpStatus?: number | undefined
  correlationId?: string | undefined
  agentRequestId?: string | undefined
  error?: Error
  [key: string]: unknown
}

/** A logger whose errors are ignored. A broken logger must not cost a buyer who has paid the result. */
export function harmless(logger: Logger): Logger {
  const guard =
    (level: keyof Logger) =>
    (message: string, details: LogDetails): void => {
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
export function defaultLogger(): Logger {
  return new PowertoolsLogger({ serviceName: 'agentcore-x402', logLevel: 'WARN' })
}

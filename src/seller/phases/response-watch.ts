import type { Logger } from '../../logger.js'
import { TARGET_LIMIT_MS } from './phase-entry.js'

/** Notices if only one of the two phases comes here. */
export interface ResponseWatch {
  /** Notes that an event of the request phase came. */
  requested(): void
  /** Notes that a call that is paid, or to be paid, goes to its target. */
  forwarded(owner: string, tool: string): void
  responded(owner: string): void
  /** Logs once if a response did not come within the target's limit. */
  check(): void
}

/** So many responses without any request are no accident of two containers. */
const LONELY_RESPONSES = 10

/** At most this many calls are watched at the same time. */
const MAX_WATCHED = 1_000

/** Watches the calls of one interceptor in this process. */
export function createResponseWatch(logger: Logger, now: () => number): ResponseWatch {
  const open = new Map<string, { tool: string; until: number }>()
  let hasSaid = false
  let hasRequest = false
  let responses = 0
  return {
    requested: () => void (hasRequest = true),
    forwarded(owner, tool) {
      // Clients give their calls the same ids. A later call with the same id must not move the limit.
      if (hasSaid || open.has(owner) || open.size >= MAX_WATCHED) return
      open.set(owner, { tool, until: now() + TARGET_LIMIT_MS })
    },
    responded(owner) {
      open.delete(owner)
      if (hasRequest) return
      responses += 1
      if (responses === LONELY_RESPONSES) logger.warn(NO_REQUESTS, { responses })
    },
    check() {
      if (hasSaid) return
      const [oldest] = open.values()
      if (oldest === undefined || oldest.until > now()) return
      hasSaid = true
      open.clear()
      logger.error(NEVER_CAME, { tool: oldest.tool, limitMs: TARGET_LIMIT_MS })
    },
  }
}

const NO_REQUESTS =
  'Responses of a Gateway came to this process, and no request did. If this Lambda is attached at RESPONSE only, tools run ' +
  'before anybody looks at the payment: attach it at REQUEST too.'
const NEVER_CAME =
  'A call was verified and forwarded, and its response phase never came to this process. If this Lambda is attached ' +
  'at REQUEST only, nothing is ever settled: attach it at RESPONSE too. If other containers get the responses, ' +
  'nothing is wrong.'

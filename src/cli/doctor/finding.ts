import type { Mistake } from '../../errors/mistake.js'
import { isRecord } from '../../wire/json.js'

/** How a check came out. `warn` works today, and can cost money or buyers. `fail` does not work. */
export type Level = 'ok' | 'warn' | 'fail'

/** What one check found. It holds no key, no token and no payment. */
export interface Finding {
  readonly level: Level
  /** What was checked, e.g. `plan`. */
  readonly check: string
  /** What was found: a clause without a full stop. */
  readonly message: string
  /** What to do: one or several sentences. */
  readonly cure?: string
}

/** Makes the findings of one check. */
export function findingsOf(check: string) {
  return {
    ok: (message: string): Finding => ({ level: 'ok', check, message }),
    warn: (message: string, cure: string): Finding => ({ level: 'warn', check, message, cure }),
    fail: (message: string, cure: string): Finding => ({ level: 'fail', check, message, cure }),
  }
}

/** The finding of a mistake that this package knows. */
export function ofMistake(check: string, mistake: Mistake): Finding {
  const { problem, expected, cure } = mistake
  return findingsOf(check).fail(`${problem}. Expected ${expected}`, cure)
}

/** The finding of a request that failed. */
export function ofFailure(check: string, error: unknown, about: string): Finding {
  const mistake = mistakeIn(error)
  if (mistake !== undefined) return ofMistake(check, mistake)
  return findingsOf(check).fail(
    `${about} (${nameOf(error)})`,
    'Run doctor again. If it stays so, look the code up in docs/errors.md.',
  )
}

/**
 * The mistake in a failure, or in what caused it. The handler may be a bundle with a copy of this package, so it is
 * known by its members and not by its class.
 */
export function mistakeIn(error: unknown, depth = 0): Mistake | undefined {
  if (!isRecord(error) || depth > MAX_CAUSES) return undefined
  const { mistake, cause } = error
  return isMistake(mistake) ? mistake : mistakeIn(cause, depth + 1)
}

/** Errors can name each other as their cause. */
const MAX_CAUSES = 5

function isMistake(value: unknown): value is Mistake {
  const texts = ['code', 'field', 'problem', 'expected', 'cure']
  return isRecord(value) && texts.every((name) => typeof value[name] === 'string')
}

/** An error's kind. Its message may hold what others wrote. */
function nameOf(error: unknown): string {
  const { code, name } = isRecord(error) ? error : {}
  const kinds = [code, name].filter((one) => typeof one === 'string')
  return kinds.find((one) => /^[\w.]{1,80}$/.test(one)) ?? 'unknown'
}

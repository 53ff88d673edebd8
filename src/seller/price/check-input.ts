import { asError } from '../../errors/payment-error.js'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import { isRecord } from '../../wire/json.js'
import type { Validate } from '../options/tool-options.js'
import type { Sale } from '../options/sale.js'

/** A problem of the call's input, in the seller's words if there are any, or of the check itself. */
export type InputProblem =
  | { readonly kind: 'input'; readonly why: string | undefined }
  | { readonly kind: 'check' }

/** Runs the seller's check of a call. @returns `undefined` if the input is good. */
export async function checkInput(
  { call, settings, context }: Sale,
  validate: Validate,
): Promise<InputProblem | undefined> {
  const { logger } = settings
  const tool = call.label
  try {
    const verdict = await withDeadline(
      hookLimitMs(context),
      async () => await validate(call.event, context),
    )
    const problem = problemOf(verdict)
    if (problem !== undefined) logger.debug('input refused', { tool, reason: problem.why ?? '' })
    return problem && { kind: 'input', ...problem }
  } catch (thrown) {
    if (isOfSystem(thrown)) {
      logger.error('validate failed', { tool, error: asError(thrown) })
      return { kind: 'check' }
    }
    logger.info('validate threw', { tool, error: asError(thrown) })
    return { kind: 'input', why: wordsOf(thrown) }
  }
}

/** Reads the value that the check returned. @returns `undefined` if it is no refusal. */
function problemOf(verdict: unknown): { why: string | undefined } | undefined {
  if (verdict === false) return { why: undefined }
  if (typeof verdict === 'string') return verdict.trim() === '' ? undefined : { why: told(verdict) }
  if (verdict instanceof Error) throw verdict
  if (!isRecord(verdict)) return undefined
  // The form in which Zod, Valibot and Standard Schema return issues.
  if (verdict['success'] === false) return { why: wordsOf(verdict['error'] ?? verdict) }
  const { issues } = verdict
  return Array.isArray(issues) && issues.length > 0 ? { why: wordsOf(verdict) } : undefined
}

/**
 * Whether an error comes from a system that failed, and not from the input. Errors of Node, databases, AWS
 * and our own deadline have a code. A failed assertion of Node has a code too, but comes from the check.
 */
function isOfSystem(thrown: unknown, depth = 0): boolean {
  if (depth > MAX_CAUSES || typeof thrown !== 'object' || thrown === null) return false
  const { code, cause, $metadata } = thrown as Record<string, unknown>
  if ($metadata !== undefined) return true
  if (code !== undefined && code !== 'ERR_ASSERTION') return true
  return isOfSystem(cause, depth + 1)
}

/** How many causes are looked at: errors can name each other as their cause. */
const MAX_CAUSES = 5

/** The words of an error, for the caller. */
function wordsOf(thrown: unknown): string | undefined {
  if (typeof thrown === 'string') return told(thrown)
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { issues, message } = thrown as Record<string, unknown>
  const found = Array.isArray(issues) ? issues.map(wordsOfIssue).filter((it) => it !== '') : []
  if (found.length > 0) return told(found.join('; '))
  return typeof message === 'string' && message.trim() !== '' ? told(message) : undefined
}

/** The words of one issue, e.g. `params.arguments.city: expected a text`. */
function wordsOfIssue(issue: unknown): string {
  if (typeof issue === 'string') return issue
  if (!isRecord(issue) || typeof issue['message'] !== 'string') return ''
  const { path, message } = issue
  const keys: unknown[] = Array.isArray(path) ? path : []
  // Zod gives names. Standard Schema and Valibot may give `{ key }`.
  const names = keys.map((key) => String(isRecord(key) ? key['key'] : key))
  return names.length === 0 ? message : `${names.join('.')}: ${message}`
}

/** Unit: characters. */
const MAX_CHARS = 1_000

function told(text: string): string {
  const line = text.trim()
  return line.length <= MAX_CHARS ? line : `${line.slice(0, MAX_CHARS)}…`
}

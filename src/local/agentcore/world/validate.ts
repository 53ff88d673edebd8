import type * as z from 'zod/mini'
import { invalid, type InvalidField } from './aws-error.js'
import { describeIssue } from './shapes.js'

/**
 * Checks an input, and gives the members that the model knows.
 *
 * @throws AwsFault ValidationException that lists every member that breaks a constraint, without its value.
 */
export function checked<T>(shape: z.ZodMiniType<T>, input: unknown): T {
  const parsed = shape.safeParse(withoutNulls(input), { error: describeIssue })
  if (parsed.success) return parsed.data
  throw invalid(fieldsOf(parsed.error.issues))
}

/** For a value of another type only the type is told. Its length says nothing. */
function fieldsOf(issues: readonly z.core.$ZodIssue[]): InvalidField[] {
  const named = issues.map(({ code, path, message }) => ({ code, name: path.join('.'), message }))
  const mistyped = new Set(named.filter(isOfOtherType).map(({ name }) => name))
  return named
    .filter((one) => isOfOtherType(one) || !mistyped.has(one.name))
    .map(({ name, message }) => ({ name, message }))
}

function isOfOtherType({ code }: { code?: string | undefined }): boolean {
  return code === 'invalid_type'
}

/** Removes members that are null. They count as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]))
}

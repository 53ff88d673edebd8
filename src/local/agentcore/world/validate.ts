import type * as z from 'zod/mini'
import { invalid, type InvalidField } from './aws-error.js'
import { describeIssue } from './shapes.js'

/**
 * The members of an input that the model knows.
 *
 * @throws AwsFault ValidationException that lists every member which breaks a constraint, without its value.
 */
export function checked<T>(shape: z.ZodMiniType<T>, input: unknown): T {
  const parsed = shape.safeParse(withoutNulls(input), { error: describeIssue })
  if (parsed.success) return parsed.data
  throw invalid(fieldsOf(parsed.error.issues))
}

/** A value of another type has but that against it: what its length would be says nothing. */
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

/** A member that is null counts as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]))
}

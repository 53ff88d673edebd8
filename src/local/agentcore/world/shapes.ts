import * as z from 'zod/mini'

/** The kinds of shapes in AWS's models, and the words for a value that does not fit. */

export interface TextLimits {
  min?: number
  max?: number
  /** The pattern as the model writes it. It must match the whole value. */
  pattern?: string
}

export function text({ min, max, pattern }: TextLimits = {}) {
  const checks = [
    ...(min === undefined ? [] : [z.minLength(min)]),
    ...(max === undefined ? [] : [z.maxLength(max)]),
    ...(pattern === undefined ? [] : [z.regex(new RegExp(`^(?:${pattern})$`))]),
  ]
  return z.string().check(...checks)
}

export function integer(min?: number, max?: number) {
  const checks = [
    ...(min === undefined ? [] : [z.gte(min)]),
    ...(max === undefined ? [] : [z.lte(max)]),
  ]
  return z.int().check(...checks)
}

export function list<T extends z.ZodMiniType>(item: T, min = 0, max = Number.MAX_SAFE_INTEGER) {
  return z.array(item).check(z.minLength(min), z.maxLength(max))
}

/** A structure that has exactly one member, which must be a known one. */
export function union<T extends Record<string, z.ZodMiniType>>(members: T) {
  const names = Object.keys(members)
  const known = z.partial(z.looseObject(members))
  return known.check(
    z.refine((value) => isOneOf(Object.keys(value), names), {
      error: `Member must have exactly one of: ${names.join(', ')}`,
    }),
  )
}

function isOneOf(given: readonly string[], names: readonly string[]): boolean {
  return given.length === 1 && given.every((name) => names.includes(name))
}

/** Says what a constraint demands, in the words of AWS's services. It never shows the value. */
export const describeIssue: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'Member must not be null'
  switch (issue.code) {
    case 'invalid_type':
      return `Member must be ${KINDS[issue.expected] ?? `a ${issue.expected}`}`
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${model(issue.pattern)}`
    case 'too_small':
      return `${measured(issue.origin)} greater than or equal to ${String(issue.minimum)}`
    case 'too_big':
      return `${measured(issue.origin)} less than or equal to ${String(issue.maximum)}`
    default:
      return 'Member is not valid'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  never: 'absent',
  int: 'an integer',
  number: 'an integer',
  object: 'a structure',
  record: 'a map',
  array: 'a list',
}

function measured(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'Member must be' : 'Member must have length'
}

function model(pattern: string | undefined): string {
  return (pattern ?? '')
    .replace(/^\/?\^\(\?:/, '')
    .replace(/\)\$\/?$/, '')
    .replaceAll('\\/', '/')
}

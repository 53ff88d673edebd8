import { isRecord } from '../../wire/json.js'

/** A deeper schema counts as one without a place for the payment. */
const MAX_DEPTH = 32
/** So does a schema with more parts: references can name the same part again and again. */
const MAX_STEPS = 10_000
/** A longer reference is not followed. Unit: characters. */
const MAX_REF_CHARS = 1_000

/**
 * Whether a tool gets a text at this path of its input. zod leaves out what a schema does not name, and
 * others refuse it: a payment there would be lost.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subsch
 */
export function hasPlace(schema: unknown, path: readonly string[]): boolean {
  return takes(schema, path, { root: schema, depth: 0, steps: { left: MAX_STEPS } })
}

/** The whole schema, and the position in it. */
interface Within {
  root: unknown
  depth: number
  steps: { left: number }
}

function takes(schema: unknown, path: readonly string[], { root, depth, steps }: Within): boolean {
  if (steps.left-- <= 0) return false
  if (schema === undefined || schema === true) return true
  if (!isRecord(schema) || depth > MAX_DEPTH) return false
  const [name, ...rest] = path
  const type = name === undefined ? 'string' : 'object'
  const within = { root, depth: depth + 1, steps }
  if (!partsOf(schema, type, root).every((one) => takes(one, path, within))) return false
  if (!canBe(schema, type)) return false
  return name === undefined ? !isBound(schema) : takes(memberOf(schema, name), rest, within)
}

/** Other schemas that also apply. */
function partsOf(schema: Record<string, unknown>, type: string, root: unknown): unknown[] {
  const { $ref, allOf, anyOf, oneOf } = schema
  return [
    ...(typeof $ref === 'string' ? [resolve(root, $ref)] : []),
    ...(Array.isArray(allOf) ? (allOf as unknown[]) : []),
    ...possible(anyOf, type),
    ...possible(oneOf, type),
  ]
}

/** The choices that an input may match. It is not known which one it matches, but its type excludes some. */
function possible(choices: unknown, type: string): unknown[] {
  if (!Array.isArray(choices)) return []
  const fit = choices.filter((one) => canBe(one, type)) as unknown[]
  return fit.length > 0 ? fit : [false]
}

/** The schema of one member; `false` if the member is not allowed. */
function memberOf(schema: Record<string, unknown>, name: string): unknown {
  const { properties, additionalProperties, propertyNames } = schema
  if (isRecord(properties) && Object.hasOwn(properties, name)) return properties[name]
  const names = isRecord(propertyNames) ? propertyNames['enum'] : undefined
  if (Array.isArray(names) && !names.includes(name)) return false
  return additionalProperties
}

/** Whether a schema requires a text of another length or content than a payment has. */
function isBound(schema: Record<string, unknown>): boolean {
  return 'enum' in schema || 'const' in schema || 'maxLength' in schema
}

function canBe(schema: unknown, wanted: string): boolean {
  const type = isRecord(schema) ? schema['type'] : undefined
  return type === undefined || type === wanted || (Array.isArray(type) && type.includes(wanted))
}

/** Finds a reference within the schema itself. Other references are not fetched. */
function resolve(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#') || ref.length > MAX_REF_CHARS) return false
  const steps = ref.split('/').slice(1)
  return steps.reduce<unknown>(
    (found, step) => (isRecord(found) && Object.hasOwn(found, step) ? found[step] : false),
    root,
  )
}

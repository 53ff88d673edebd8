import { isRecord } from '../../wire/json.js'

/** Deeper schemas are taken to have no place. */
const MAX_DEPTH = 32

/**
 * Whether a text at this path of a tool's input gets to the tool: zod leaves out what a schema does not name,
 * others refuse it, and a payment there would be lost.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subsch
 */
export function hasPlace(schema: unknown, path: readonly string[]): boolean {
  return takes(schema, path, schema, 0)
}

function takes(schema: unknown, path: readonly string[], root: unknown, depth: number): boolean {
  if (schema === undefined || schema === true) return true
  if (!isRecord(schema) || depth > MAX_DEPTH) return false
  const [name, ...rest] = path
  const type = name === undefined ? 'string' : 'object'
  const inside = (one: unknown) => takes(one, path, root, depth + 1)
  const { $ref, allOf, anyOf, oneOf } = schema
  if (typeof $ref === 'string' && !inside(resolve(root, $ref))) return false
  if (Array.isArray(allOf) && !allOf.every(inside)) return false
  // Which of them an input is taken for is not known here; those of another type it is not.
  for (const choices of [anyOf, oneOf]) {
    const possible = Array.isArray(choices) ? choices.filter((one) => canBe(one, type)) : [true]
    if (possible.length === 0 || !possible.every(inside)) return false
  }
  if (!canBe(schema, type)) return false
  if (name === undefined) return !isBound(schema)
  return takes(memberOf(schema, name), rest, root, depth + 1)
}

/** What a schema says of one member: `false` if it may not be there. */
function memberOf(schema: Record<string, unknown>, name: string): unknown {
  const { properties, additionalProperties, propertyNames } = schema
  if (isRecord(properties) && Object.hasOwn(properties, name)) return properties[name]
  const names = isRecord(propertyNames) ? propertyNames['enum'] : undefined
  if (Array.isArray(names) && !names.includes(name)) return false
  return additionalProperties
}

/** A text of another length or content than a payment has. */
function isBound(schema: Record<string, unknown>): boolean {
  return 'enum' in schema || 'const' in schema || 'maxLength' in schema
}

function canBe(schema: unknown, wanted: string): boolean {
  const type = isRecord(schema) ? schema['type'] : undefined
  return type === undefined || type === wanted || (Array.isArray(type) && type.includes(wanted))
}

/** Inside the schema itself; others are not fetched. */
function resolve(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return false
  const steps = ref.split('/').slice(1)
  return steps.reduce<unknown>(
    (found, step) => (isRecord(found) && Object.hasOwn(found, step) ? found[step] : false),
    root,
  )
}

import { isRecord } from '../../wire/json.js'
import { exampleNumber } from './example-number.js'
import { exampleText } from './example-text.js'
import type { Schema } from './schema.js'

/** An example, or why none can be made. `path` names the value that is meant. */
export type Example =
  | { readonly value: unknown }
  | { readonly problem: string; readonly path: readonly string[] }

/** Deeper schemas are those that contain themselves. */
const MAX_DEPTH = 8
/** A stranger's schema may refer to itself in many ways at once. So many parts of it are looked at. */
const MAX_STEPS = 2_000

/**
 * Makes arguments that the schema of a tool takes: the example, default or constant of the schema, or else the simplest value of its
 * type. Of an object it has the members that are required.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export function exampleOf(schema: object): Example {
  const root = schema as Schema
  return makeExample({ type: 'object', ...root }, { root, path: [], steps: { left: MAX_STEPS } })
}

interface Place {
  readonly root: Schema
  readonly path: readonly string[]
  /** How many parts of schemas may still be looked at, in the whole example. */
  readonly steps: { left: number }
}

function makeExample(given: unknown, place: Place): Example {
  const { path, steps } = place
  if (path.length > MAX_DEPTH) return { problem: 'is nested too deeply', path }
  if (given === undefined || given === true) return { value: 'example' }
  if (!isRecord(given)) return { problem: 'takes no value', path }
  const schema = merged(given, place)
  if (steps.left <= 0) return { problem: 'has too many parts', path }
  if (schema === undefined) return { problem: `has a $ref that is not in the schema`, path }
  const said = saidBy(schema)
  if (said !== undefined) return said
  const choice = [schema['oneOf'], schema['anyOf']].find(Array.isArray) as unknown[] | undefined
  if (choice !== undefined) return firstOf(schema, choice, place)
  return ofType(typeOf(schema), schema, place)
}

/** The schema with what it refers to, and with all that it has to be. */
function merged(schema: Schema, place: Place, depth = 0): Schema | undefined {
  const { root, steps } = place
  steps.left -= 1
  const { $ref, allOf, ...own } = schema
  if (depth > MAX_DEPTH || steps.left <= 0) return undefined
  const parts = [...(Array.isArray(allOf) ? (allOf as unknown[]) : [])]
  if ($ref !== undefined) parts.push(typeof $ref === 'string' ? at(root, $ref) : undefined)
  let all: Schema = own
  for (const part of parts) {
    const whole = isRecord(part) ? merged(part, place, depth + 1) : undefined
    if (whole === undefined) return undefined
    all = both(all, whole)
  }
  return all
}

function both(one: Schema, other: Schema): Schema {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
  const fields = (value: unknown): Schema => (isRecord(value) ? value : {})
  return {
    ...other,
    ...one,
    properties: { ...fields(other['properties']), ...fields(one['properties']) },
    required: [...new Set([...list(other['required']), ...list(one['required'])])],
  }
}

/** The part of a schema that a JSON pointer names. */
function at(root: Schema, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined
  const names = ref.slice(1).split('/').slice(1)
  return names.reduce<unknown>((found, name) => {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    return isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined
  }, root)
}

/** The value that the schema itself names. */
function saidBy(schema: Schema): Example | undefined {
  if (Object.hasOwn(schema, 'const')) return { value: schema['const'] }
  for (const name of ['examples', 'enum']) {
    const values = schema[name]
    if (name === 'enum' && Object.hasOwn(schema, 'default')) return { value: schema['default'] }
    if (Array.isArray(values) && values.length > 0) return { value: values[0] as unknown }
  }
  if (Object.hasOwn(schema, 'example')) return { value: schema['example'] }
  return Object.hasOwn(schema, 'default') ? { value: schema['default'] } : undefined
}

function firstOf(schema: Schema, choice: readonly unknown[], place: Place): Example {
  const rest: Schema = { ...schema, oneOf: undefined, anyOf: undefined }
  const all = choice.map((one) => makeExample(isRecord(one) ? both(one, rest) : one, place))
  const [first = { problem: 'takes no value', path: place.path }] = all
  return all.find((one) => 'value' in one) ?? first
}

function typeOf(schema: Schema): unknown {
  const { type } = schema
  if (Array.isArray(type)) return (type as unknown[]).find((one) => one !== 'null')
  if (type !== undefined) return type
  if (isRecord(schema['properties']) && Object.keys(schema['properties']).length > 0)
    return 'object'
  if ('items' in schema || 'prefixItems' in schema) return 'array'
  return 'string'
}

function ofType(type: unknown, schema: Schema, place: Place): Example {
  const { path } = place
  const name = path.at(-1) ?? ''
  switch (type) {
    case 'string':
      return orProblem(exampleText(schema, name), path)
    case 'number':
    case 'integer':
      return orProblem(exampleNumber(schema, name, type === 'integer'), path)
    case 'boolean':
      return { value: true }
    case 'null':
      return { value: null }
    case 'array':
      return exampleList(schema, place)
    case 'object':
      return exampleObject(schema, place)
    default:
      return { problem: `has the type ${JSON.stringify(type)}, which is unknown`, path }
  }
}

function orProblem<T>(made: T | { problem: string }, path: readonly string[]): Example {
  const isProblem = typeof made === 'object' && made !== null && 'problem' in made
  return isProblem ? { problem: made.problem, path } : { value: made }
}

function exampleList(schema: Schema, place: Place): Example {
  const { minItems, maxItems, uniqueItems, prefixItems, items } = schema
  const least = typeof minItems === 'number' ? minItems : 0
  const most = typeof maxItems === 'number' ? maxItems : Math.max(1, least)
  const first = Array.isArray(prefixItems) ? (prefixItems as unknown[]) : []
  const count = Math.min(most, Math.max(1, least, first.length))
  if (uniqueItems === true && least > 1) {
    return { problem: `takes ${least} items that all differ`, path: place.path }
  }
  if (count > MAX_ITEMS) return { problem: `takes ${count} items`, path: place.path }
  const value: unknown[] = []
  for (let i = 0; i < count; i++) {
    const made = makeExample(first[i] ?? items, { ...place, path: [...place.path, `${i}`] })
    if ('problem' in made) return least === 0 ? { value: [] } : made
    value.push(made.value)
  }
  return { value }
}

const MAX_ITEMS = 20

function exampleObject(schema: Schema, place: Place): Example {
  const { properties, required } = schema
  const known = isRecord(properties) ? properties : {}
  const names = (Array.isArray(required) ? (required as unknown[]) : []).filter(
    (name) => typeof name === 'string',
  )
  const value: Record<string, unknown> = {}
  for (const name of names) {
    const made = makeExample(known[name], { ...place, path: [...place.path, name] })
    if ('problem' in made) return made
    value[name] = made.value
  }
  return { value }
}

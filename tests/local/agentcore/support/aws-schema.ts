import * as control from '@aws-sdk/client-bedrock-agentcore-control'
import * as data from '@aws-sdk/client-bedrock-agentcore'

/**
 * A model inside AWS's SDK, as a tuple: kind, namespace, name, traits, then what the kind needs. Kinds: 1
 * list, 2 map, 3 structure, 4 union, 9 operation. Errors have negative kinds. Simple types are numbers.
 */
type Tuple = readonly unknown[]

export interface OperationModel {
  method: string
  path: string
  status: number
  input: Structure
  output: Structure
}

export interface Structure {
  isUnion: boolean
  required: readonly string[]
  members: ReadonlyMap<string, unknown>
}

/**
 * The model of an operation.
 *
 * @throws if no SDK has it
 */
export function operationModel(name: string): OperationModel {
  const found = { ...data, ...control }[`${name}$` as keyof typeof data] as unknown
  if (!Array.isArray(found)) throw new Error(`no operation ${name}`)
  const [, , , traits, input, output] = found as unknown[]
  const { http } = traits as { http: [string, string, number] }
  const [method, path, status] = http
  return { method, path, status, input: structureOf(input), output: structureOf(output) }
}

/** Every operation about payments in the SDKs. */
export function paymentOperations(): string[] {
  const names = Object.keys({ ...data, ...control })
  return names
    .filter((name) => /Payment.*Command$/.test(name))
    .map((name) => name.replace(/Command$/, ''))
}

export function structureOf(reference: unknown): Structure {
  const [kind, , , , names, members, required] = resolved(reference) as Tuple
  const all = names as string[]
  return {
    isUnion: kind === 4,
    required: all.slice(0, (required as number | undefined) ?? 0),
    members: new Map(all.map((name, i) => [name, (members as unknown[])[i]])),
  }
}

/**
 * The schema behind a reference. A reference may be a function without arguments, and may be paired with
 * traits.
 */
function resolved(reference: unknown): unknown {
  if (typeof reference === 'function') return resolved((reference as () => unknown)())
  const isPaired = Array.isArray(reference) && reference.length === 2
  return isPaired ? resolved((reference as unknown[])[0]) : reference
}

/** The structure of a member or of its items; `undefined` if the member is simple. */
export function nested(reference: unknown): Structure | undefined {
  const schema = resolved(reference)
  if (!Array.isArray(schema)) return undefined
  const [kind, , , , first] = schema as Tuple
  if (kind === 3 || kind === 4) return structureOf(schema)
  return kind === 1 ? nested(first) : undefined
}

const LIST_OF = 64
const MAP_OF = 128
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const SIMPLE: Readonly<Record<number, (value: unknown) => boolean>> = {
  0: (value) => typeof value === 'string',
  1: (value) => typeof value === 'number',
  2: (value) => typeof value === 'boolean',
  4: (value) => typeof value === 'number', // Seconds, if the model names no format.
  5: (value) => typeof value === 'string' && ISO.test(value),
  15: () => true,
}

/** The places where a value on the wire is not what the model says. */
export function mismatches(reference: unknown, value: unknown, path = ''): string[] {
  const schema = resolved(reference)
  if (typeof schema === 'number') return simpleMismatches(schema, value, path)
  const [kind, , , , first] = schema as Tuple
  if (kind === 0) return simpleMismatches(first as number, value, path)
  if (kind === 1) return itemMismatches(first, value, path)
  return structureMismatches(structureOf(schema), value, path)
}

function simpleMismatches(type: number, value: unknown, path: string): string[] {
  if (type >= MAP_OF) {
    return Object.values(value as object).flatMap((one) => mismatches(type - MAP_OF, one, path))
  }
  if (type >= LIST_OF) return itemMismatches(type - LIST_OF, value, path)
  return SIMPLE[type]?.(value) === true ? [] : [`${path} is not of type ${type}`]
}

function itemMismatches(item: unknown, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} is no list`]
  return value.flatMap((one, i) => mismatches(item, one, `${path}[${i}]`))
}

export function structureMismatches(
  { isUnion, required, members }: Structure,
  value: unknown,
  path: string,
): string[] {
  const given = Object.entries(value as object).filter(([, member]) => member !== undefined)
  const names = given.map(([name]) => name)
  const missing = required.filter((name) => !names.includes(name))
  return [
    ...(isUnion && given.length !== 1 ? [`${path} has ${given.length} members`] : []),
    ...missing.map((name) => `${path}.${name} is missing`),
    ...given.flatMap(([name, member]) =>
      members.has(name)
        ? mismatches(members.get(name), member, `${path}.${name}`)
        : [`${path}.${name} is unknown`],
    ),
  ]
}

import { python } from './boto3.js'

/** A shape of AWS's model, as botocore has it. */
export interface Shape {
  type: string
  required?: string[]
  members?: Record<string, { shape: string }>
  member?: { shape: string }
  union?: boolean
  document?: boolean
  enum?: string[]
  min?: number
  max?: number
  pattern?: string
}
export interface Model {
  /** The name of each operation's input shape. */
  inputs: Record<string, string>
  shapes: Record<string, Shape>
}

const PROGRAM = `
import json, botocore.loaders
loader = botocore.loaders.Loader()
models = [loader.load_service_model(name, 'service-2')
          for name in ('bedrock-agentcore', 'bedrock-agentcore-control')]
out = []
for model in models:
    inputs = {name: operation['input']['shape'] for name, operation in model['operations'].items()
              if 'Payment' in name and name != 'GetResourcePaymentToken'}
    out.append({'inputs': inputs, 'shapes': model['shapes']})
print(json.dumps(out))`

/** Both planes of AWS's model. */
export async function botocoreModels(): Promise<Model[]> {
  return (await python(PROGRAM)) as Model[]
}

/** An input that breaks one constraint. */
export interface Violation {
  what: string
  /** The path of the member that breaks it. */
  path: string
  input: unknown
}

/** Values that fit the patterns of shapes. Other texts are the letter `a`, as often as the shape needs. */
type Examples = Readonly<Record<string, string>>

/** Inputs that fit: one with every member, and one more for each further member of a union. */
export function samples({ shapes }: Model, name: string, examples: Examples): unknown[] {
  const shape = shapes[name] as Shape
  if (shape.document === true) return [{ a: 1 }]
  switch (shape.type) {
    case 'structure': {
      const members = Object.entries(shape.members ?? {})
      const each = members.map(([member, { shape: inner }]) => {
        return samples({ shapes, inputs: {} }, inner, examples).map(
          (value) => [member, value] as const,
        )
      })
      if (shape.union === true) return each.flat().map((entry) => Object.fromEntries([entry]))
      const count = Math.max(1, ...each.map(({ length }) => length))
      return Array.from({ length: count }, (_one, i) =>
        Object.fromEntries(each.map((values) => values[i % values.length] as [string, unknown])),
      )
    }
    case 'list': {
      const items = samples({ shapes, inputs: {} }, shape.member?.shape ?? '', examples)
      return items.map((item) => [item])
    }
    case 'map':
      return [{ key: 'value' }]
    case 'integer':
      return [shape.min ?? 1]
    case 'boolean':
      return [true]
    default:
      return [shape.enum?.[0] ?? examples[name] ?? 'a'.repeat(shape.min ?? 1)]
  }
}

/** Inputs with one fault each, for every constraint on the way through a sample. */
export function violations(model: Model, name: string, sample: unknown): Violation[] {
  const found = walk(model, name, sample, [])
  return found.map(({ path, what, value }) => {
    return { path: path.join('.'), what, input: replaced(sample, path, value) }
  })
}

interface Step {
  path: string[]
  what: string
  value: unknown
}

function walk(model: Model, name: string, sample: unknown, path: string[]): Step[] {
  const shape = model.shapes[name] as Shape
  const own = broken(shape, sample).map(([what, value]) => ({ path, what, value }))
  if (shape.type === 'list') {
    const items = sample as unknown[]
    const inner = items.flatMap((item, i) =>
      walk(model, shape.member?.shape ?? '', item, [...path, String(i)]),
    )
    return [...own, ...inner]
  }
  if (shape.type !== 'structure' || shape.document === true) return own
  const members = Object.entries(sample as object).flatMap(([member, value]) =>
    walk(model, shape.members?.[member]?.shape ?? '', value, [...path, member]),
  )
  const absent = (shape.required ?? []).map((member) => {
    return { path: [...path, member], what: 'required', value: undefined }
  })
  return [...own, ...members, ...absent]
}

/** The values that a shape forbids. */
function broken(shape: Shape, sample: unknown): [string, unknown][] {
  const { type, min, max, pattern, enum: allowed, union } = shape
  if (shape.document === true) return [['type', 'text']]
  if (union === true)
    return [
      ['none of a union', {}],
      ['two of a union', { ...Object(sample), other: 1 }],
    ]
  if (type === 'list') {
    const [item] = sample as unknown[]
    return [
      ['type', {}],
      ...optional('max items', max, (n) => Array.from({ length: n + 1 }, () => item)),
      ...optional('min items', min || undefined, (n) => Array.from({ length: n - 1 }, () => item)),
    ]
  }
  if (type === 'integer') {
    return [
      ['type', 'one'],
      ['fraction', 1.5],
      ...optional('max', max, (n) => n + 1),
      ...optional('min', min, (n) => n - 1),
    ]
  }
  if (type !== 'string') return [['type', 'text']]
  if (allowed !== undefined)
    return [
      ['enum', 'OTHER'],
      ['type', 1],
    ]
  return [
    ['type', 1],
    ...optional('max length', max, (n) => String(sample).padEnd(n + 1, '0')),
    ...optional('min length', min || undefined, (n) => String(sample).slice(0, n - 1)),
    ...optional('pattern', pattern && pattern !== '\\S*' ? pattern : undefined, () =>
      '\u0007'.repeat(String(sample).length),
    ),
  ]
}

function optional<T>(
  what: string,
  bound: T | undefined,
  breaking: (bound: T) => unknown,
): [string, unknown][] {
  return bound === undefined ? [] : [[what, breaking(bound)]]
}

function replaced(whole: unknown, path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (Array.isArray(whole)) {
    return whole.map((item: unknown, i) =>
      String(i) === first ? replaced(item, rest, value) : item,
    )
  }
  const members = whole as Record<string, unknown>
  return { ...members, [first]: replaced(members[first], rest, value) }
}

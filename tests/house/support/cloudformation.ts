import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
  /** The name of a condition. Without it, the resource is always made. */
  Condition?: string
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
}

export interface Template {
  Parameters?: Record<string, { Default?: string }>
  Conditions?: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs?: Record<string, unknown>
}

/** Requires packages of examples/deploy, which has a lock of its own. */
export const requireOfDeploy = createRequire(path.resolve('examples/deploy/package.json'))

/** Reads a YAML template, also in its short forms. */
export function readYaml(file: string): Template {
  const yaml = requireOfDeploy('yaml') as Yaml
  const customTags = ['Ref', 'Sub', 'GetAtt', 'If', 'Not', 'Equals'].flatMap(shortForm)
  return yaml.parse(readFileSync(file, 'utf8'), { customTags, logLevel: 'error' }) as Template
}

interface Yaml {
  parse(source: string, options: { customTags: unknown[]; logLevel: 'error' }): unknown
}

/** `!GetAtt A.Arn` stands for `{ "Fn::GetAtt": ["A", "Arn"] }`. */
function shortForm(name: string) {
  const key = name === 'Ref' ? 'Ref' : `Fn::${name}`
  const wrap = (value: unknown) => ({ [key]: value })
  return [
    { tag: `!${name}`, resolve: (text: string) => wrap(name === 'GetAtt' ? halves(text) : text) },
    {
      tag: `!${name}`,
      collection: 'seq',
      resolve: (items: { toJSON(): unknown }) => wrap(items.toJSON()),
    },
  ]
}

function halves(text: string): [string, string] {
  const dot = text.indexOf('.')
  return [text.slice(0, dot), text.slice(dot + 1)]
}

/**
 * A template with parameters filled in, as CloudFormation would see it. References are text: `${Tool.Arn}`.
 * Logical ids lose the hash that CDK appends, so that templates of both kinds can be compared.
 */
export function resolved(template: Template, parameters: Record<string, string> = {}): Template {
  const defaults = Object.entries(template.Parameters ?? {}).map(([k, v]) => [k, v.Default])
  const values = { ...(Object.fromEntries(defaults) as Record<string, string>), ...parameters }
  const world: World = { values, conditions: template.Conditions ?? {} }
  const { Resources, Outputs = {} } = withoutHashes(template)
  const made = Object.entries(Resources).filter(
    ([, { Condition }]) =>
      Condition === undefined || valueOf(world.conditions[Condition], world) === true,
  )
  return {
    Resources: valueOf(Object.fromEntries(made), world) as Template['Resources'],
    Outputs: valueOf(Outputs, world) as NonNullable<Template['Outputs']>,
  }
}

function withoutHashes(template: Template): Template {
  let text = JSON.stringify(template)
  for (const id of Object.keys(template.Resources)) {
    text = text.replaceAll(`"${id}"`, `"${id.replace(/[0-9A-F]{8}$/, '')}"`)
  }
  return JSON.parse(text) as Template
}

interface World {
  values: Record<string, string>
  conditions: Record<string, unknown>
}

function valueOf(value: unknown, world: World): unknown {
  if (Array.isArray(value)) return value.map((item) => valueOf(item, world)).filter(isDefined)
  if (typeof value !== 'object' || value === null) return value
  const [[key, inner] = ['', undefined], ...rest] = Object.entries(value)
  const call = rest.length === 0 ? FUNCTIONS[key] : undefined
  if (call !== undefined) return call(inner, world)
  const entries = Object.entries(value).map(([k, v]) => [k, valueOf(v, world)] as const)
  return Object.fromEntries(entries.filter(([, v]) => isDefined(v)))
}

function isDefined(value: unknown): boolean {
  return value !== undefined
}

const FUNCTIONS: Record<string, (inner: unknown, world: World) => unknown> = {
  Ref: (name, { values }) => {
    if (name === 'AWS::NoValue') return undefined
    return values[name as string] ?? `\${${name as string}}`
  },
  'Fn::GetAtt': (inner) => `\${${(inner as string[]).join('.')}}`,
  'Fn::Sub': (text, { values }) =>
    (text as string).replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => values[name] ?? whole),
  'Fn::Join': (inner, world) => {
    const [separator, items] = inner as [string, unknown[]]
    return items.map((item) => String(valueOf(item, world))).join(separator)
  },
  'Fn::If': (inner, world) => {
    const [condition, yes, no] = inner as [string, unknown, unknown]
    return valueOf(valueOf(world.conditions[condition], world) === true ? yes : no, world)
  },
  'Fn::Not': (inner, world) => valueOf((inner as unknown[])[0], world) !== true,
  'Fn::Equals': (inner, world) => {
    const [left, right] = (inner as unknown[]).map((item) => valueOf(item, world))
    return left === right
  },
}

export function without<T>(record: Record<string, T>, names: string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}

/** As it would stand with the same parameters, with functions under one type and without their code. */
export function comparable(template: Template, parameters = {}): Template {
  const { Resources, ...rest } = resolved(template, parameters)
  const entries = Object.entries(Resources).map(([id, resource]) => {
    const { Type, Properties, DeletionPolicy, UpdateReplacePolicy } = resource
    const properties = without(Properties, ['Code', 'CodeUri'])
    const type = Type.replace('Serverless', 'Lambda')
    return [id, { Type: type, Properties: properties, DeletionPolicy, UpdateReplacePolicy }]
  })
  return { ...rest, Resources: Object.fromEntries(entries) as Record<string, Resource> }
}

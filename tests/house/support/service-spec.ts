import { requireOfDeploy, without, type Template } from './cloudformation.js'

/**
 * What CloudFormation would refuse in a template, by AWS's own description of every resource type. It finds
 * types, properties and references that do not exist, missing properties, and wrong values.
 */
export function problemsOf(template: Template): string[] {
  const { Resources, Parameters = {}, Outputs = {} } = template
  const problems: string[] = []
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    const resource = resourceType(Type)
    if (resource === undefined) problems.push(`${id}: unknown type ${Type}`)
    else problems.push(...problemsOfProperties(Properties, resource.properties, id))
  }
  const names = new Set([...Object.keys(Resources), ...Object.keys(Parameters)])
  return [...problems, ...problemsOfReferences({ Resources, Outputs }, template, names)]
}

/** The part of the specification that is read here. */
interface ResourceType {
  properties: Record<string, Property>
  attributes: Record<string, unknown>
}
interface Property {
  type: PropertyType
  required?: boolean
}
interface PropertyType {
  type: string
  allowedValues?: unknown[]
  element?: PropertyType
  types?: PropertyType[]
  reference?: { $ref: string }
}
interface Specification {
  lookup(entity: 'resource', field: 'cloudFormationType', how: 'equals', name: string): unknown
  get(entity: 'typeDefinition', id: unknown): { properties: Record<string, Property> }
}

const spec = requireOfDeploy('@aws-cdk/aws-service-spec') as {
  loadAwsServiceSpecSync(): Specification
}
const specification = spec.loadAwsServiceSpecSync()

/**
 * The description of a resource type. SAM makes its function into a Lambda function, and passes on what both
 * have. The specification describes a SAM function, but not with all of these properties.
 */
function resourceType(name: string): ResourceType | undefined {
  const sam = name === 'AWS::Serverless::Function'
  const found = specification.lookup(
    'resource',
    'cloudFormationType',
    'equals',
    sam ? 'AWS::Lambda::Function' : name,
  )
  const [resource] = found as ResourceType[]
  if (resource === undefined || !sam) return resource
  const properties = without(resource.properties, ['Code'])
  const CodeUri = { type: { type: 'string' }, required: true }
  return { ...resource, properties: { ...properties, CodeUri } }
}

function problemsOfProperties(
  value: unknown,
  properties: Record<string, Property>,
  at: string,
): string[] {
  if (!isRecord(value)) return [`${at}: expected an object`]
  const missing = Object.keys(properties).filter((k) => properties[k]?.required && !(k in value))
  return [
    ...missing.map((name) => `${at}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const property = properties[name]
      if (property === undefined) return [`${at}.${name}: unknown property`]
      return problemsOfValue(inner, property.type, `${at}.${name}`)
    }),
  ]
}

function problemsOfValue(value: unknown, type: PropertyType, at: string): string[] {
  const branches = branchesOf(value)
  if (branches !== undefined) return branches.flatMap((one) => problemsOfValue(one, type, at))
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) return [`${at}: expected a list`]
      return value.flatMap((item, i) => problemsOfValue(item, elementOf(type), `${at}[${i}]`))
    case 'map':
      if (!isRecord(value)) return [`${at}: expected an object`]
      return Object.entries(value).flatMap(([key, item]) =>
        problemsOfValue(item, elementOf(type), `${at}.${key}`),
      )
    case 'ref': {
      const { properties } = specification.get('typeDefinition', type.reference)
      return problemsOfProperties(value, properties, at)
    }
    case 'union': {
      const all = (type.types ?? []).map((one) => problemsOfValue(value, one, at))
      return all.find(({ length }) => length === 0) ?? all[0] ?? []
    }
    case 'json':
    case 'tag':
      return isRecord(value) ? [] : [`${at}: expected an object`]
    default:
      return problemsOfScalar(value, type, at)
  }
}

/** What an intrinsic function may become, if that can be told; `undefined` for a plain value. */
function branchesOf(value: unknown): unknown[] | undefined {
  if (!isRecord(value)) return undefined
  const [[key, inner] = ['', undefined], ...rest] = Object.entries(value)
  if (rest.length > 0 || (key !== 'Ref' && !key.startsWith('Fn::'))) return undefined
  return key === 'Fn::If' ? (inner as unknown[]).slice(1) : []
}

function elementOf({ element }: PropertyType): PropertyType {
  if (element === undefined) throw new Error('the specification has a collection without elements')
  return element
}

function problemsOfScalar(value: unknown, { type, allowedValues }: PropertyType, at: string) {
  const right = type === 'integer' ? Number.isInteger(value) : typeof value === type && value !== ''
  if (!right) return [`${at}: expected ${type}`]
  if (allowedValues === undefined || allowedValues.includes(value)) return []
  return [`${at}: ${JSON.stringify(value)} is none of ${allowedValues.join(', ')}`]
}

function problemsOfReferences(value: unknown, template: Template, names: Set<string>): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => problemsOfReferences(item, template, names))
  }
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const references = referencesOf(key, inner)
    if (references === undefined) return problemsOfReferences(inner, template, names)
    return references.flatMap((reference) => problemsOfReference(reference, template, names))
  })
}

/** The references of one intrinsic function: `A` or `A.Attribute`. */
function referencesOf(key: string, inner: unknown): string[] | undefined {
  if (key === 'Ref') return [inner as string]
  if (key === 'Fn::GetAtt') return [(inner as string[]).join('.')]
  if (key !== 'Fn::Sub') return undefined
  return [...(inner as string).matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name)
}

function problemsOfReference(reference: string, { Resources }: Template, names: Set<string>) {
  if (reference.startsWith('AWS::')) return []
  const [name = '', ...attribute] = reference.split('.')
  if (!names.has(name)) return [`${reference}: there is no ${name}`]
  const type = Resources[name]?.Type
  if (attribute.length === 0 || type === undefined) return []
  const known = attribute.join('.') in (resourceType(type)?.attributes ?? {})
  return known ? [] : [`${reference}: ${type} has no such attribute`]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { expect, test } from '@jest/globals'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import * as z from 'zod'
import { exampleOf } from '../../../src/local/trial/example-value.js'

const validator = new AjvJsonSchemaValidator()

/** The arguments of a tool with one required argument of this schema. */
function argumentOf(schema: object, name = 'it'): unknown {
  const whole = { type: 'object', properties: { [name]: schema }, required: [name] }
  const example = exampleOf(whole)
  if ('problem' in example) return example
  const { valid, errorMessage } = validator.getValidator(whole)(example.value)
  expect([valid, errorMessage]).toEqual([true, undefined])
  return (example.value as Record<string, unknown>)[name]
}

test.each<[string, object, unknown]>([
  ['text', { type: 'string' }, 'example'],
  ['number', { type: 'number' }, 1],
  ['whole number', { type: 'integer' }, 1],
  ['flag', { type: 'boolean' }, true],
  ['nothing', { type: 'null' }, null],
  ['anything', {}, 'example'],
  ['constant', { const: 'v1' }, 'v1'],
  ['choice', { enum: ['metric', 'imperial'] }, 'metric'],
  ['example', { type: 'string', examples: ['Oslo'], default: 'Rome' }, 'Oslo'],
  ['default', { type: 'string', default: 'Rome', enum: ['Oslo', 'Rome'] }, 'Rome'],
  ['text or nothing', { type: ['null', 'string'] }, 'example'],
  ['long text', { type: 'string', minLength: 20 }, 'example example exam'],
  ['short text', { type: 'string', maxLength: 3 }, 'exa'],
  ['date', { type: 'string', format: 'date' }, '2026-06-01'],
  ['time', { type: 'string', format: 'date-time' }, '2026-06-01T12:00:00Z'],
  ['address', { type: 'string', format: 'email' }, 'ada@example.com'],
  ['URL', { type: 'string', format: 'uri' }, 'https://example.com/'],
  ['UUID', { type: 'string', format: 'uuid' }, '7d444840-9dc0-41d1-b245-5ffdce74fad2'],
  ['code with a usual pattern', { type: 'string', pattern: '^[A-Z]{3}$' }, 'ABC'],
  ['number of a range', { type: 'integer', minimum: 10, maximum: 20 }, 10],
  ['number above a bound', { type: 'integer', exclusiveMinimum: 5 }, 6],
  ['number below a bound', { type: 'integer', exclusiveMaximum: 0 }, -1],
  ['number between bounds', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  ['multiple', { type: 'integer', multipleOf: 50 }, 50],
  ['list', { type: 'array', items: { type: 'string' } }, ['example']],
  ['long list', { type: 'array', items: { type: 'integer' }, minItems: 3 }, [1, 1, 1]],
  ['empty list', { type: 'array', maxItems: 0 }, []],
  [
    'pair',
    { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'boolean' }], minItems: 2 },
    [1, true],
  ],
  [
    'object in an object',
    {
      type: 'object',
      properties: {
        at: {
          type: 'object',
          properties: { lat: { type: 'number' }, lon: { type: 'number' } },
          required: ['lat', 'lon'],
        },
        units: { type: 'string' },
      },
      required: ['at'],
    },
    { at: { lat: 41.9, lon: 12.5 } },
  ],
  [
    'list of objects',
    {
      type: 'array',
      items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
    },
    [{ sku: 'example' }],
  ],
  ['choice of types', { anyOf: [{ type: 'string', pattern: '^x{90}$' }, { type: 'integer' }] }, 1],
  ['one of several', { oneOf: [{ type: 'boolean' }, { type: 'integer' }] }, true],
  ['all of several', { allOf: [{ type: 'integer' }, { minimum: 7 }] }, 7],
])('an example of a %s', (_, schema, expected) => {
  expect(argumentOf(schema)).toEqual(expected)
})

test.each([
  ['city', 'Rome'],
  ['query', 'weather in Rome'],
  ['name', 'Ada'],
  ['pageUrl', 'https://example.com/'],
  ['order_id', '1'],
])('an example of a text fits its name: %s', (name, expected) => {
  expect(argumentOf({ type: 'string' }, name)).toBe(expected)
})

test('only what is required is in an example', () => {
  const properties = { city: { type: 'string' }, units: { type: 'string', pattern: '^x{90}$' } }
  expect(exampleOf({ type: 'object', properties, required: ['city'] })).toEqual({
    value: { city: 'Rome' },
  })
  expect(exampleOf({ type: 'object', properties })).toEqual({ value: {} })
  expect(exampleOf({})).toEqual({ value: {} })
})

test('references are followed, in definitions of their own', () => {
  const schema = {
    type: 'object',
    properties: { point: { $ref: '#/$defs/point' } },
    required: ['point'],
    $defs: {
      point: { type: 'object', properties: { x: { $ref: '#/$defs/n' } }, required: ['x'] },
      n: { type: 'integer', minimum: 3 },
    },
  }
  expect(exampleOf(schema)).toEqual({ value: { point: { x: 3 } } })
})

test('schemas that Zod writes have examples', () => {
  const schema = z.object({
    city: z.string().min(2),
    days: z.int().min(1).max(14),
    at: z.iso.datetime(),
    tags: z.array(z.enum(['a', 'b'])).min(1),
    who: z.union([z.object({ id: z.uuid() }), z.string()]),
    more: z.string().optional(),
  })
  const example = exampleOf(z.toJSONSchema(schema)) as { value: unknown }
  expect(schema.parse(example.value)).toEqual(example.value)
})

test.each<[string, object, string]>([
  ['an odd pattern', { type: 'string', pattern: '^ZX-\\d{9}$' }, 'has to match /^ZX-\\d{9}$/'],
  ['an unknown format', { type: 'string', format: 'iban' }, 'has the format "iban"'],
  ['a range without numbers', { type: 'integer', minimum: 2, maximum: 1 }, 'takes no number'],
  ['items that all differ', { type: 'array', minItems: 2, uniqueItems: true }, 'all differ'],
  ['a reference to nothing', { $ref: '#/$defs/none' }, 'has a $ref that is not in the schema'],
  ['an unknown type', { type: 'date' }, 'has the type "date", which is unknown'],
])('%s has no example, and the problem says so', (_, schema, problem) => {
  const whole = { type: 'object', properties: { it: schema }, required: ['it'] }
  expect(exampleOf(whole)).toEqual({ problem: expect.stringContaining(problem), path: ['it'] })
})

test('a schema that contains itself ends', () => {
  const node: Record<string, unknown> = { type: 'object', required: ['next'] }
  node['properties'] = { next: { $ref: '#' } }
  expect(exampleOf(node)).toMatchObject({ problem: 'is nested too deeply' })
})

test('a pattern that takes for ever is given up', () => {
  const startedAt = performance.now()
  const properties = { code: { type: 'string', pattern: '^(\\w+\\s?)+!$' } }
  expect(exampleOf({ properties, required: ['code'] })).toMatchObject({ path: ['code'] })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test.each<[string, object]>([
  ['in many ways at once', { oneOf: Array.from({ length: 10 }, () => ({ $ref: '#/$defs/a' })) }],
  ['in many parts at once', { allOf: Array.from({ length: 10 }, () => ({ $ref: '#/$defs/a' })) }],
])('a schema that contains itself %s is given up', (_, own) => {
  const a = { type: 'object', properties: { next: own }, required: ['next'] }
  const again = 'allOf' in own ? { ...a, ...own } : a
  expect(
    exampleOf({ $defs: { a: again }, properties: { a: again }, required: ['a'] }),
  ).toHaveProperty('problem')
})

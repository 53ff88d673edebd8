import type { Schema } from './schema.js'

const NAMED: readonly (readonly [RegExp, number])[] = [
  [/^lat(itude)?$/i, 41.9],
  [/^(lon|lng|longitude)$/i, 12.5],
]

/** A number that a schema takes: 1 if that is possible. */
export function exampleNumber(
  schema: Schema,
  name: string,
  isWhole: boolean,
): number | { problem: string } {
  const step = positive(schema['multipleOf']) ?? (isWhole ? 1 : undefined)
  const over = bound(schema, 'exclusiveMinimum', 'minimum')
  const under = bound(schema, 'exclusiveMaximum', 'maximum')
  const least = Math.max(limit(schema['minimum']) ?? -Infinity, over ?? -Infinity)
  const most = Math.min(limit(schema['maximum']) ?? Infinity, under ?? Infinity)
  const wished = NAMED.find(([pattern]) => pattern.test(name))?.[1] ?? 1
  const middle = (least + most) / 2
  const candidates = [wished, least, most, least + 1, most - 1, middle].flatMap((one) =>
    step === undefined ? [one] : [Math.ceil(one / step) * step, Math.floor(one / step) * step],
  )
  const fits = (one: number): boolean =>
    Number.isFinite(one) && one >= least && one <= most && one !== over && one !== under
  return candidates.find(fits) ?? { problem: 'takes no number that could be found' }
}

/** An exclusive bound. In old schemas it is a flag beside the other bound. */
function bound(schema: Schema, exclusive: string, inclusive: string): number | undefined {
  return schema[exclusive] === true ? limit(schema[inclusive]) : limit(schema[exclusive])
}

function limit(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}

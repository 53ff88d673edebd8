import * as z from 'zod/mini'

/** Shapes of what is kept in a file. JSON has no maps, no sets, and no whole numbers of any size. */

/** A whole number of any size, kept as text. */
export const Whole = z.pipe(
  z.string().check(z.regex(/^-?\d{1,78}$/)),
  z.transform((text) => BigInt(text)),
)

/** Texts, kept as a list. */
export const TextSet = z.pipe(
  z.array(z.string()),
  z.transform((texts) => new Set(texts)),
)

/** A map by texts, kept as a list of its entries. */
export function mapOf<T>(value: z.ZodMiniType<T>) {
  return z.pipe(
    z.array(z.tuple([z.string(), value])),
    z.transform((entries) => new Map(entries)),
  )
}

/** Writes values so that these shapes can read them. */
export function toText(values: unknown): string {
  return JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    return value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value
  })
}

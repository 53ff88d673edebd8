import * as z from 'zod/mini'

/** Challenges as buyers read them: of any seller, unknown fields kept. A leaf; it imports nothing of ours. */

const optionalText = z.nullish(z.string())

/**
 * One way to pay as a buyer reads it: standard schemes state `amount` (atomic units), `asset` and `payTo`,
 * Nevermined's a `planId`.
 */
export const RequirementSchema = z.looseObject({
  scheme: z.string(),
  network: z.string(),
  amount: optionalText,
  asset: optionalText,
  payTo: optionalText,
  planId: optionalText,
  extra: z.nullish(z.looseObject({ agentId: optionalText, httpVerb: optionalText })),
})
/**
 * One way to pay, an entry of `accepts`. Standard schemes state `amount` (in atomic units), `asset` and
 * `payTo`. Schemes of Nevermined state a `planId`. Unknown members are kept.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export type Requirement = z.infer<typeof RequirementSchema>

/** A {@link PaymentRequired} of any seller, as it came: unknown fields are kept. */
export const PaymentRequiredSchema = z.looseObject({
  x402Version: z.literal(2),
  error: optionalText,
  resource: z.looseObject({ url: z.string(), description: optionalText, mimeType: optionalText }),
  accepts: z.array(RequirementSchema).check(z.minLength(1)),
  extensions: z.nullish(z.looseObject({})),
})
/**
 * A {@link PaymentRequired} of any seller, in the form of x402 v2. Unknown members are kept.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export type Challenge = z.infer<typeof PaymentRequiredSchema>

/**
 * One way to pay as x402 v1 writes it.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v1.md
 */
export const RequirementV1Schema = z.looseObject({
  scheme: z.string(),
  network: z.string(),
  maxAmountRequired: z.string(),
  asset: z.string(),
  payTo: z.string(),
  resource: optionalText,
})
/**
 * One way to pay as x402 v1 writes it. `maxAmountRequired` is in atomic units.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v1.md
 */
export type RequirementV1 = z.infer<typeof RequirementV1Schema>

import * as z from 'zod/mini'
import { NETWORK, NETWORK_V1, USDC } from '../chain/asset.js'
import { Refusal, refuseUnless } from './refusal.js'

/** A request to verify or settle, as far as it can be read without knowing the scheme. */
export interface Order {
  version: 1 | 2
  scheme: string
  /** The network as the seller wrote it. */
  network: string
  /** Unit: atomic units. */
  amount: bigint
  payTo: `0x${string}`
  /** The EIP-712 domain of the asset, as the seller announced it. */
  domain: { name: string; version: string } | undefined
  /** The terms that the payer says it accepted. */
  accepted: { scheme: string; network: string }
  /** The payload of the scheme, not read yet. */
  payload: unknown
}

/** The body of verify and settle. */
export const BodySchema = z.object({
  x402Version: z.number(),
  paymentPayload: z.looseObject({}),
  paymentRequirements: z.looseObject({}),
})
export type Body = z.infer<typeof BodySchema>

export const AddressSchema = z.pipe(
  z.string().check(z.regex(/^0x[\dA-Fa-f]{40}$/)),
  z.transform((address) => address.toLowerCase() as `0x${string}`),
)
/** An unsigned whole number as a decimal string. */
export const WholeSchema = z.pipe(
  z.string().check(z.regex(/^\d{1,78}$/)),
  z.transform((digits) => BigInt(digits)),
)

// Peers in Python and Go send explicit nulls for absent members.
const Terms = {
  scheme: z.string(),
  network: z.string(),
  asset: AddressSchema,
  payTo: AddressSchema,
  extra: z.nullish(z.looseObject({ name: z.nullish(z.string()), version: z.nullish(z.string()) })),
}
const RequirementsSchema = {
  1: z.looseObject({ ...Terms, maxAmountRequired: WholeSchema }),
  2: z.looseObject({ ...Terms, amount: WholeSchema }),
}
const Kind = { scheme: z.string(), network: z.string() }
const PayloadSchema = {
  1: z.looseObject({ ...Kind, payload: z.unknown() }),
  2: z.looseObject({ accepted: z.looseObject(Kind), payload: z.unknown() }),
}

/**
 * Reads the body of verify or settle.
 *
 * @throws Refusal
 */
export function readOrder({ x402Version, paymentPayload, paymentRequirements }: Body): Order {
  refuseUnless(paymentPayload['x402Version'] === x402Version, 'invalid_x402_version')
  if (x402Version === 1) return readV1(paymentPayload, paymentRequirements)
  refuseUnless(x402Version === 2, 'invalid_x402_version')
  const { amount, ...terms } = read(RequirementsSchema[2], paymentRequirements, 'requirements')
  const { accepted, payload } = read(PayloadSchema[2], paymentPayload, 'payload')
  return { version: 2, ...order(terms, NETWORK), amount, accepted, payload }
}

function readV1(paymentPayload: unknown, paymentRequirements: unknown): Order {
  const { maxAmountRequired: amount, ...terms } = read(
    RequirementsSchema[1],
    paymentRequirements,
    'requirements',
  )
  const { payload, scheme, network } = read(PayloadSchema[1], paymentPayload, 'payload')
  return { version: 1, ...order(terms, NETWORK_V1), amount, accepted: { scheme, network }, payload }
}

function order(
  { scheme, network, asset, payTo, extra }: z.infer<z.ZodMiniObject<typeof Terms>>,
  known: string,
): Pick<Order, 'scheme' | 'network' | 'payTo' | 'domain'> {
  refuseUnless(network === known, 'invalid_network')
  refuseUnless(asset === USDC.address.toLowerCase(), 'asset_not_deployed_contract')
  const { name, version } = extra ?? {}
  return { scheme, network, payTo, domain: name && version ? { name, version } : undefined }
}

function read<T>(schema: z.ZodMiniType<T>, value: unknown, what: 'requirements' | 'payload'): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Refusal(what === 'payload' ? 'invalid_payload' : 'invalid_payment_requirements')
}

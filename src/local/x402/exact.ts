import * as z from 'zod/mini'
import { isRecord } from '../../wire/json.js'
import { USDC } from '../chain/asset.js'
import type { Bank, Claim } from './bank.js'
import { AddressSchema, WholeSchema, type Order } from './order.js'
import { Refusal, refuseUnless } from './refusal.js'
import { isSignedBy, SignatureSchema } from './signature.js'
import { tokenDomain } from '../chain/typed-data.js'
import { TRANSFER_WITH_AUTHORIZATION } from '../../wire/signed-terms.js'

/** A transaction must be in a block before the payment expires. This is the time for it. Unit: seconds. */
export const BLOCK_SECONDS = 6n

const PayloadSchema = z.looseObject({
  signature: SignatureSchema,
  authorization: z.looseObject({
    from: AddressSchema,
    to: AddressSchema,
    value: WholeSchema,
    validAfter: WholeSchema,
    validBefore: WholeSchema,
    nonce: z.string().check(z.regex(/^0x[\dA-Fa-f]{64}$/)),
  }),
})

/**
 * Checks a payment of a fixed amount, signed by EIP-3009. The checks have the order of `@x402/evm`.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md
 * @throws Refusal
 */
export async function checkExact(order: Order, nowSeconds: bigint, bank: Bank): Promise<Claim> {
  refuseUnless(order.accepted.scheme === 'exact', 'invalid_exact_evm_scheme')
  refuseUnless(order.domain !== undefined, 'invalid_exact_evm_missing_eip712_domain')
  refuseUnless(order.accepted.network === order.network, 'invalid_exact_evm_network_mismatch')
  const claim = readClaim(order.payload)
  const isSigned = await isSignedByPayer(claim, order.domain)
  refuseUnless(isSigned, 'invalid_exact_evm_signature')
  refuseUnless(claim.payTo === order.payTo, 'invalid_exact_evm_recipient_mismatch')
  refuseUnless(
    claim.validBefore >= nowSeconds + BLOCK_SECONDS,
    'invalid_exact_evm_payload_authorization_valid_before',
  )
  refuseUnless(
    claim.validAfter <= nowSeconds,
    'invalid_exact_evm_payload_authorization_valid_after',
  )
  refuseUnless(claim.units === order.amount, MISMATCH[order.version])
  await checkAgainst(bank, claim, order.domain)
  return claim
}

/** The reasons for a wrong amount. Each version has a name of its own for it. */
const MISMATCH = {
  1: 'invalid_exact_evm_authorization_value',
  2: 'invalid_exact_evm_payload_authorization_value_mismatch',
} as const

async function checkAgainst(
  bank: Bank,
  claim: Claim,
  { name, version }: { name: string; version: string },
): Promise<void> {
  refuseUnless(!(await bank.isUsed(claim)), 'invalid_exact_evm_nonce_already_used')
  refuseUnless(name === USDC.name, 'invalid_exact_evm_token_name_mismatch')
  refuseUnless(version === USDC.version, 'invalid_exact_evm_token_version_mismatch')
  const balance = await bank.balanceOf(claim.payer)
  refuseUnless(balance >= claim.units, 'invalid_exact_evm_insufficient_balance')
}

function readClaim(payload: unknown): Claim {
  const parsed = PayloadSchema.safeParse(payload)
  if (!parsed.success) {
    const isPermit2 = isRecord(payload) && isRecord(payload['permit2Authorization'])
    throw new Refusal(isPermit2 ? 'unsupported_payload_type' : 'invalid_payload')
  }
  const { signature, authorization } = parsed.data
  const { from, to, value, validAfter, validBefore, nonce } = authorization
  return {
    scheme: 'exact',
    payer: from,
    payTo: to,
    units: value,
    validAfter,
    validBefore,
    nonce: nonce.toLowerCase(),
    signature,
  }
}

function isSignedByPayer(
  claim: Claim,
  domain: { name: string; version: string },
): Promise<boolean> {
  const { payer, payTo, units, validAfter, validBefore, nonce, signature } = claim
  return isSignedBy(payer, signature, (hash) =>
    hash({
      domain: tokenDomain(domain),
      types: { TransferWithAuthorization: TRANSFER_WITH_AUTHORIZATION },
      primaryType: 'TransferWithAuthorization',
      message: {
        from: payer,
        to: payTo,
        value: units,
        validAfter,
        validBefore,
        nonce: nonce as `0x${string}`,
      },
    }),
  )
}

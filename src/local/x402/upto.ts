import * as z from 'zod/mini'
import { FACILITATOR, USDC } from '../chain/asset.js'
import type { Bank, Claim } from './bank.js'
import { BLOCK_SECONDS } from './exact.js'
import { AddressSchema, WholeSchema, type Order } from './order.js'
import { Refusal, refuseUnless } from './refusal.js'
import { isSignedBy, SignatureSchema } from './signature.js'
import { PERMIT2_DOMAIN, PERMIT_WITNESS_TRANSFER_FROM, UPTO_PROXY } from '../chain/typed-data.js'

const PayloadSchema = z.looseObject({
  signature: SignatureSchema,
  permit2Authorization: z.looseObject({
    from: AddressSchema,
    permitted: z.looseObject({ token: AddressSchema, amount: WholeSchema }),
    spender: AddressSchema,
    nonce: WholeSchema,
    deadline: WholeSchema,
    witness: z.looseObject({
      to: AddressSchema,
      facilitator: AddressSchema,
      validAfter: WholeSchema,
    }),
  }),
})
type Payload = z.infer<typeof PayloadSchema>

/**
 * Checks a payment of at most the signed amount, signed for Permit2. The checks have the order of
 * `@x402/evm`. At verify, the order's amount is the most that may be charged. At settle, it is what is
 * charged.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/upto/scheme_upto_evm.md
 * @throws Refusal
 */
export async function checkUpto(
  order: Order,
  nowSeconds: bigint,
  bank: Bank,
  doing: 'verify' | 'settle',
): Promise<Claim> {
  refuseUnless(order.accepted.scheme === 'upto', 'invalid_upto_evm_scheme')
  refuseUnless(order.accepted.network === order.network, 'invalid_upto_evm_network_mismatch')
  const parsed = PayloadSchema.safeParse(order.payload)
  if (!parsed.success) throw new Refusal('unsupported_payload_type')
  const payload = parsed.data
  checkTerms(payload, order, nowSeconds)
  const claim = claimOf(payload)
  if (doing === 'verify') refuseUnless(claim.units === order.amount, 'permit2_amount_mismatch')
  const { token } = payload.permit2Authorization.permitted
  refuseUnless(token === USDC.address.toLowerCase(), 'permit2_token_mismatch')
  refuseUnless(await isSignedByPayer(payload), 'invalid_permit2_signature')
  refuseUnless(!(await bank.isUsed(claim)), 'permit2_invalid_nonce')
  const balance = await bank.balanceOf(claim.payer)
  refuseUnless(balance >= claim.units, 'permit2_insufficient_balance')
  const exceeds = 'invalid_upto_evm_payload_settlement_exceeds_amount'
  refuseUnless(order.amount <= claim.units, exceeds)
  return claim
}

function checkTerms(
  { permit2Authorization: { spender, deadline, witness } }: Payload,
  { payTo }: Order,
  nowSeconds: bigint,
): void {
  refuseUnless(spender === UPTO_PROXY, 'invalid_permit2_spender')
  refuseUnless(witness.to === payTo, 'invalid_permit2_recipient_mismatch')
  refuseUnless(witness.facilitator === FACILITATOR.toLowerCase(), 'upto_facilitator_mismatch')
  refuseUnless(deadline >= nowSeconds + BLOCK_SECONDS, 'permit2_deadline_expired')
  refuseUnless(witness.validAfter <= nowSeconds, 'permit2_not_yet_valid')
}

function claimOf({ signature, permit2Authorization }: Payload): Claim {
  const { from, permitted, nonce, deadline, witness } = permit2Authorization
  return {
    scheme: 'upto',
    payer: from,
    payTo: witness.to,
    units: permitted.amount,
    validAfter: witness.validAfter,
    validBefore: deadline,
    nonce: nonce.toString(),
    signature,
  }
}

function isSignedByPayer({ signature, permit2Authorization }: Payload): Promise<boolean> {
  const { from, permitted, spender, nonce, deadline, witness } = permit2Authorization
  return isSignedBy(from, signature, (hash) =>
    hash({
      domain: PERMIT2_DOMAIN,
      types: PERMIT_WITNESS_TRANSFER_FROM,
      primaryType: 'PermitWitnessTransferFrom',
      message: { permitted, spender, nonce, deadline, witness },
    }),
  )
}

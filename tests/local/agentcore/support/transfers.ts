import { verifyTypedData } from 'viem'
import { TRANSFER_TYPES } from '../../../support/eip3009.js'

/** An EIP-3009 transfer with its signature, as proofs have it. */
export interface SignedTransfer {
  from: `0x${string}`
  to: `0x${string}`
  value: string
  validAfter: string
  validBefore: string
  nonce: `0x${string}`
  signature: `0x${string}`
}

/** The EIP-712 domain of a token. */
export interface Domain {
  name: string
  version: string
  chainId: number
  verifyingContract: string
}

/** Whether the payer signed the transfer for that token. */
export function isSigned(transfer: SignedTransfer, domain: Domain): Promise<boolean> {
  return verifyTypedData({
    address: transfer.from,
    domain: {
      ...domain,
      verifyingContract: domain.verifyingContract.toLowerCase() as `0x${string}`,
    },
    types: TRANSFER_TYPES,
    primaryType: 'TransferWithAuthorization',
    message: {
      from: transfer.from,
      to: transfer.to,
      value: BigInt(transfer.value),
      validAfter: BigInt(transfer.validAfter),
      validBefore: BigInt(transfer.validBefore),
      nonce: transfer.nonce,
    },
    signature: transfer.signature,
  })
}

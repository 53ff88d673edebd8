import { verifyTypedData } from 'viem'

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

/** @see https://eips.ethereum.org/EIPS/eip-3009 */
const TransferWithAuthorization = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

/** Whether the payer signed the transfer for that token. */
export function isSigned(transfer: SignedTransfer, domain: Domain): Promise<boolean> {
  return verifyTypedData({
    address: transfer.from,
    domain: {
      ...domain,
      verifyingContract: domain.verifyingContract.toLowerCase() as `0x${string}`,
    },
    types: { TransferWithAuthorization },
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

import { CHAIN_ID, USDC } from './asset.js'

/**
 * The typed data of `upto`: a transfer of at most a given amount, to one recipient, by one facilitator.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/upto/scheme_upto_evm.md
 */
export const PERMIT_WITNESS_TRANSFER_FROM = {
  PermitWitnessTransferFrom: [
    { name: 'permitted', type: 'TokenPermissions' },
    { name: 'spender', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
    { name: 'witness', type: 'Witness' },
  ],
  TokenPermissions: [
    { name: 'token', type: 'address' },
    { name: 'amount', type: 'uint256' },
  ],
  Witness: [
    { name: 'to', type: 'address' },
    { name: 'facilitator', type: 'address' },
    { name: 'validAfter', type: 'uint256' },
  ],
} as const

/** Uniswap's Permit2. It has the same address on every chain. */
export const PERMIT2 = '0x000000000022d473030f116ddee9f6b43ac78ba3'
/** The contract of x402 that spends such a permit. It has the same address on every chain. */
export const UPTO_PROXY = '0x4020a4f3b7b90cca423b9fabcc0ce57c6c240002'

export const PERMIT2_DOMAIN = {
  name: 'Permit2',
  chainId: CHAIN_ID,
  verifyingContract: PERMIT2,
} as const

/** The EIP-712 domain of USDC, with the name and version that the seller wrote. */
export function tokenDomain({ name, version }: { name: string; version: string }) {
  const verifyingContract = USDC.address.toLowerCase() as `0x${string}`
  return { name, version, chainId: CHAIN_ID, verifyingContract }
}

export const ADDRESS = /^0x[\dA-Fa-f]{40}$/

import { generateKeyPairSync } from 'node:crypto'
import { TRANSFER_WITH_AUTHORIZATION } from '../../../wire/signed-terms.js'
import { base58 } from '../../chain/base58.js'
import type { LocalToken } from './tokens.js'
import { loadAccounts } from './load-viem.js'

/** A transfer of EIP-3009, as it goes over the wire. */
export interface Authorization {
  from: string
  to: string
  /** Unit: atomic units. */
  value: string
  /** Unit: seconds since the epoch. */
  validAfter: string
  /** Unit: seconds since the epoch. */
  validBefore: string
  /** 32 bytes in hexadecimal. */
  nonce: `0x${string}`
}

/** Signs transfers from an address. Only `sign` can reach the key. */
export interface Signer {
  address: string
  sign: (token: LocalToken, transfer: Authorization) => Promise<string>
}

/** An address. On networks where the service signs, it comes with a function that signs. */
export type Wallet = Signer | { address: string; sign: undefined }

/**
 * Makes a wallet with a key.
 *
 * @throws AwsFault ValidationException if viem is not installed.
 */
export async function newEthereumWallet(): Promise<Signer> {
  const { generatePrivateKey, privateKeyToAccount } = await loadAccounts()
  const account = privateKeyToAccount(generatePrivateKey())
  return {
    address: account.address,
    sign: ({ name, version, network, asset }, transfer) =>
      account.signTypedData({
        domain: {
          name,
          version,
          chainId: Number(network.slice('eip155:'.length)),
          verifyingContract: asset.toLowerCase() as `0x${string}`,
        },
        types: { TransferWithAuthorization: TRANSFER_WITH_AUTHORIZATION },
        primaryType: 'TransferWithAuthorization',
        message: {
          from: account.address,
          to: transfer.to as `0x${string}`,
          value: BigInt(transfer.value),
          validAfter: BigInt(transfer.validAfter),
          validBefore: BigInt(transfer.validBefore),
          nonce: transfer.nonce,
        },
      }),
  }
}

/** Makes a wallet that has an address only. */
export function newSolanaWallet(): Wallet {
  const { publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return { address: base58(Buffer.from(x, 'base64url')), sign: undefined }
}

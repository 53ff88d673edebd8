import { generateKeyPairSync } from 'node:crypto'
import { TRANSFER_WITH_AUTHORIZATION } from '../../../wire/signed-terms.js'
import { base58 } from '../../chain/base58.js'
import type { LocalToken } from './tokens.js'
import { loadAccounts } from './load-viem.js'

/** An EIP-3009 transfer, as it goes over the wire. */
export interface Authorization {
  from: string
  to: string
  /** Atomic units. */
  value: string
  /** Unit: seconds since the epoch. */
  validAfter: string
  /** Unit: seconds since the epoch. */
  validBefore: string
  /** 32 bytes. */
  nonce: `0x${string}`
}

/** What signs transfers from an address. Nothing but the function can reach its key. */
export interface Signer {
  address: string
  sign: (token: LocalToken, transfer: Authorization) => Promise<string>
}

/** An address, and where the service signs on its network, what signs for it. */
export type Wallet = Signer | { address: string; sign: undefined }

/** @throws AwsFault ValidationException where viem is not installed. */
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

/** Only its address is of use here. */
export function newSolanaWallet(): Wallet {
  const { publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return { address: base58(Buffer.from(x, 'base64url')), sign: undefined }
}

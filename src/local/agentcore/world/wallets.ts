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

/** A wallet as it is kept in a file. Never print it. */
export interface KeptWallet {
  address: string
  /** It is there on networks where the service signs. */
  privateKey?: `0x${string}`
}

/** Signs transfers from an address. Only its functions can reach the key. */
export interface Signer {
  address: string
  sign: (token: LocalToken, transfer: Authorization) => Promise<string>
  keep: () => KeptWallet
}

/** An address. On networks where the service signs, it comes with a function that signs. */
export type Wallet = Signer | { address: string; sign: undefined; keep: () => KeptWallet }

/**
 * Makes a wallet with a key.
 *
 * @throws AwsFault ValidationException if viem is not installed.
 */
export async function newEthereumWallet(): Promise<Signer> {
  const { generatePrivateKey, privateKeyToAccount } = await loadAccounts()
  const privateKey = generatePrivateKey()
  return signerOf(privateKeyToAccount(privateKey).address, privateKey)
}

/** Makes a wallet of what was kept. */
export function walletOf({ address, privateKey }: KeptWallet): Wallet {
  return privateKey === undefined ? withoutKey(address) : signerOf(address, privateKey)
}

function signerOf(address: string, privateKey: `0x${string}`): Signer {
  return {
    address,
    keep: () => ({ address, privateKey }),
    async sign({ name, version, network, asset }, transfer) {
      const { privateKeyToAccount } = await loadAccounts()
      return privateKeyToAccount(privateKey).signTypedData({
        domain: {
          name,
          version,
          chainId: Number(network.slice('eip155:'.length)),
          verifyingContract: asset.toLowerCase() as `0x${string}`,
        },
        types: { TransferWithAuthorization: TRANSFER_WITH_AUTHORIZATION },
        primaryType: 'TransferWithAuthorization',
        message: {
          from: address as `0x${string}`,
          to: transfer.to as `0x${string}`,
          value: BigInt(transfer.value),
          validAfter: BigInt(transfer.validAfter),
          validBefore: BigInt(transfer.validBefore),
          nonce: transfer.nonce,
        },
      })
    },
  }
}

/** Makes a wallet that has an address only. */
export function newSolanaWallet(): Wallet {
  const { publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return withoutKey(base58(Buffer.from(x, 'base64url')))
}

function withoutKey(address: string): Wallet {
  return { address, sign: undefined, keep: () => ({ address }) }
}

import { randomBytes } from 'node:crypto'
import { caip2 } from '../../../wire/networks.js'
import { isRecord } from '../../../wire/json.js'
import { refused } from '../world/aws-error.js'
import { ADDRESS } from '../../chain/typed-data.js'
import { ATOMIC_UNITS, type Purchase } from './purchase.js'
import { findToken, type LocalToken, type Tokens } from '../world/tokens.js'
import { loadUtilities } from '../world/load-viem.js'
import type { Authorization, Signer } from '../world/wallets.js'

/** The longest time that a proof is valid. Unit: seconds. */
const MAX_VALID_SECONDS = 3600

interface ExactInput {
  version: string
  payload: Record<string, unknown>
  permit2AllowanceLimit?: string | undefined
}

/**
 * Reads one entry of `accepts` of an x402 challenge, of version 1 or 2.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md
 * @throws AwsFault ValidationException if the local service does not sign such a payment.
 */
export function readExact(tokens: Tokens, input: ExactInput): Purchase {
  const { version, payload } = input
  if (version !== '1' && version !== '2') throw refused('cryptoX402.version must be 1 or 2')
  if (payload['scheme'] !== 'exact') {
    throw refused('The local payments service signs the scheme exact only')
  }
  if (input.permit2AllowanceLimit !== undefined) {
    throw refused('permit2AllowanceLimit is for the scheme upto only')
  }
  const token = tokenOf(tokens, networkOf(version, payload['network']), payload)
  const terms = termsOf(payload[version === '1' ? 'maxAmountRequired' : 'amount'], payload)
  return {
    token,
    units: BigInt(terms.value),
    prove: async (signer, nowMs) => {
      const authorization = await transferOf(signer, terms, nowMs)
      const signature = await signer.sign(token, authorization)
      return { cryptoX402: { version, payload: { signature, authorization } } }
    },
  }
}

interface Terms {
  /** Unit: atomic units. */
  value: string
  payTo: string
  validSeconds: number
}

function termsOf(amount: unknown, { payTo, maxTimeoutSeconds }: Record<string, unknown>): Terms {
  if (typeof amount !== 'string' || !ATOMIC_UNITS.test(amount)) {
    throw refused('The payload must have its amount in atomic units, as a decimal string')
  }
  if (typeof payTo !== 'string' || !ADDRESS.test(payTo)) {
    throw refused('The payload must have the address that is paid in payTo')
  }
  if (!(Number.isInteger(maxTimeoutSeconds) && Number(maxTimeoutSeconds) > 0)) {
    throw refused('The payload must have a positive whole number of maxTimeoutSeconds')
  }
  const validSeconds = Math.min(Number(maxTimeoutSeconds), MAX_VALID_SECONDS)
  return { value: amount, payTo, validSeconds }
}

async function transferOf(
  { address }: Signer,
  { value, payTo, validSeconds }: Terms,
  nowMs: number,
): Promise<Authorization> {
  const { getAddress } = await loadUtilities()
  return {
    from: address,
    to: getAddress(payTo),
    value,
    // The clock of a chain may be behind ours.
    validAfter: '0',
    validBefore: String(Math.floor(nowMs / 1000) + validSeconds),
    nonce: `0x${randomBytes(32).toString('hex')}`,
  }
}

function networkOf(version: '1' | '2', network: unknown): string {
  if (typeof network !== 'string') throw refused('The payload must name its network')
  const name = version === '1' ? caip2(network) : network
  if (/^solana/.test(name)) throw refused('The local payments service signs nothing on Solana')
  if (/^eip155:\d{1,20}$/.test(name)) return name
  throw refused('The local payments service signs on networks of EIP-155 only')
}

function tokenOf(
  tokens: Tokens,
  network: string,
  { asset, extra }: Record<string, unknown>,
): LocalToken {
  const token = typeof asset === 'string' ? findToken(tokens, network, asset) : undefined
  if (token === undefined) throw refused(`The payload asks for an unknown asset on ${network}`)
  const { name, version, assetTransferMethod = 'eip3009' } = isRecord(extra) ? extra : {}
  if (assetTransferMethod !== 'eip3009') {
    throw refused('The local payments service signs transfers by EIP-3009 only')
  }
  if (name === token.name && version === token.version) return token
  throw refused(`The payload's extra must have name ${token.name} and version ${token.version}`)
}

import {
  encodeCredential,
  expiryOf,
  isExpired,
  mppChallenges,
  type MppChallenge,
} from '../../../wire/mpp.js'
import { refused } from '../world/aws-error.js'
import { ADDRESS } from '../../chain/typed-data.js'
import { ATOMIC_UNITS, type Purchase } from './purchase.js'
import { findToken, type LocalToken, type Tokens } from '../world/tokens.js'
import { loadUtilities } from '../world/load-viem.js'
import type { Authorization, Signer } from '../world/wallets.js'

/** How long a proof is valid if its challenge does not say so. Unit: seconds. */
const VALID_SECONDS = 300

interface MppInput {
  version: string
  wwwAuthenticateHeaders: readonly string[]
}

/**
 * Reads an MPP challenge for a single charge. The seller submits the transfer and pays the network fees.
 *
 * @see https://paymentauth.org/
 * @throws AwsFault ValidationException if the local service does not sign such a payment.
 */
export function readMpp(tokens: Tokens, input: MppInput, nowMs: number): Purchase {
  if (input.version !== '1') throw refused('mpp.version must be 1')
  const challenges = mppChallenges(input.wwwAuthenticateHeaders)
  const [challenge] = challenges
  if (challenge === undefined || challenges.length > 1) {
    throw refused('wwwAuthenticateHeaders must have exactly one well-formed Payment challenge')
  }
  if (challenge.method !== 'evm' || challenge.intent !== 'charge') {
    throw refused('The local payments service signs MPP challenges of method evm, intent charge')
  }
  if (isExpired(challenge, nowMs)) throw refused('The MPP challenge is past its expires')
  const { chainId, amount, recipient, token } = chargeOf(tokens, challenge)
  return {
    token,
    units: BigInt(amount),
    prove: async (signer, provedAtMs) => {
      const transfer = await transferOf(signer, challenge, { amount, recipient }, provedAtMs)
      const signature = await signer.sign(token, transfer)
      const credential = encodeCredential({
        challenge: parametersOf(challenge),
        payload: { type: 'authorization', ...transfer, signature },
        source: `did:pkh:eip155:${chainId}:${signer.address}`,
      })
      return {
        mpp: { version: '1', selectedPaymentId: challenge.id, paymentCredential: credential },
      }
    },
  }
}

interface Charge {
  chainId: number
  amount: string
  recipient: string
  token: LocalToken
}

function chargeOf(tokens: Tokens, { request }: MppChallenge): Charge {
  const { amount, currency, recipient, methodDetails } = request
  const { chainId, credentialTypes, splits } = methodDetails ?? {}
  if (!Array.isArray(credentialTypes) || !credentialTypes.includes('authorization')) {
    throw refused('The local payments service signs MPP credentials of type authorization only')
  }
  if (Array.isArray(splits) && splits.length > 0) {
    throw refused('The MPP challenge asks for splits, which an authorization cannot pay')
  }
  if (!ATOMIC_UNITS.test(amount ?? '') || !ADDRESS.test(recipient ?? '')) {
    throw refused('The MPP challenge must have an amount in atomic units and a recipient')
  }
  const network = `eip155:${chainId ?? '?'}`
  const token = findToken(tokens, network, currency ?? '')
  if (token === undefined) {
    throw refused(`The MPP challenge asks for an unknown currency on ${network}`)
  }
  return { chainId: Number(chainId), amount: amount ?? '', recipient: recipient ?? '', token }
}

async function transferOf(
  signer: Signer,
  challenge: MppChallenge,
  { amount, recipient }: Pick<Charge, 'amount' | 'recipient'>,
  nowMs: number,
): Promise<Authorization> {
  const { getAddress, keccak256, toBytes } = await loadUtilities()
  const validBeforeMs = expiryOf(challenge) ?? nowMs + VALID_SECONDS * 1000
  return {
    from: signer.address,
    to: getAddress(recipient),
    value: amount,
    validAfter: '0',
    validBefore: String(Math.floor(validBeforeMs / 1000)),
    nonce: keccak256(toBytes(challenge.id + challenge.realm)),
  }
}

const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/** Every parameter of a challenge as it came. The seller recognises its challenge by them. */
function parametersOf({ raw }: MppChallenge): Record<string, string> {
  const found = [...raw.matchAll(PARAMETER)].map(([, name = '', quoted, token]) => {
    return [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''] as const
  })
  return Object.fromEntries(found)
}

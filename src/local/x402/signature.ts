import * as z from 'zod/mini'
import { loadUtilities } from '../chain/viem.js'

/** Takes any text. A signature that cannot be read counts as a wrong one. */
export const SignatureSchema = z.pipe(
  z.string(),
  z.transform((signature) => signature as `0x${string}`),
)

/**
 * The 65 bytes of an account that has a key. USDC wants the last byte to be 27 or 28. Signatures of contracts
 * are not known here.
 */
const SIGNATURE = /^0x[\dA-Fa-f]{128}1[BCbc]$/

type Hash = Awaited<ReturnType<typeof loadUtilities>>['hashTypedData']

/**
 * Whether a signature over typed data is by this address, which is in lower case.
 *
 * @param hashWith hashes the typed data
 * @throws ViemMissing
 */
export async function isSignedBy(
  address: `0x${string}`,
  signature: `0x${string}`,
  hashWith: (hash: Hash) => `0x${string}`,
): Promise<boolean> {
  const { hashTypedData } = await loadUtilities()
  if (!SIGNATURE.test(signature)) return false
  try {
    return (await signerOf(hashWith(hashTypedData), signature)) === address
  } catch {
    // The signature is no point of the curve, or a number is no uint256.
    return false
  }
}

/** The signers of recent signatures. A payment is checked at verify, and again at every settle. */
const signers = new Map<string, string>()
const MAX_SIGNERS = 1_000

/** Finds the signer, in lower case. */
async function signerOf(hash: `0x${string}`, signature: `0x${string}`): Promise<string> {
  const key = `${hash} ${signature}`
  const known = signers.get(key)
  if (known !== undefined) return known
  const { recoverAddress } = await loadUtilities()
  const signer = (await recoverAddress({ hash, signature })).toLowerCase()
  signers.set(key, signer)
  const oldest = signers.keys().next().value
  if (signers.size > MAX_SIGNERS && oldest !== undefined) signers.delete(oldest)
  return signer
}

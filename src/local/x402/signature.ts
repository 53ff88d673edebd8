import * as z from 'zod/mini'
import { loadUtilities } from '../chain/viem.js'

/** Whatever it is: a signature that cannot be read is one that does not fit. */
export const SignatureSchema = z.pipe(
  z.string(),
  z.transform((signature) => signature as `0x${string}`),
)

/**
 * The 65 bytes of an account with a key of its own, the last of which USDC wants to be 27 or 28. Contracts
 * that sign are not known here.
 */
const SIGNATURE = /^0x[\dA-Fa-f]{128}1[BCbc]$/

type Recover = Awaited<ReturnType<typeof loadUtilities>>['recoverTypedDataAddress']

/** Whether a signature over typed data is that of the address, which is in lower case. @throws ViemMissing */
export async function isSignedBy(
  address: `0x${string}`,
  signature: `0x${string}`,
  recoverFrom: (recover: Recover) => Promise<string>,
): Promise<boolean> {
  const { recoverTypedDataAddress } = await loadUtilities()
  if (!SIGNATURE.test(signature)) return false
  try {
    return (await recoverFrom(recoverTypedDataAddress)).toLowerCase() === address
  } catch {
    // No point of the curve, or a number that is no uint256.
    return false
  }
}

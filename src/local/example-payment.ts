import { randomBytes } from 'node:crypto'
import { encodeHeader } from '../wire/x402.js'
import type { Local } from './local-stack.js'
import { ViemMissing, loadAccounts } from './chain/viem.js'
import { tokenDomain } from './chain/typed-data.js'
import { TRANSFER_WITH_AUTHORIZATION } from '../wire/signed-terms.js'

/** How long the payment is valid. People copy it from the terminal and may use it hours later. Unit: s. */
const VALID_SECONDS = 86_400

/**
 * A payment of the local buyer for one call of the example, as `PAYMENT-SIGNATURE` holds it.
 *
 * @returns `undefined` if viem is not installed
 */
export async function examplePayment(local: Local): Promise<string | undefined> {
  try {
    const payload = await signedCent(local)
    return encodeHeader({ x402Version: 2, accepted: terms(local), payload })
  } catch (error) {
    if (error instanceof ViemMissing) return undefined
    throw error
  }
}

/** The price that the example asks for. */
function terms({ x402: { network, asset }, sellerAddress: payTo }: Local) {
  const { address, name, version } = asset
  const common = { scheme: 'exact', network, amount: '10000', asset: address, payTo }
  return { ...common, maxTimeoutSeconds: 300, extra: { name, version } }
}

async function signedCent({ x402, sellerAddress }: Local) {
  const { privateKeyToAccount } = await loadAccounts()
  const account = privateKeyToAccount(x402.buyer.privateKey)
  const validBefore = BigInt(Math.floor(Date.now() / 1000) + VALID_SECONDS)
  const message = {
    from: account.address,
    to: sellerAddress as `0x${string}`,
    value: 10_000n,
    validAfter: 0n,
    validBefore,
    nonce: `0x${randomBytes(32).toString('hex')}` as const,
  }
  const signature = await account.signTypedData({
    domain: tokenDomain(x402.asset),
    types: { TransferWithAuthorization: TRANSFER_WITH_AUTHORIZATION },
    primaryType: 'TransferWithAuthorization',
    message,
  })
  const texts = { value: '10000', validAfter: '0', validBefore: `${validBefore}` }
  return { signature, authorization: { ...message, ...texts } }
}

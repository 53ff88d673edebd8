import { x402Client } from '@x402/core/client'
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { LocalX402 } from '../../../src/local/index.js'

export type Kind = 'exact' | 'upto' | 'exact of v1'

/** The client that its makers publish, with the limits they set: $1 a payment, and tokens they know. */
export function officialClient(account: PrivateKeyAccount): x402Client {
  const client = registerExactEvmScheme(new x402Client(), { signer: account })
  return client.register('eip155:*', new UptoEvmScheme(account))
}

/** Pays what is asked for. */
export function officialPayment(
  account: PrivateKeyAccount,
  requirements: PaymentRequirements,
): Promise<PaymentPayload> {
  const x402Version = requirements.network.startsWith('eip155:') ? 2 : 1
  const resource = { url: 'https://shop.example/quote' }
  const challenge = { x402Version, error: '', resource, accepts: [requirements] }
  return officialClient(account).createPaymentPayload(challenge)
}

/** What a seller asks for. Its types are those of version 2, whatever the version. */
export async function requirementsOf(
  kind: Kind,
  { url, network, asset }: LocalX402,
  payTo: string,
  amount: string,
): Promise<PaymentRequirements> {
  const { address, name, version } = asset
  const terms = { asset: address, payTo, maxTimeoutSeconds: 60 }
  if (kind === 'exact of v1') {
    const about = { resource: 'https://shop.example/quote', description: '', mimeType: '' }
    const v1 = { scheme: 'exact', network: 'base-sepolia', maxAmountRequired: amount }
    const extra = { name, version }
    return { ...v1, ...terms, ...about, extra } as unknown as PaymentRequirements
  }
  const supported = await fetch(`${url}/supported`)
  const { kinds } = (await supported.json()) as { kinds: { scheme: string; extra?: object }[] }
  const extra = { name, version, ...kinds.find(({ scheme }) => scheme === kind)?.extra }
  return { scheme: kind, network: network as `eip155:${number}`, amount, ...terms, extra }
}

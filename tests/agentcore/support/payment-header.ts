import type { PaymentHeaderInput } from '../../../src/agentcore/index.js'
import type { PaymentsServiceOptions } from '../../../src/local/agentcore/index.js'
import { funded } from './payment-manager.js'
import {
  ACCEPT,
  BASE_SEPOLIA_USDC,
  MERCHANT,
} from '../../local/agentcore/support/payments-service.js'

export const RESOURCE = { url: 'https://shop.example/quote', description: 'A quote — à la carte' }
export const EXTENSIONS = { bazaar: { info: { input: { type: 'http' } }, schema: {} } }

/** {@link ACCEPT} as x402 v1 writes it. */
export const ACCEPT_V1 = {
  scheme: 'exact',
  network: 'base-sepolia',
  maxAmountRequired: '10000',
  resource: RESOURCE.url,
  description: 'A quote',
  mimeType: 'application/json',
  payTo: MERCHANT,
  maxTimeoutSeconds: 60,
  asset: BASE_SEPOLIA_USDC,
  outputSchema: null,
  extra: { name: 'USDC', version: '2' },
}

export const challengeV2 = (accepts: readonly unknown[] = [ACCEPT], more: object = {}) => ({
  x402Version: 2,
  error: 'payment required',
  resource: RESOURCE,
  accepts,
  extensions: EXTENSIONS,
  ...more,
})

export const challengeV1 = (accepts: readonly unknown[] = [ACCEPT_V1]) => ({
  x402Version: 1,
  error: 'X-PAYMENT header is required',
  accepts,
})

export const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

/** The request of an MPP challenge: a cent on Base Sepolia. */
export const CHARGE = {
  amount: '10000',
  currency: BASE_SEPOLIA_USDC,
  recipient: MERCHANT,
  methodDetails: { chainId: 84532, credentialTypes: ['authorization'] },
}

/** Writes an MPP challenge as in `WWW-Authenticate`. */
export function mpp(parameters: Record<string, string> = {}, request: object = {}): string {
  const charge = Buffer.from(JSON.stringify({ ...CHARGE, ...request })).toString('base64url')
  const all = {
    id: 'mpp-1',
    realm: 'shop.example',
    method: 'evm',
    intent: 'charge',
    request: charge,
  }
  const written = Object.entries({ ...all, ...parameters }).map(([name, v]) => `${name}="${v}"`)
  return `Payment ${written.join(', ')}`
}

/** A buyer with a dollar, and what AWS was asked for the payments. */
export async function paying(
  options: PaymentsServiceOptions = {},
  network: 'ETHEREUM' | 'SOLANA' = 'ETHEREUM',
) {
  const one = await funded(options, network)
  const { paymentInstrumentId, paymentSessionId, manager } = one
  const pay = (
    request: Omit<PaymentHeaderInput['paymentRequiredRequest'], 'statusCode'>,
    more: Partial<PaymentHeaderInput> = {},
  ) =>
    manager.generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: { statusCode: 402, ...request },
      ...more,
    })
  /** The input of each payment that AWS was asked for. */
  const asked = () =>
    one.calls('ProcessPayment').map(({ body }) => {
      const { paymentType, paymentInput } = body as Asked
      return { paymentType, ...paymentInput }
    })
  return { ...one, pay, asked }
}

interface Asked {
  paymentType: string
  paymentInput: {
    cryptoX402?: { version: string; payload: typeof ACCEPT; permit2AllowanceLimit?: string }
    mpp?: { version: string; wwwAuthenticateHeaders: string[]; buyerPaysGasFees?: boolean }
  }
}

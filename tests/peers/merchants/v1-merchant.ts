import type { PaymentPayload, PaymentRequirements, SettleResponse } from '@x402/core/types'
import type { NextFunction, Request, Response } from 'express'
import type { Chain } from '../chain/chain.js'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { listen } from '../chain/listen.js'
import { newAddress, shop, type Merchant, type MerchantOptions, type Sale } from './merchant.js'

/**
 * A seller of x402 v1, for which `@x402/core` has a facilitator and no server: the challenge is the body of
 * its 402, the payment comes in `X-PAYMENT`. It settles before it delivers.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v1/http.md
 */
export async function startV1Merchant(
  chain: Chain,
  options: MerchantOptions = {},
): Promise<Merchant> {
  const { price = '1000', payTo = newAddress(), token = chain.token } = options
  const facilitator = await startFacilitator(chain)
  const { asset, name, version } = token
  const requirements = {
    scheme: 'exact',
    network: 'base-sepolia',
    maxAmountRequired: price,
    asset,
    payTo,
    description: 'What the shop sells',
    mimeType: 'application/json',
    outputSchema: null,
    maxTimeoutSeconds: options.maxTimeoutSeconds ?? 300,
    extra: { name, version },
  }
  const sold: Sale[] = []
  const till = paywall(requirements, facilitator)
  const { url, close } = await listen(
    shop((request, response, next) => void till(request, response, next), sold),
  )
  return { url, payTo, price: BigInt(price), token, facilitator, sold, close }
}

function paywall(requirements: object, facilitator: Facilitator) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const resource = `http://${request.headers.host}${request.originalUrl}`
    const asked = { ...requirements, resource }
    const refuse = (error: string) =>
      response.status(402).json({ x402Version: 1, error, accepts: [asked] })
    const header = request.header('x-payment')
    if (header === undefined) return void refuse('X-PAYMENT header is required')
    const settled = await settle(header, asked, facilitator)
    response.header('X-PAYMENT-RESPONSE', encode(settled))
    if (settled.success) next()
    else refuse(settled.errorReason ?? 'settlement failed')
  }
}

/** The facilitator goes by `x402Version`, whatever its types say. */
async function settle(
  header: string,
  requirements: unknown,
  facilitator: Facilitator,
): Promise<SettleResponse> {
  try {
    const payload = JSON.parse(Buffer.from(header, 'base64').toString()) as PaymentPayload
    return await facilitator.settle(payload, requirements as PaymentRequirements)
  } catch {
    const errorReason = 'invalid_payload'
    return { success: false, errorReason, transaction: '', network: 'eip155:84532' }
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}

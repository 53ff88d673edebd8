import { randomBytes } from 'node:crypto'
import { Payments, type AssetRequirements } from 'agentcore-x402'
import { privateKeyToAccount } from 'viem/accounts'
import { TRANSFER_WITH_AUTHORIZATION } from '../src/wire/signed-terms.js'
import type { Facilitator } from './facilitator.js'

const TOOL = 'T___bench'
const RESOURCE = { url: `mcp://tool/${TOOL}` }

/** The event of a call, paid or not. */
export function eventWith(token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { 'payment-signature': token }
  const params = { name: TOOL, arguments: {} }
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
  return { interceptorInputVersion: '1.0', mcp: { gatewayRequest: { headers, body } } }
}

/** Mints tokens that buy once. */
export function planBuyer({ subscriberApiKey, url, planId }: Facilitator): () => Promise<string> {
  const buyer = Payments.getInstance({ nvmApiKey: subscriberApiKey, backendUrl: url })
  return async () => {
    const options = { resource: RESOURCE, tokenVersion: 3 as const }
    const { accessToken } = await buyer.x402.getX402AccessToken(planId, undefined, options)
    return accessToken
  }
}

/** Signs what a seller asks for in money. */
export function moneyBuyer({ buyerKey }: Facilitator, accepted: AssetRequirements) {
  const account = privateKeyToAccount(buyerKey as `0x${string}`)
  const { name, version } = accepted.extra
  const domain = {
    name: String(name),
    version: String(version),
    chainId: BigInt(accepted.network.split(':')[1] ?? 0),
    verifyingContract: accepted.asset as `0x${string}`,
  }
  return async () => {
    const message = {
      from: account.address,
      to: accepted.payTo as `0x${string}`,
      value: BigInt(accepted.amount),
      validAfter: 0n,
      validBefore: BigInt(Math.floor(Date.now() / 1000) + accepted.maxTimeoutSeconds),
      nonce: `0x${randomBytes(32).toString('hex')}` as const,
    }
    const signature = await account.signTypedData({
      domain,
      types: { TransferWithAuthorization: TRANSFER_WITH_AUTHORIZATION },
      primaryType: 'TransferWithAuthorization',
      message,
    })
    const texts = {
      value: accepted.amount,
      validAfter: '0',
      validBefore: String(message.validBefore),
    }
    const payload = { signature, authorization: { ...message, ...texts } }
    return { x402Version: 2, accepted, resource: RESOURCE, payload }
  }
}

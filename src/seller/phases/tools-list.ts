import { isRecord } from '../../wire/json.js'
import type { SoldCall, Delivered } from '../events/call.js'
import { pass, type SellerOutput } from '../events/output.js'
import type { Settings } from '../options/settings.js'
import { bridgeMessage, bridgeText } from '../price/bridge-schemas.js'

/**
 * Passes a response that costs nothing. In a list of tools, the schemas are changed so that challenges fit
 * them.
 */
export function passFree(
  event: unknown,
  call: SoldCall,
  delivered: Delivered,
  settings: Settings,
): SellerOutput {
  const { transport, method } = call
  const { headers, body } = delivered
  if (method !== 'tools/list' || typeof body !== 'string' || isCompressed(headers)) {
    return pass(event, transport)
  }
  const bridged = bridgeText(body, call, settings)
  if (bridged === body) return pass(event, transport)
  const encoded = Buffer.from(bridged).toString('base64')
  return {
    interceptorOutputVersion: '1.0',
    http: { transformedGatewayResponse: { body: encoded } },
  }
}

function isCompressed(headers: Delivered['headers']): boolean {
  return Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-encoding')
}

/** The event of a list of tools, with schemas that challenges fit. */
export function withBridges(event: unknown, call: SoldCall, settings: Settings): unknown {
  if (call.method !== 'tools/list' || !isRecord(event) || !isRecord(event['mcp'])) return event
  const { mcp } = event
  const response = mcp['gatewayResponse']
  if (!isRecord(response)) return event
  const { body } = response
  const bridged =
    typeof body === 'string'
      ? bridgeText(body, call, settings)
      : bridgeMessage(body, call, settings)
  return { ...event, mcp: { ...mcp, gatewayResponse: { ...response, body: bridged } } }
}

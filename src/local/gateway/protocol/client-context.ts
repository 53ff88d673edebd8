import { ACCOUNT_ID, gatewayArn, type Gateway } from './gateway-state.js'

/**
 * The `context.clientContext` that interceptors of HTTP targets get.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export function interceptorClientContext(
  gateway: Gateway,
  requestId: string,
  sourceIp: string | undefined,
): unknown {
  return {
    custom: {
      GATEWAY_ARN: gatewayArn(gateway),
      GATEWAY_ACCOUNT_ID: ACCOUNT_ID,
      REQUEST_ID: requestId,
      ...(sourceIp !== undefined && { SOURCE_IP: sourceIp }),
    },
  }
}

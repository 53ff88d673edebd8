/** A REQUEST-phase event, with the null `gatewayResponse` that live gateways send. */
export function gatewayEvent(
  body: unknown,
  headers: Record<string, string>,
  raw: string = JSON.stringify(body),
): Record<string, unknown> {
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      rawGatewayRequest: { body: raw },
      gatewayRequest: { path: '/mcp', httpMethod: 'POST', headers, body },
      gatewayResponse: null,
    },
  }
}

/** Makes a REQUEST event. Its `gatewayResponse` is null, as on live gateways. */
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

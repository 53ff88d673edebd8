import type { GatewayOptions } from '../protocol/options.js'

/** The warnings that this process gave. A test suite starts hundreds of gateways, and is warned once. */
const warned = new Set<string>()

/** Warns if an interceptor is attached at one point only. It does so once for each point in a process. */
export function warnOfHalf({ requestInterceptor, responseInterceptor }: GatewayOptions): void {
  if ((requestInterceptor === undefined) === (responseInterceptor === undefined)) return
  const [at, missing] = requestInterceptor ? ['REQUEST', 'RESPONSE'] : ['RESPONSE', 'REQUEST']
  if (warned.has(at)) return
  warned.add(at)
  process.emitWarning(
    `The local Gateway has an interceptor at ${at} and none at ${missing}. One of createInterceptor needs both: ` +
      `give the same function as ${requestInterceptor ? 'responseInterceptor' : 'requestInterceptor'} too.`,
    { code: 'AGENTCORE_X402_HALF_INTERCEPTOR' },
  )
}

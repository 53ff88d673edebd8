import {
  createInterceptor,
  memoryStore as paymentMemory,
  type InterceptorHandler,
} from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { memoryStore } from './http-phases.js'
import { SHOWN, bothPhases, interceptorOptions, type ShownRequest, type Target } from './phases.js'
import { TOOL } from '../../../support/outcome.js'
import { eventOf, toolCall } from '../../../support/seller.js'

type Fields = Record<string, unknown>

export const SEAL = 'x-agentcore-x402'
export const SECRET = 'a secret of the seller, 32 bytes or more'
/** The content. Nobody may get it without paying. */
export const CONTENT = 'Hello!'

/** How the two phases share what they know. */
export interface Sharing {
  shown: ShownRequest
  /** Whether there is a secret. Without one, our client derives none, like the official client. */
  secret: boolean
  store: boolean
}

export const SHARINGS: Sharing[] = SHOWN.flatMap((shown) => [
  { shown, secret: true, store: false },
  { shown, secret: true, store: true },
  { shown, secret: false, store: false },
])

/** The ways of sharing, with names for the titles of tests. */
export const NAMED_SHARINGS = SHARINGS.map((how) => ({
  how,
  name: `${how.shown} request, ${how.secret ? 'sealed' : 'no secret'}${how.store ? ', store' : ''}`,
}))

/** Makes an interceptor that shares in this way. Another one with the same options is another container. */
export function sharing(local: Local, { secret, store }: Sharing, more: object = {}) {
  const options = interceptorOptions(local, { paymentStore: paymentMemory(), ...more })
  const { facilitator, plans } = options.payments as unknown as Record<string, unknown>
  const payments = secret ? options.payments : { facilitator, plans, environmentName: 'local' }
  const shared = { ...(secret && { secret: SECRET }), ...(store && { store: memoryStore() }) }
  return createInterceptor({ ...options, payments, ...shared, ...more } as typeof options).handle
}

/** Makes an account with credits. */
export function account(local: Local, credits = 100n): string {
  const { address } = local.ledger.addAccount()
  local.ledger.credit(local.planId, address, credits)
  return address
}

/** A call of {@link TOOL} with these headers. */
export function callWith(
  headers: Fields,
  { id = 1, tool = TOOL, args = {} }: { id?: unknown; tool?: string; args?: Fields } = {},
): Fields {
  const event = eventOf(toolCall(tool, args, { id }), headers)
  const body = (event as { mcp: { gatewayRequest: { body: unknown } } }).mcp.gatewayRequest.body
  const raw = { rawGatewayRequest: { body: JSON.stringify(body) } }
  return { ...event, mcp: { ...raw, ...(event['mcp'] as Fields) } }
}

/** A target that answers with what it got, as a debugging tool would. */
export const echo: Target = ({ headers, body }) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: {
    jsonrpc: '2.0',
    id: body['id'] ?? null,
    result: { content: [{ type: 'text', text: CONTENT }], structuredContent: { headers, body } },
  },
})

/** The sealed header of an honest call, as such a target would show it. */
export async function sealOf(
  handle: InterceptorHandler,
  event: Fields,
  shown: ShownRequest,
): Promise<string | undefined> {
  let seal: string | undefined
  await bothPhases(
    handle,
    event,
    (request) => {
      seal = request.headers?.[SEAL] as string | undefined
      return echo(request)
    },
    { shown },
  )
  return seal
}

export function isDelivered(output: unknown): boolean {
  return JSON.stringify(output).includes(CONTENT)
}

import type { Context } from 'aws-lambda'
import {
  Payments,
  createInterceptor,
  memoryStore,
  type InterceptorHandler,
  type InterceptorOptions,
  type InterceptorOutput,
} from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { silent } from '../../../support/seller.js'
import { defaultStore } from '../../../support/tested-store.js'

/** Which request the response phase is shown. AWS does not document it. */
export type ShownRequest = 'original' | 'transformed'
export const SHOWN: ShownRequest[] = ['original', 'transformed']

type Fields = Record<string, unknown>

/** A target: it gets a request, and gives the answer as the Gateway shows it. */
export type Target = (request: {
  headers: Fields | undefined
  body: Fields
}) => Fields | Promise<Fields>

export interface PhasesOptions {
  shown?: ShownRequest
  context?: Context
  /** How often the response phase gets the response. A Gateway that retries sends it again. */
  responses?: number
}

/** The options of an interceptor that sells the stack's plan, over real HTTP. */
export function interceptorOptions(local: Local, options: object = {}): InterceptorOptions {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const plan = 'planIds' in options || 'tools' in options ? {} : { planId: local.planId }
  return { payments, logger: silent, ...defaultStore(), ...plan, ...options }
}

export function intercept(local: Local, options: object = {}): InterceptorHandler {
  return createInterceptor(interceptorOptions(local, options)).handle
}

/** An interceptor in a container of its own. No other container knows what it keeps in memory. */
export function container(local: Local, options: object = {}): InterceptorHandler {
  return intercept(local, { paymentStore: memoryStore(), ...options })
}

/** The answer that a Gateway makes of the MCP result of a Lambda target. */
export function result(content: Fields): Target {
  return ({ body }) => ({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: { jsonrpc: '2.0', id: body['id'] ?? null, result: content },
  })
}

export const hello = result({ content: [{ type: 'text', text: 'Hello!' }] })

/** Does what an MCP gateway does in both phases. If REQUEST answers, RESPONSE runs, too. */
export async function bothPhases(
  handle: (event: unknown, context?: Context) => unknown,
  event: Fields,
  target: Target = hello,
  { shown = 'transformed', context, responses = 1 }: PhasesOptions = {},
): Promise<{ output: InterceptorOutput; forwarded: Fields | undefined }> {
  const first = (await handle(overTheWire(event), context)) as InterceptorOutput
  const { transformedGatewayRequest, transformedGatewayResponse } = first.mcp
  const mcp = event['mcp'] as { gatewayRequest: Fields }
  const changed = { ...mcp.gatewayRequest, ...transformedGatewayRequest }
  const gatewayResponse =
    transformedGatewayResponse ?? (await target(changed as { headers: Fields; body: Fields }))
  const gatewayRequest = shown === 'original' ? mcp.gatewayRequest : changed
  const second = { ...event, mcp: { ...mcp, gatewayRequest, gatewayResponse } }
  let output = first
  for (let i = 0; i < responses; i++) {
    output = (await handle(overTheWire(second), context)) as InterceptorOutput
  }
  return { output, forwarded: transformedGatewayRequest as Fields | undefined }
}

/** Passes an event through JSON, as on the way to a Lambda. */
function overTheWire(event: unknown): unknown {
  return JSON.parse(JSON.stringify(event))
}

import type { Context } from 'aws-lambda'
import {
  Payments,
  createInterceptor,
  requiresPayment,
  type InterceptorOptions,
  type InterceptorOutput,
  type PaidHandler,
  type RequiresPaymentOptions,
} from '../../src/index.js'
import type { Local, LocalOptions } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { isRecord } from '../../src/wire/json.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import { bothPhases, type ShownRequest, type Target } from '../seller/phases/support/phases.js'
import { responseOf, silent, stack, toolCall } from './seller.js'

type Fields = Record<string, unknown>

/** One of the ways to sell the same thing, and what its response phase knows. */
export interface Door {
  name: string
  pair: boolean
  /** Whether the response phase knows what the request phase verified. */
  told: boolean
  shown: ShownRequest
}

const pair = { pair: true, told: true, shown: 'transformed' } as const
export const WRAPPER: Door = { ...pair, name: 'requiresPayment', pair: false }
export const SEALED: Door = { ...pair, name: 'pair, shown the request as forwarded' }
export const UNTOLD: Door = {
  ...pair,
  name: 'pair, shown the request as it came',
  told: false,
  shown: 'original',
}
export const STORED: Door = {
  ...pair,
  name: 'pair, shown the request as it came, with a store',
  shown: 'original',
}
export const SECRETLESS: Door = { ...pair, name: 'pair without secret', told: false }
export const PAIRS = [SEALED, UNTOLD, STORED, SECRETLESS]
export const DOORS = [WRAPPER, ...PAIRS]

/** One call: the event, the terms, and the answer of handler or target. */
export interface Scene {
  /** The event. The default is a paid call of `T___hello`. */
  event?: (local: Local) => Fields
  options?: object | ((local: Local) => object)
  /** What the handler returns and the target answers. The default is a greeting. */
  answer?: unknown
  stack?: LocalOptions
  /** Sets faults before the call. */
  before?: (local: Local) => void
  context?: Context
  responses?: number
}

/** What happened in a call. */
export interface Visit {
  door: Door
  local: Local
  output: InterceptorOutput
  /** What the handler or the target got, for each run. */
  ran: Fields[]
  forwarded: Fields | undefined
}

export const TOOL = 'T___hello'
export const content = [{ type: 'text', text: 'Hello!' }]
export const GREETING = { content }

/** Runs a scene through every door. Each has a stack of its own. */
export function visitAll(scene: Scene, doors: readonly Door[] = DOORS): Promise<Visit[]> {
  return Promise.all(doors.map((door) => visit(door, scene)))
}

export async function visit(door: Door, scene: Scene): Promise<Visit> {
  const local = await stack(scene.stack)
  const { event = (it: Local) => it.paidEvent(TOOL), answer = GREETING, context } = scene
  const given = scene.options ?? {}
  const options = typeof given === 'function' ? (given as (it: Local) => object)(local) : given
  scene.before?.(local)
  const ran: Fields[] = []
  const target: Target = (request) => {
    ran.push(request)
    return answered(answer, request.body['id'])
  }
  const handler: PaidHandler = (received) => {
    ran.push(received as unknown as Fields)
    return answer as string
  }
  const all = doorOptions(local, door, options)
  const handle = door.pair
    ? createInterceptor(all).handle
    : requiresPayment(handler, all as RequiresPaymentOptions)
  const how = { shown: door.shown, responses: scene.responses ?? 1, ...(context && { context }) }
  return { door, local, ran, ...(await bothPhases(handle, event(local), target, how)) }
}

export function doorOptions(local: Local, door: Door, options: object): InterceptorOptions {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const { facilitator, plans, environmentName } = payments
  const bare = { facilitator, plans, environmentName }
  const plan = 'planIds' in options || 'tools' in options ? {} : { planId: local.planId }
  return {
    payments: door === SECRETLESS ? bare : payments,
    logger: silent,
    ...plan,
    ...(door === STORED && { store: memoryStore() }),
    ...options,
  }
}

/** What a Gateway shows of a target that answers what a handler would return. */
export function answered(answer: unknown, id: unknown): Fields {
  const headers = { 'Content-Type': 'application/json' }
  if (isRecord(answer) && isRecord(answer['mcp'])) {
    return { statusCode: 200, headers, ...(answer['mcp']['transformedGatewayResponse'] as Fields) }
  }
  const isRpc = isRecord(answer) && 'jsonrpc' in answer
  const body = isRpc ? { ...answer, id } : { jsonrpc: '2.0', id, result: resultOf(answer) }
  return { statusCode: 200, headers, body }
}

function resultOf(answer: unknown): unknown {
  return typeof answer === 'string' ? { content: [{ type: 'text', text: answer }] } : answer
}

/**
 * An answer that can be compared: its headers are decoded, and what differs between two stacks is left out.
 */
export function comparable(output: InterceptorOutput): unknown {
  const { headers, ...rest } = responseOf(output)
  const decoded = Object.entries(headers).map(([name, value]) => [
    name,
    name.startsWith('payment-') ? decodeHeader(value) : value,
  ])
  const text = JSON.stringify({ ...rest, headers: Object.fromEntries(decoded) as Fields })
  const told: unknown = JSON.parse(
    text
      .replace(/0x[0-9a-f]{40,64}/g, '<hex>')
      .replace(/pi_[0-9a-f]{24}/g, '<hex>')
      .replace(/\d{60,}/g, '<plan>')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'),
  )
  return told
}

/** An event around any body. The body's text is beside it, as the Gateway sends both. */
export function rawEvent(body: unknown, headers: Fields | null | 'none' = {}): Fields {
  const request = { path: '/mcp', httpMethod: 'POST', body }
  return {
    interceptorInputVersion: '1.0',
    mcp: {
      rawGatewayRequest: { body: JSON.stringify(body) },
      gatewayRequest: headers === 'none' ? request : { ...request, headers },
      gatewayResponse: null,
    },
  }
}

/** A call that is paid in the HTTP header. */
export function paidCall(
  local: Local,
  headers: Fields = {},
  call: unknown = toolCall(TOOL),
): Fields {
  return rawEvent(call, { 'payment-signature': local.accessToken(), ...headers })
}

/** The RESPONSE event of a request. */
export function responseTo(event: Fields, gatewayResponse: unknown, request: object = {}): Fields {
  const mcp = event['mcp'] as { gatewayRequest: Fields }
  const gatewayRequest = { ...mcp.gatewayRequest, ...request }
  return { ...event, mcp: { ...mcp, gatewayRequest, gatewayResponse } }
}

/** An output for an MCP target. */
export function mcpOf(output: unknown): InterceptorOutput {
  if (!isRecord(output) || !isRecord(output['mcp'])) throw new Error('no output for MCP')
  return output as unknown as InterceptorOutput
}

/** What the request phase sends on. */
export function forwardedBy(output: unknown): { headers: Record<string, string>; body: Fields } {
  const request = mcpOf(output).mcp.transformedGatewayRequest
  if (request === undefined) throw new Error('nothing was forwarded')
  return { headers: request.headers ?? {}, body: request.body as Fields }
}

/** The response of a target that greets. */
export function delivered(body: unknown = { jsonrpc: '2.0', id: 1, result: GREETING }): Fields {
  return { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body }
}

import { isRecord } from '../../../src/wire/json.js'
import { base64 } from '../../support/events.js'
import { callIn, gatewayEvent, gatewayHttpEvent, gatewayHttpRaw, gatewayRaw } from './doors.js'
import type { Sent } from './doors.js'
import type { Raw } from '../answers.js'
import type { LambdaContext } from './lambda-context.js'
import type { DoorName, Step } from '../plan.js'
import type { Handle } from './shops.js'
import type { Workshop } from './workshop.js'

type Fields = Record<string, unknown>

/** A Gateway with an interceptor before its target. */
export interface Gateway {
  door: DoorName
  /** Where REQUEST and RESPONSE are handed over, in order. */
  requests: readonly Handle[]
  responses: readonly Handle[]
  workshop: Workshop
  /** A new one for each of the interceptor's calls. */
  context: () => LambdaContext
}

/** Hands the phases over to an interceptor of one call. */
export function throughGateway(gateway: Gateway, step: Step, sent: Sent): Promise<Raw | undefined> {
  return gateway.door === 'http pair'
    ? throughHttp(gateway, step, sent)
    : throughMcp(gateway, step, sent)
}

/** RESPONSE runs after a REQUEST that answered, too. */
async function throughMcp(gateway: Gateway, step: Step, sent: Sent): Promise<Raw | undefined> {
  const event = gatewayEvent(sent)
  const { mcp } = event as { mcp: { gatewayRequest: Fields } }
  const first = partsOf(await handOver(gateway, gateway.requests, event), 'mcp')
  const { transformedGatewayRequest: changes, transformedGatewayResponse } = first
  const changed = { ...mcp.gatewayRequest, ...changes }
  let late: LambdaContext | undefined
  let gatewayResponse = transformedGatewayResponse
  if (gatewayResponse === undefined) {
    if (step.response === 'dies') return undefined
    late = gateway.context()
    gatewayResponse = await mcpAnswer(gateway.workshop, changed, late)
  }
  const gatewayRequest = gateway.door === 'stored pair' ? mcp.gatewayRequest : changed
  const second = { ...event, mcp: { ...mcp, gatewayRequest, gatewayResponse } }
  return gatewayRaw(await handOver(gateway, gateway.responses, second, late))
}

/** RESPONSE runs only after the target, and is shown no request. */
async function throughHttp(gateway: Gateway, step: Step, sent: Sent): Promise<Raw | undefined> {
  const event = gatewayHttpEvent(sent)
  const { http } = event as { http: { gatewayRequest: Fields } }
  const first = partsOf(await handOver(gateway, gateway.requests, event), 'http')
  const { transformedGatewayRequest, transformedGatewayResponse } = first
  if (transformedGatewayResponse !== undefined) return gatewayHttpRaw(transformedGatewayResponse)
  if (step.response === 'dies') return undefined
  const late = gateway.context()
  const changed = { ...http.gatewayRequest, ...transformedGatewayRequest }
  const gatewayResponse = await httpAnswer(gateway.workshop, changed, late)
  const second = { interceptorInputVersion: '1.0', http: { gatewayRequest: null, gatewayResponse } }
  const last = partsOf(await handOver(gateway, gateway.responses, second, late), 'http')
  return gatewayHttpRaw({ ...gatewayResponse, ...last.transformedGatewayResponse })
}

/** The last answer counts where an event is handed over several times. A Lambda's event is JSON. */
async function handOver(
  gateway: Gateway,
  handles: readonly Handle[],
  event: Fields,
  given?: LambdaContext,
): Promise<unknown> {
  let output: unknown
  const context = given ?? gateway.context()
  for (const handle of handles) output = await handle(JSON.parse(JSON.stringify(event)), context)
  return output
}

/** What the Gateway says of a Lambda target. One that does not answer in time has failed. */
async function mcpAnswer(
  workshop: Workshop,
  request: Fields,
  context: LambdaContext,
): Promise<Fields> {
  const result = await workshop.runOrTimeOut(callIn(request['body']), context).catch(() => ({
    isError: true,
    content: [{ type: 'text', text: 'the target failed' }],
  }))
  const { id } = request['body'] as { id: unknown }
  const headers = { 'Content-Type': 'application/json' }
  return { statusCode: 200, headers, body: { jsonrpc: '2.0', id, result } }
}

async function httpAnswer(
  workshop: Workshop,
  request: Fields,
  context: LambdaContext,
): Promise<Fields> {
  const call = callIn(Buffer.from(String(request['body']), 'base64').toString())
  const failed = { isError: true, content: [] as unknown[] }
  const done = await workshop.runOrTimeOut(call, context).catch(() => failed)
  const statusCode = done.isError === true ? 500 : 200
  const headers = { 'content-type': 'application/json' }
  const body = base64(JSON.stringify(done.content))
  return { statusCode, headers, body, contentType: headers['content-type'] }
}

function partsOf(output: unknown, of: 'mcp' | 'http'): Parts {
  const parts = isRecord(output) ? output[of] : undefined
  if (!isRecord(parts)) throw new Error('the interceptor gave no output of its kind')
  return parts
}

interface Parts {
  transformedGatewayRequest?: Fields
  transformedGatewayResponse?: Fields
}

import type { Context } from 'aws-lambda'
import type { OpenedEvent } from './event-shape.js'
import { openGateway } from './gateway.js'
import { httpParts } from './http/load.js'
import { openLambdaTarget } from './lambda-target.js'
import { isRecord } from '../../wire/json.js'

/** How HTTP requests are read: as messages of MCP, or as calls by method and path. */
export interface HttpProtocols {
  readonly httpTargets: 'mcp' | 'http'
  readonly httpEvents: 'mcp' | 'http'
}

/**
 * Recognises an event by its shape. The event of a Lambda target is whatever the buyer wrote into the tool's
 * arguments. So its client context is looked at first: arguments cannot pose as an event of another shape.
 *
 * @returns `undefined` if the shape is unknown.
 */
export async function open(
  event: unknown,
  context: Context | undefined,
  { httpTargets, httpEvents }: HttpProtocols,
): Promise<OpenedEvent | undefined> {
  const target = openLambdaTarget(event, context)
  if (target !== undefined) return target
  if (!isRecord(event)) return undefined
  const { mcp, http } = event
  if (isRecord(mcp)) return openGateway(event, mcp)
  const { openGatewayHttp, openHttpEvent } = await httpParts()
  if (isRecord(http)) return openGatewayHttp(event, http, httpTargets)
  return openHttpEvent(event, httpEvents)
}

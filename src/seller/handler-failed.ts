import { asError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'
import { isHttpResponse } from './answer/answer-of.js'
import type { Sale } from './options/sale.js'
import { warnOnce } from './options/warn-once.js'

/** Warns if the error shows that the handler expects another kind of event. */
export function explain(sale: Sale, thrown: unknown): void {
  const pattern = isGateways(sale) ? READS_HTTP : READS_GATEWAY
  if (pattern.test(asError(thrown).message)) warnOfOtherEvent(sale)
}

/** Logs that the answer of the handler cannot be read. */
export function logUnreadable(sale: Sale, given: unknown): void {
  const { call, settings } = sale
  settings.logger.error(UNREADABLE, { tool: call.label })
  if (isGateways(sale) && isRecord(given) && isHttpResponse(given)) warnOfOtherEvent(sale)
}

/** Says once that the handler was probably written for another kind of event. */
function warnOfOtherEvent(sale: Sale): void {
  warnOnce(sale, isGateways(sale) ? FOR_HTTP : FOR_GATEWAY, { tool: sale.call.label })
}

function isGateways({ call }: Sale): boolean {
  return call.transport.shape === 'gateway'
}

/** What a handler of HTTP events throws at an event of a Gateway, which has neither `requestContext` nor `body`. */
const READS_HTTP =
  /of undefined \(reading '(http|domainName|identity)'\)|"undefined" is not valid JSON/
/** What a handler of Gateway events throws at an HTTP event, which has no `mcp`. */
const READS_GATEWAY = /of undefined \(reading '(gatewayRequest|rawGatewayRequest)'\)/

const FOR_HTTP =
  'The handler seems to be written for a Function URL or API Gateway, and got an event of an AgentCore Gateway. Read ' +
  'the tool and its arguments from event.mcp.gatewayRequest.body.params, and return an MCP result.'
const FOR_GATEWAY =
  'The handler seems to be written for an AgentCore Gateway, and got an HTTP event. Read the request from event.body, or ' +
  'put the function behind a Gateway.'
const UNREADABLE =
  'the answer of the handler cannot be read. Expected an MCP result, a JSON-RPC message, or an output or HTTP ' +
  'response whose body is JSON or an event stream with the answer'

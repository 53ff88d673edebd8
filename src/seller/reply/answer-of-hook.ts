import { readAnswer } from '../answer/read-answer.js'
import type { SoldCall } from '../events/call.js'
import type { Reply } from '../events/event-shape.js'
import { toOutput, type SellerOutput } from '../events/output.js'
import { requireSendable } from '../events/sendable.js'
import { headersBeside, withHeaders, withMissing } from './hook-headers.js'
import { isRecord } from '../../wire/json.js'

/**
 * What `onPaymentError` gave, as the answer of the call. It may be a whole output in the shape of the call's
 * event, or one of the forms that a handler of payments-py returns. Either takes the place of our own answer.
 *
 * @param standard the default answer. An answer without a status of its own keeps this one's status.
 * @returns `undefined` if what the hook gave is none of these.
 */
export async function answerOfHook(
  given: unknown,
  call: SoldCall,
  standard: Reply,
): Promise<SellerOutput | undefined> {
  if (!isRecord(given)) return undefined
  const { id, transport } = call
  // A Lambda target may answer with any object, so forms with another meaning are looked for first.
  const isForm = transport.shape === 'lambda-target' && ('jsonrpc' in given || 'mcp' in given)
  const whole = isForm ? undefined : outputOfHook(given, call)
  const added = headersBeside(given, standard)
  if (whole !== undefined) return withHeaders(whole, call, added)
  const own = transport.protocol === 'mcp' ? replyOf(given, standard) : undefined
  if (own?.outcome === undefined) return undefined
  const reply = { ...own, headers: withMissing(own.headers, added) }
  return isSendable(reply, call) ? toOutput(id, transport, reply) : undefined
}

/** An MCP result, a JSON-RPC message, or an output of an interceptor for MCP targets. */
function replyOf(given: Record<string, unknown>, standard: Reply): Reply | undefined {
  if (!isOutput(given) && !isMessage(given) && !isResult(given)) return undefined
  const answer = readAnswer(given, NO_CHARGE)
  if (answer === undefined) return undefined
  const { statusCode, headers, outcome } = answer
  const { refusedWith } = standard
  const isStated = statusCode !== 200 || refusedWith === undefined
  return { statusCode, ...(!isStated && { refusedWith }), headers, outcome, caching: 'no-store' }
}

/** Nothing was sold. */
const NO_CHARGE: ReadonlySet<never> = new Set()

function isOutput({ mcp }: Record<string, unknown>): boolean {
  return isRecord(mcp) && isRecord(mcp['transformedGatewayResponse'])
}

function isMessage({ jsonrpc, result, error }: Record<string, unknown>): boolean {
  return jsonrpc === '2.0' && (isRecord(result) || isRecord(error))
}

function isResult({ content, structuredContent, isError }: Record<string, unknown>): boolean {
  return Array.isArray(content) || isRecord(structuredContent) || typeof isError === 'boolean'
}

function isSendable({ statusCode, headers, outcome }: Reply, { transport }: SoldCall): boolean {
  if (outcome === undefined) return false
  const nothing = { failed: true, unfinished: false, creditsToCharge: 0, amountToCharge: 0 }
  try {
    requireSendable({ statusCode, headers, outcome, ...nothing }, transport)
    return true
  } catch {
    return false
  }
}

/** A whole output in the shape of its event that a hook returned, completed; `undefined` if it is none. */
function outputOfHook(
  given: Record<string, unknown>,
  { transport }: SoldCall,
): SellerOutput | undefined {
  switch (transport.shape) {
    case 'gateway':
      return isTransformed(given['mcp']) ? completed(given) : undefined
    case 'gateway-http':
      return isTransformed(given['http']) ? completed(given) : undefined
    case 'http-event':
      return typeof given['statusCode'] === 'number' ? given : undefined
    case 'lambda-target':
      return Object.keys(given).length > 0 ? given : undefined
  }
}

/** Whether it says what the Gateway is to send on. */
function isTransformed(given: unknown): boolean {
  if (!isRecord(given)) return false
  return (
    isRecord(given['transformedGatewayResponse']) || isRecord(given['transformedGatewayRequest'])
  )
}

function completed(given: Record<string, unknown>): SellerOutput {
  return { ...given, interceptorOutputVersion: '1.0' }
}

import type { AfterToolCallEvent, ToolResultBlock } from '@strands-agents/sdk'
import type { PaymentRequiredRequest } from '../../agentcore/pay/payment-required-request.js'
import { asError } from '../../errors/payment-error.js'
import { getPaymentHandler } from '../handlers/handlers.js'
import { markedAnswer } from '../handlers/marked-answer.js'
import { isFailure } from '../handlers/tool-answer.js'
import { unmarkedAnswer } from '../handlers/unmarked-answer.js'
import { sayOnce, type PayingAgent } from './paying-agent.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/** A tool call that was answered with a 402. */
export interface ToolChallenge {
  request: PaymentRequiredRequest
  handler: PaymentResponseHandler
}

/** @returns `undefined` if there is nothing to pay, or if it must not be paid. */
export function readToolChallenge(
  { toolUse, result }: AfterToolCallEvent,
  paying: PayingAgent,
): ToolChallenge | undefined {
  const { config, logger } = paying
  const { name: tool, input } = toolUse
  if (!config.autoPayment || !config.isToolAllowed(tool)) return undefined
  try {
    const handler = getPaymentHandler(tool, input, config.customHandlers)
    const request = readRequest(handler, result)
    if (request !== undefined) return { request, handler }
    hintAtHidden402(tool, result, paying)
    hintAtQuoted402(tool, result, paying)
  } catch (error) {
    // The developer's own handler threw. The tool's answer may be good.
    logger.error('the answer of a tool could not be read', { tool, error: asError(error) })
  }
  return undefined
}

function readRequest(
  handler: PaymentResponseHandler,
  result: ToolResultBlock,
): PaymentRequiredRequest | undefined {
  if (handler.extractStatusCode(result) !== 402) return undefined
  const headers = handler.extractHeaders(result) ?? {}
  return { statusCode: 402, headers, body: handler.extractBody(result) ?? {} }
}

/** A text that is only an error about a 402, whatever its result says of itself. */
const ERROR_402 = /^(Error: )?HTTP 402\b/

/** How HTTP clients name a 402 in the errors that they throw: fetch wrappers, axios, ky, got, ofetch. */
const NAMES_402 =
  /\b402\W{0,3}(payment required|client error)\b|\b(http|status|status code|response code|error)\W{0,3}402\b/i

function hintAtHidden402(
  tool: string,
  { status, content }: ToolResultBlock,
  paying: PayingAgent,
): void {
  const texts = content.flatMap((block) => (block.type === 'textBlock' ? [block.text] : []))
  const hides = (text: string) =>
    ERROR_402.test(text) || (status === 'error' && NAMES_402.test(text.slice(0, MAX_ERROR_CHARS)))
  if (texts.some(hides)) sayOnce(paying, `${tool} ${HIDES}`, { tool })
}

/** A longer text is no error. Unit: characters. */
const MAX_ERROR_CHARS = 2_000

const HIDES =
  'hides what a 402 asks for in an error, so the call cannot be paid. Let the tool return ' +
  'PAYMENT_REQUIRED_MARKER and the JSON of { statusCode, headers, body } as the message of its error. ' +
  'Or remove the tool, and let the model call http_request of the payments plugin'

/**
 * Warns about a 402 that a tool's good answer quotes. If the tool itself asks for money, its developer has to
 * know.
 */
function hintAtQuoted402(tool: string, result: ToolResultBlock, paying: PayingAgent): void {
  const message = `${tool} ${QUOTES}`
  if (isFailure(result) || paying.said.has(message)) return
  const quoted = markedAnswer(result) ?? unmarkedAnswer(result)
  if (quoted?.statusCode === 402) sayOnce(paying, message, { tool })
}

const QUOTES =
  'has a 402 in the text of a good answer, and that is not paid. If the tool itself asks for money, let it throw an ' +
  'error with PAYMENT_REQUIRED_MARKER and the JSON of { statusCode, headers, body }. If it is a tool of an MCP ' +
  'client, wrap the client with payingMcpClient'

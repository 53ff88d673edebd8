import type { AfterToolCallEvent, ToolResultBlock } from '@strands-agents/sdk'
import type { PaymentRequiredRequest } from '../../agentcore/pay/payment-required-request.js'
import { asError } from '../../errors/payment-error.js'
import { getPaymentHandler } from '../handlers/handlers.js'
import type { PayingAgent } from './paying-agent.js'
import type { PaymentResponseHandler } from '../options/payment-response-handler.js'

/** A tool call that was answered with a 402. */
export interface ToolChallenge {
  request: PaymentRequiredRequest
  handler: PaymentResponseHandler
}

/** @returns `undefined` where there is nothing to pay, or nothing is to be paid */
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
  } catch (error) {
    // Of a handler of the caller's own. What the tool gave may be good.
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

/** As the SDK's own `http_request` has it, which keeps headers and body of a 402 to itself. */
const HIDDEN_402 = /^(Error: )?HTTP 402\b/

function hintAtHidden402(tool: string, { content }: ToolResultBlock, paying: PayingAgent): void {
  const [first] = content
  const isHidden = first?.type === 'textBlock' && HIDDEN_402.test(first.text)
  if (!isHidden || paying.hint.isGiven) return
  paying.hint.isGiven = true
  const fix = 'leave it out of tools, and the plugin provides an http_request that pays'
  paying.logger.warn(`${tool} hides what has to be paid for: ${fix}`, { tool })
}

import type { AfterToolCallEvent } from '@strands-agents/sdk'
import { asError } from '../../errors/payment-error.js'
import { PAYMENT_ERROR_PREFIX } from './error-messages.js'
import { ErrorResolution } from '../options/error-resolution.js'
import type { PayingAgent } from './paying-agent.js'
import { readState, writeState } from './payment-state.js'
import type { ToolChallenge } from './tool-challenge.js'

const EXPECTED =
  "expected 'retry', 'propagate', a text for the model, or nothing. The agent is interrupted"

/** @returns `retry`, a text for the model, or `undefined` to go on as if there were no handler. */
export async function askOnPaymentError(
  { toolUse }: AfterToolCallEvent,
  { request }: ToolChallenge,
  exception: Error,
  { agent, config, logger }: PayingAgent,
): Promise<string | undefined> {
  const { name: tool, toolUseId, input } = toolUse
  const state = readState(agent, toolUseId)
  const { onPaymentError, maxErrorRetries } = config
  if (onPaymentError === undefined || state.errorRetries >= maxErrorRetries) return undefined
  try {
    const answer: unknown = await onPaymentError({
      exception,
      exceptionType: exception.name,
      exceptionMessage: exception.message,
      toolName: tool,
      toolArgs: structuredClone(input),
      paymentRequiredRequest: structuredClone(request),
      config,
      retryCount: state.errorRetries,
    })
    if (answer === undefined || answer === null || answer === ErrorResolution.PROPAGATE) {
      return undefined
    }
    if (typeof answer !== 'string') {
      logger.warn(`onPaymentError returned ${typeof answer}: ${EXPECTED}`, { tool })
      return undefined
    }
    if (answer !== ErrorResolution.RETRY) return `${PAYMENT_ERROR_PREFIX}${answer}`
    // The state is read again, since the handler took time.
    const { errorRetries, ...rest } = readState(agent, toolUseId)
    writeState(agent, toolUseId, { ...rest, errorRetries: errorRetries + 1 })
    return answer
  } catch (error) {
    logger.error('onPaymentError threw', { tool, error: asError(error) })
    return undefined
  }
}

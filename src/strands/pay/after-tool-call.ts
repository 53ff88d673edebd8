import {
  TextBlock,
  ToolResultBlock,
  type AfterToolCallEvent,
  type LocalAgent,
} from '@strands-agents/sdk'
import { pause, realClock } from '../../time/clock.js'
import { asError } from '../../errors/payment-error.js'
import { askOnPaymentError } from './ask-on-payment-error.js'
import { CANCELLED, paymentErrorText } from './error-messages.js'
import { ErrorResolution } from '../options/error-resolution.js'
import { paymentFailure } from './failure-record.js'
import { mayTryAgain, payOnce } from './pay-once.js'
import type { PayingAgent } from './paying-agent.js'
import { readState, writeState, type PaymentState } from './payment-state.js'
import { readToolChallenge, type ToolChallenge } from './tool-challenge.js'

/**
 * Acts on a tool call that was answered with a 402. It pays and has the call made again, or interrupts
 * the agent, or tells the model that the payment failed. Never throws: a throw
 * would end the agent.
 */
export async function afterToolCall(event: AfterToolCallEvent, paying: PayingAgent): Promise<void> {
  const challenge = readToolChallenge(event, paying)
  if (challenge === undefined) return
  try {
    await answerChallenge(event, challenge, paying)
  } catch (error) {
    tellModel(event, paymentErrorText(asError(error)))
    const { name: tool } = event.toolUse
    paying.logger.error('paying for a tool failed', { tool, error: asError(error) })
  }
}

async function answerChallenge(
  event: AfterToolCallEvent,
  challenge: ToolChallenge,
  paying: PayingAgent,
): Promise<void> {
  const { agent } = paying
  for (;;) {
    const error = await payOnce(event, challenge, paying)
    if (isCancelled(agent)) return tellModel(event, CANCELLED)
    if (error === undefined) return repeatCall(event, paying)
    const answer = await askOnPaymentError(event, challenge, error, paying)
    if (isCancelled(agent)) return tellModel(event, CANCELLED)
    if (answer !== undefined && answer !== ErrorResolution.RETRY) return tellModel(event, answer)
    const state = readState(agent, event.toolUse.toolUseId)
    if (answer === undefined || !mayTryAgain(state)) return interrupt(event, error, paying)
    if (state.isSigned) return sendAgain(event, state, paying)
  }
}

/**
 * Interrupts the agent by repeating the call: hooks before a tool call can interrupt the agent, hooks after
 * it cannot.
 */
function interrupt(event: AfterToolCallEvent, error: Error, paying: PayingAgent): void {
  const { agent, config, logger } = paying
  const { toolUseId, name: tool } = event.toolUse
  const state = readState(agent, toolUseId)
  // Nothing handled the failure before: background tasks are repeated without such hooks.
  const isIgnored = state.failure !== undefined
  if (isIgnored || state.interrupts >= config.maxInterruptRetries) {
    writeState(agent, toolUseId, { ...state, failure: undefined })
    logger.warn('a tool was not paid for', { tool, error })
    return tellModel(event, paymentErrorText(error))
  }
  const failure = paymentFailure(event.toolUse, error, state.failures)
  writeState(agent, toolUseId, { ...state, failure, interrupts: state.interrupts + 1 })
  event.retry = true
}

/** Sends the payment that was already signed. */
async function sendAgain(
  event: AfterToolCallEvent,
  state: PaymentState,
  paying: PayingAgent,
): Promise<void> {
  const counted = { ...state, attempts: state.attempts + 1 }
  writeState(paying.agent, event.toolUse.toolUseId, counted)
  await repeatCall(event, paying)
}

async function repeatCall(
  event: AfterToolCallEvent,
  { agent, config }: PayingAgent,
): Promise<void> {
  const delayMs = config.postPaymentRetryDelaySeconds * 1000
  // It throws the reason of the signal. The signal is looked at next.
  await pause(realClock, delayMs, agent.cancelSignal).catch(() => undefined)
  if (isCancelled(agent)) return tellModel(event, CANCELLED)
  event.retry = true
}

function isCancelled({ cancelSignal }: LocalAgent): boolean {
  return cancelSignal.aborted
}

/** Gives the model this text in place of the 402. */
function tellModel(event: AfterToolCallEvent, text: string): void {
  const { toolUseId } = event.toolUse
  const content = [new TextBlock(text)]
  event.result = new ToolResultBlock({ toolUseId, status: 'error', content })
}

import type { AfterToolCallEvent } from '@strands-agents/sdk'
import { mayBeCharged } from '../../agentcore/aws/outcome.js'
import { PaymentError, asError } from '../../errors/payment-error.js'
import { MAX_PAYMENT_RETRIES } from './failure-record.js'
import type { PayingAgent } from './paying-agent.js'
import { PaymentRejected } from './payment-rejected.js'
import { readState, writeState, type PaymentState } from './payment-state.js'
import { signPayment } from './sign-payment.js'
import type { ToolChallenge } from './tool-challenge.js'

/**
 * Gets the payment for the next attempt at a tool call. A call has one payment, whatever its seller says
 * about it, and whichever process goes on with it.
 *
 * @returns why there is no payment. The failure is counted.
 */
export async function payOnce(
  event: AfterToolCallEvent,
  challenge: ToolChallenge,
  paying: PayingAgent,
): Promise<Error | undefined> {
  const error = await tryToPay(event, challenge, paying)
  if (error === undefined) return undefined
  const { toolUseId } = event.toolUse
  const state = readState(paying.agent, toolUseId)
  writeState(paying.agent, toolUseId, { ...state, failures: state.failures + 1 })
  return error
}

/** Whether another attempt may be made before the agent is interrupted. */
export function mayTryAgain({ attempts }: PaymentState): boolean {
  return attempts < MAX_PAYMENT_RETRIES
}

async function tryToPay(
  event: AfterToolCallEvent,
  challenge: ToolChallenge,
  paying: PayingAgent,
): Promise<Error | undefined> {
  const { agent, signed } = paying
  const { toolUseId } = event.toolUse
  const before = readState(agent, toolUseId)
  if (before.isSigned) {
    return signed.has(toolUseId) ? new PaymentRejected(challenge.request.body) : signedElsewhere()
  }
  if (!mayTryAgain(before)) return tooMany()
  const state = { ...before, attempts: before.attempts + 1 }
  writeState(agent, toolUseId, state)
  try {
    signed.set(toolUseId, await signPayment(event, challenge, state, paying))
    writeState(agent, toolUseId, { ...state, isSigned: true })
    return undefined
  } catch (error) {
    const refusals = state.refusals + (isRefusal(error) ? 1 : 0)
    writeState(agent, toolUseId, { ...state, refusals })
    return asError(error)
  }
}

/** The payment was signed in another process. Payments are kept in memory only. */
function signedElsewhere(): PaymentError {
  const message = 'The payment was signed before and is no longer at hand. It is not made again'
  return new PaymentError('payment_unusable', message)
}

function tooMany(): PaymentError {
  const message = `${MAX_PAYMENT_RETRIES} payments for one tool call failed, and no more are tried`
  return new PaymentError('limit_exceeded', message)
}

/**
 * Whether the payment was refused. A payment that may have been charged is asked for again as the same
 * payment.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof PaymentError && !mayBeCharged(error)
}

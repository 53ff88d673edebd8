import { createHash, randomUUID } from 'node:crypto'
import type { LocalAgent } from '@strands-agents/sdk'
import * as z from 'zod/mini'
import { defined } from '../../agentcore/aws/defined.js'
import { PaymentFailureSchema } from './failure-record.js'

const count = z.int().check(z.minimum(0))

const PaymentState = z.object({
  /** Names this tool call and no other, whatever ids a model gives. */
  id: z.string().check(z.minLength(1)),
  /** Attempts to pay since the last interrupt: payments that were signed, refused, or sent once more. */
  attempts: count,
  /** Attempts that failed, all told. Never counted down. */
  failures: count,
  /** Payments that are known to have been refused: what is tried next is another one. */
  refusals: count,
  /** Retries that `onPaymentError` asked for since the last interrupt. */
  errorRetries: count,
  interrupts: count,
  isSigned: z.boolean(),
  /** To be raised as an interrupt by the next attempt. */
  failure: z.optional(PaymentFailureSchema),
})

/**
 * How far the payment for one tool call is. Kept in the agent's `appState`, so that a snapshot has it and
 * the call is not paid again by another process. Nothing in it is a payment.
 */
export type PaymentState = z.infer<typeof PaymentState>

type WithAppState = Pick<LocalAgent, 'appState'>

export function readState({ appState }: WithAppState, toolUseId: string): PaymentState {
  const { data } = PaymentState.safeParse(appState.get(keyOf(toolUseId)))
  return data ?? { id: randomUUID(), ...FRESH }
}

const FRESH = {
  attempts: 0,
  failures: 0,
  refusals: 0,
  errorRetries: 0,
  interrupts: 0,
  isSigned: false,
}

export function writeState(
  { appState }: WithAppState,
  toolUseId: string,
  state: PaymentState,
): void {
  appState.set(keyOf(toolUseId), defined(state))
}

/** When the answer is in the conversation: the next call with this id, if there is one, is another. */
export function forgetState({ appState }: WithAppState, toolUseId: string): void {
  appState.delete(keyOf(toolUseId))
}

function keyOf(toolUseId: string): string {
  return `agentcore_payment_${toolUseId}`
}

/**
 * The client token of a payment: the same for one whose outcome is unknown, so that AWS does not sign it
 * twice, and another for any other.
 *
 * @param what all that makes it this payment
 */
export function clientTokenOf({ id, refusals }: PaymentState, what: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([id, refusals, what]))
    .digest('hex')
}

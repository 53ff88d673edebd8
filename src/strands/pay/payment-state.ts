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
  /** Failed attempts in all. This number is never counted down. */
  failures: count,
  /** Payments that are known to have been refused. The next attempt makes another payment. */
  refusals: count,
  /** Retries that `onPaymentError` asked for since the last interrupt. */
  errorRetries: count,
  interrupts: count,
  isSigned: z.boolean(),
  /** A failure that the next attempt raises as an interrupt. */
  failure: z.optional(PaymentFailureSchema),
})

/**
 * The state of the payment for one tool call. It is kept in the agent's `appState`, so a snapshot has it, and
 * another process does not pay the call again. It holds no payment.
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

/** Forgets the state when the conversation has the answer. The next call with this id is another call. */
export function forgetState({ appState }: WithAppState, toolUseId: string): void {
  appState.delete(keyOf(toolUseId))
}

function keyOf(toolUseId: string): string {
  return `agentcore_payment_${toolUseId}`
}

/**
 * The client token of a payment. A payment whose outcome is unknown keeps its token, so that AWS does not
 * sign it twice. Any other payment has another token.
 *
 * @param what everything that makes it this payment
 */
export function clientTokenOf({ id, refusals }: PaymentState, what: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([id, refusals, what]))
    .digest('hex')
}

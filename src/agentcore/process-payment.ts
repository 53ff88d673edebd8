import type { ProcessPaymentResponse } from '@aws-sdk/client-bedrock-agentcore'
import { setTimeout as sleep } from 'node:timers/promises'
import { PaymentError } from '../errors.js'
import type { Answer, CallOptions } from './control-plane.js'
import { AwsError } from './errors.js'
import { Facts } from './facts.js'
import { requireTexts } from './input-checks.js'
import { tokenOf, type ManagedCalls } from './managed-calls.js'
import { processPaymentError } from './manager-errors.js'
import type { ProcessPaymentInput } from './operations.js'

export type ProcessedPayment = Answer<ProcessPaymentResponse>

/** Requests a payment is worth in all, those of the SDK included. */
const MIN_ATTEMPTS = 3
/** Doubled with each repetition. */
const PAUSE_MS = 100

/**
 * Has AWS sign a payment. One whose answer is lost is asked for again with the same client token, which is
 * the same payment. The SDK does so for most losses; this is for the others, and for clients told not to.
 *
 * @throws PaymentError; where the outcome stays unknown, it says so.
 */
export async function processPayment(
  calls: ManagedCalls,
  input: ProcessPaymentInput,
  options: CallOptions = {},
): Promise<ProcessedPayment> {
  requireTexts(input, 'paymentSessionId', 'paymentInstrumentId', 'paymentType')
  const members = { ...input, ...calls.owner(input), ...tokenOf(input) }
  const send = () =>
    calls.call(
      'ProcessPayment',
      (sdk) => new sdk.ProcessPaymentCommand(members),
      options,
      processPaymentError,
    )
  return untilAnswered(send, options)
}

async function untilAnswered(
  send: () => Promise<ProcessedPayment>,
  { abortSignal }: CallOptions,
): Promise<ProcessedPayment> {
  let attempts = 0
  for (let pauseMs = PAUSE_MS; ; pauseMs *= 2) {
    try {
      return await send()
    } catch (error) {
      abortSignal?.throwIfAborted()
      if (!(error instanceof PaymentError) || !isUnknown(error)) throw error
      attempts += attemptsOf(error)
      if (attempts >= MIN_ATTEMPTS) throw outcomeUnknown(error)
    }
    await pause(pauseMs, abortSignal)
  }
}

/** AWS may have signed and charged the session. */
function isUnknown({ code, cause }: PaymentError): boolean {
  if (code === 'network_error') return !(cause instanceof Facts && NEVER_SENT.has(cause.code ?? ''))
  if (code === 'timeout' || code === 'unreadable_answer') return true
  const status = cause instanceof Facts ? (cause.httpStatus ?? 0) : 0
  return status >= 500
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

function attemptsOf({ cause }: PaymentError): number {
  return cause instanceof Facts ? (cause.attempts ?? 1) : 1
}

function outcomeUnknown(error: PaymentError): PaymentError {
  const what = 'the session may have been charged, nothing was sent to the seller'
  const [message, options] = [`${error.message}; ${what}`, { cause: error.cause }]
  return error instanceof AwsError
    ? new AwsError(error.code.replace(/^aws\./, ''), message, options)
    : new PaymentError(error.code, message, options)
}

async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(pauseMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
}

import type { ProcessPaymentResponse } from '@aws-sdk/client-bedrock-agentcore'
import { noteCharge } from '../../client/buying/charges.js'
import { PaymentError } from '../../errors/payment-error.js'
import type { AwsFailure } from '../aws/aws-error.js'
import { MAY_BE_CHARGED, type Outcome, mayBeCharged, newOutcome } from '../aws/outcome.js'
import { pause, realClock } from '../../time/clock.js'
import { AwsError } from '../aws/errors.js'
import { ErrorFacts } from '../../errors/error-facts.js'
import { checkMembers, type Members } from './input-checks.js'
import { tokenOf, type ManagedCalls } from './managed-calls.js'
import { processPaymentError } from './manager-errors.js'
import type { ProcessPaymentInput } from '../aws/operations.js'
import type { AwsAnswer, CallOptions } from '../aws/sdk-call.js'

/**
 * A payment that AWS has signed. Its proof is in `paymentOutput`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ProcessPayment.html
 */
export type ProcessedPayment = AwsAnswer<ProcessPaymentResponse>

/**
 * The members of the input. AWS takes the connector from the instrument, and refuses a call that names one.
 */
const MEMBERS: Members<ProcessPaymentInput> = {
  userId: 'any',
  clientToken: 'any',
  paymentSessionId: 'text',
  paymentInstrumentId: 'text',
  paymentType: 'text',
  paymentInput: 'any',
}
/** How many requests one payment may need, including those of the SDK. */
const MIN_ATTEMPTS = 3
/** The first pause. It is doubled with each repetition. Unit: ms. */
const PAUSE_MS = 100

/**
 * Has AWS sign a payment. If the answer is lost, it is asked for again with the same client token, which is
 * the same payment. The SDK does so after most losses. This function does so after the others, and for
 * clients that may not repeat.
 *
 * @throws PaymentError. If any attempt may have been carried out, its message says so.
 */
export async function processPayment(
  calls: ManagedCalls,
  input: ProcessPaymentInput,
  options: CallOptions = {},
): Promise<ProcessedPayment> {
  checkMembers(input, MEMBERS)
  const members = { ...input, ...calls.owner(input), ...tokenOf(input) }
  const outcome = newOutcome()
  const send = () =>
    calls.call(
      'ProcessPayment',
      (sdk) => new sdk.ProcessPaymentCommand(members),
      { ...options, outcome },
      (failure) => refusalOf(failure, outcome),
    )
  const isNotCharged = noteCharge()
  try {
    return await untilAnswered(send, outcome, options)
  } catch (error) {
    if (!outcome.mayBeDone) isNotCharged()
    throw error
  }
}

/**
 * Repeats until there is an answer. Every attempt counts: the last one may never have left, and does not tell
 * of those before it.
 */
async function untilAnswered(
  send: () => Promise<ProcessedPayment>,
  outcome: Outcome,
  { abortSignal }: CallOptions,
): Promise<ProcessedPayment> {
  let calls = 0
  for (let pauseMs = PAUSE_MS; ; pauseMs *= 2) {
    calls += 1
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof PaymentError) || !outcome.mayBeDone) throw error
      // A call may end before its first attempt, e.g. if there is no token.
      const isEnough = Math.max(calls, outcome.attempts) >= MIN_ATTEMPTS
      if (isEnough || isRefusal(error)) throw outcomeUnknown(error)
    }
    await pause(realClock, pauseMs, abortSignal)
  }
}

/** Whether AWS refused, so that asking once more would change nothing. */
function isRefusal({ cause }: PaymentError): boolean {
  const { httpStatus = 0 } = cause instanceof ErrorFacts ? cause : {}
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429
}

/** An error of AWS after an answer that was lost, e.g. that the budget is spent. */
function refusalOf(failure: AwsFailure, { mayBeDone }: Outcome): PaymentError | undefined {
  if (!mayBeDone) return processPaymentError(failure)
  const { name, options } = failure
  const message = `${failure.message}; ${MAY_BE_CHARGED}`
  return processPaymentError({ ...failure, message }) ?? new AwsError(name, message, options)
}

function outcomeUnknown(error: PaymentError): PaymentError {
  if (mayBeCharged(error)) return error
  const [message, options] = [`${error.message}; ${MAY_BE_CHARGED}`, { cause: error.cause }]
  return error instanceof AwsError
    ? new AwsError(error.code.replace(/^aws\./, ''), message, options)
    : new PaymentError(error.code, message, options)
}

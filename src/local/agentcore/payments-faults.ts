import { FaultQueue, type FaultTiming } from '../http/faults.js'
import { AwsFault } from './world/aws-error.js'

/** What goes wrong at the payments service. It hits the next call, unless `times` or `skip` say otherwise. */
export type PaymentsFault = FaultTiming & {
  /** AWS's name of the operation, e.g. `ProcessPayment`. Default: every operation. */
  operation?: string
} & (
    | { kind: 'delay'; delayMs: number }
    /** The connection breaks before anything happens. */
    | { kind: 'reset' }
    /** The call is carried out, then the connection breaks. */
    | { kind: 'lost-answer' }
    /** The call is carried out, and the answer is no JSON. */
    | { kind: 'garbage' }
    /**
     * The call is not carried out, and the answer is an error of AWS.
     *
     * @default name `InternalServerException`, status 500
     */
    | { kind: 'error'; name?: string; status?: number; message?: string }
    /**
     * The manager or connector that the call creates, updates or deletes ends in `CREATE_FAILED`,
     * `UPDATE_FAILED` or `DELETE_FAILED`. A connector of `QUICK_CREATE` ends in `AUTHENTICATION_FAILED`.
     */
    | { kind: 'fail' }
    /** The call is carried out, and this function changes the answer. */
    | { kind: 'edit'; edit: (answer: Record<string, unknown>) => unknown }
  )

/** The faults of one payments service. */
export class PaymentsFaults extends FaultQueue<PaymentsFault> {
  /** All faults that hit this call. */
  take(operation: string): PaymentsFault[] {
    return this.takeWhere((fault) => (fault.operation ?? operation) === operation)
  }
}

/**
 * The fault that decides about a call. Delays are not among them.
 *
 * @throws AwsFault if the fault is an error.
 */
export function faultIn(hits: readonly PaymentsFault[]): PaymentsFault | undefined {
  const fault = hits.find(({ kind }) => kind !== 'delay')
  if (fault?.kind !== 'error') return fault
  const { name = 'InternalServerException', status = 500, message = 'A fault was set' } = fault
  const members = name === 'ValidationException' ? { reason: 'FieldValidationFailed' } : {}
  throw new AwsFault(name, status, message, members)
}

/** The answer, or what a fault makes of it. */
export function answerIn(answer: unknown, fault: PaymentsFault | undefined): unknown {
  if (fault?.kind !== 'edit') return answer
  return fault.edit(structuredClone(answer) as Record<string, unknown>)
}

import { PaymentsError } from '../errors/payments-error.js'
import { SettleResponseSchema } from '../wire/x402.js'
import type {
  Answered,
  FacilitatorPayment,
  FacilitatorRequirements,
  SettleCall,
} from './facilitator-client.js'
import { askMember, type Member } from './member.js'
import { countdown } from '../time/countdown.js'
import { failureOfX402 } from './x402-failure.js'

/** A settle that got no answer. */
export class SettleFailedError extends PaymentsError {
  /** The facilitator that failed. If the outcome is unknown, only this one may be asked again. */
  readonly by: number

  constructor(error: unknown, by: number) {
    super(failureOfX402(error), error instanceof Error ? { cause: error.cause } : undefined)
    this.by = by
  }
}

/** Asks one facilitator after the other. The next one is asked only if nothing was sent. @throws SettleFailedError */
export async function settleAt(
  turn: readonly Member[],
  payment: FacilitatorPayment,
  requirements: FacilitatorRequirements,
  { timeoutMs, correlationId, mayMoveOn = true }: SettleCall,
): Promise<Answered> {
  const leftMs = countdown(timeoutMs)
  let failed: SettleFailedError | undefined
  for (const member of turn) {
    const { by, client } = member
    const call = { timeoutMs: leftMs(), correlationId }
    if (failed !== undefined && (call.timeoutMs <= 0 || !mayMoveOn)) break
    try {
      const answer = await askMember(member, SettleResponseSchema, call, (sent) =>
        client.settle(payment, requirements, sent),
      )
      return { answer, by }
    } catch (error) {
      failed = new SettleFailedError(error, by)
      if (!nothingWasSent(failed)) break
    }
  }
  throw failed ?? new Error('no facilitator')
}

function nothingWasSent({ outcome, httpStatus }: PaymentsError): boolean {
  return outcome === 'unavailable' && httpStatus === undefined
}

import { isRecord } from '../../wire/json.js'
import type { SettleAnswer } from './facilitator.js'
import type { Body } from './order.js'

/** Settlements that happened and were called pending, by what was to be settled. */
export class PendingSettlements {
  readonly #answers = new Map<string, SettleAnswer>()

  /** Keeps the answer for the next time it is asked for. @returns what is said instead. */
  hold(body: Body, answer: SettleAnswer): SettleAnswer {
    if (!answer.success || answer.transaction === '') return answer
    this.#answers.set(keyOf(body), answer)
    const { transaction, network, payer } = answer
    return {
      success: false,
      errorReason: 'settlement_pending',
      transaction,
      network,
      ...(payer !== undefined && { payer }),
    }
  }

  /** What became of a settlement, once. */
  take(body: Body): SettleAnswer | undefined {
    const key = keyOf(body)
    const answer = this.#answers.get(key)
    this.#answers.delete(key)
    return answer
  }
}

/** The signature, and what it was settled for. */
function keyOf({ paymentPayload: { payload }, paymentRequirements }: Body): string {
  const { scheme, network, asset, payTo, amount, maxAmountRequired } = paymentRequirements
  const signature = isRecord(payload) ? payload['signature'] : undefined
  return JSON.stringify([signature, scheme, network, asset, payTo, amount ?? maxAmountRequired])
}

import { randomUUID } from 'node:crypto'
import { isRecord } from '../../wire/json.js'
import type { SettleAnswer } from './facilitator.js'
import type { Body } from './order.js'
import type { PendingForm } from './x402-faults.js'

/** An answer and its status. */
export interface PendingAnswer {
  status: number
  body: unknown
}

/** Settlements that happened and were called pending. They are found by the payment, and by their ids. */
export class PendingSettlements {
  readonly #answers = new Map<string, SettleAnswer>()
  readonly #byId = new Map<string, SettleAnswer>()

  /**
   * Keeps an answer until it is asked for again.
   *
   * @returns the answer that is sent instead.
   */
  hold(body: Body, answer: SettleAnswer, form: PendingForm = 'standard'): PendingAnswer {
    if (!answer.success || answer.transaction === '') return { status: 200, body: answer }
    this.#answers.set(keyOf(body), answer)
    const { transaction, network, payer } = answer
    const about = { network, ...(payer !== undefined && { payer }) }
    const pending = { success: false, errorReason: 'settlement_pending', transaction, ...about }
    if (form === 'standard') return { status: 200, body: pending }
    if (form === 'cdp') return { status: 500, body: pending }
    const paymentId = randomUUID()
    this.#byId.set(paymentId, answer)
    if (form === 'accepted') {
      return { status: 202, body: { paymentId, status: 'pending', retryAfterMs: 1_000 } }
    }
    const statusUrl = `https://facilitator.invalid/status/${paymentId}`
    const extensions = { 'settlement-status': { status: 'pending', paymentId, statusUrl } }
    return { status: 200, body: { ...pending, transaction: null, extensions } }
  }

  /** Takes the answer that was kept for a payment. It is given once. */
  take(body: Body): SettleAnswer | undefined {
    const key = keyOf(body)
    const answer = this.#answers.get(key)
    this.#answers.delete(key)
    return answer
  }

  /** The answer to a question by the id of a settlement. */
  statusOf(paymentId: string, isPending: boolean): PendingAnswer {
    const settled = this.#byId.get(paymentId)
    if (settled === undefined) return { status: 404, body: { code: 404, message: 'Not found' } }
    const { transaction, network, payer, amount } = settled
    const about = { paymentId, network, reason: null, amount, payer }
    const body = isPending
      ? { ...about, status: 'pending', transaction: null }
      : { ...about, status: 'completed', transaction }
    return { status: 200, body }
  }
}

/** The key of a settlement: the signature, and what it was settled for. */
function keyOf({ paymentPayload: { payload }, paymentRequirements }: Body): string {
  const { scheme, network, asset, payTo, amount, maxAmountRequired } = paymentRequirements
  const signature = isRecord(payload) ? payload['signature'] : undefined
  return JSON.stringify([signature, scheme, network, asset, payTo, amount ?? maxAmountRequired])
}

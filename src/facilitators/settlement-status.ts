import { isRecord } from '../wire/json.js'

/** The reason by which facilitators say that a settlement was sent and may still be confirmed. */
export const SETTLEMENT_PENDING = 'settlement_pending'

/**
 * What a facilitator calls a settlement. Both names may be shown to anybody, because they are checked not to be
 * prose.
 */
export interface SettlementNames {
  /** The hash of the transaction. */
  readonly transaction?: string
  /** The facilitator's own id of the settlement. It is not the buyer's name of the payment. */
  readonly settlementId?: string
}

/**
 * Every name that an answer to settle gives the settlement. Circle writes its id into the extension
 * `settlement-status`, and older versions of Circle beside the other members.
 *
 * @see https://developers.circle.com/api-reference/facilitator-service
 */
export function settlementNames(answer: Readonly<Record<string, unknown>>): SettlementNames {
  const transaction = nameIn(answer['transaction'])
  const settlementId = nameIn(statusIn(answer)['paymentId']) ?? nameIn(answer['paymentId'])
  return namesIn({ transaction, settlementId })
}

/** Takes the names out of an object, without those that are missing. */
export function namesIn(named: {
  readonly transaction?: string | undefined
  readonly settlementId?: string | undefined
}): SettlementNames {
  const { transaction, settlementId } = named
  return {
    ...(transaction !== undefined && { transaction }),
    ...(settlementId !== undefined && { settlementId }),
  }
}

/** Whether an answer to settle says that the settlement may still be confirmed. */
export function saysPending(answer: Readonly<Record<string, unknown>>): boolean {
  if (answer['errorReason'] === SETTLEMENT_PENDING) return true
  return answer['success'] !== true && statusIn(answer)['status'] === 'pending'
}

function statusIn({ extensions }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const status = isRecord(extensions) ? extensions['settlement-status'] : undefined
  return isRecord(status) ? status : {}
}

function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? value : undefined
}

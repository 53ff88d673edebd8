import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import { type Beside, beside } from '../../time/beside.js'
import type { Answer } from '../answer/answer.js'
import type { DeadCode } from '../options/dead-code.js'
import type {
  AskedSettle,
  KeptPayment,
  PaymentRecord,
  Settlement,
} from '../options/payment-record.js'
import type { HoldSale } from '../options/sale.js'
import { type Change, changedRecord } from './changed-record.js'
import { toKept } from './kept-answer.js'
import type { Kept } from '../options/payment-store.js'
import { orUnavailable } from './store-failure.js'

/** Another call has taken the payment over, so this one may neither settle nor deliver. */
export class TakenOverError extends PaymentUnavailableError {
  constructor() {
    super('payment_in_use', 'another call has taken this payment over')
  }
}

/** Work that takes longer than this is recorded while it goes on. Unit: ms. */
const WRITTEN_AFTER_MS = 250

/** Names by which a settlement can be looked up. */
export interface Whereabouts {
  readonly transaction?: string | undefined
  readonly settlementId?: string | undefined
}

/** What is known of a payment that may be settled. */
interface Unsettled extends Whereabouts {
  readonly wasUsedBefore?: boolean
  /** Whether the buyer got the work all the same. */
  readonly isDelivered?: boolean
}

/**
 * One call's hold on its payment. It records how far the payment has come. If the condition of a write fails,
 * another call has taken the payment over, and this call ends.
 *
 * A store that fails ends the call only while no money has moved. Afterwards the failure is logged, and
 * nothing more is written. The buyer gets the answer, unless the lease is over and the work may have been
 * done again. The record stays in work until its lease is over.
 */
export class Hold {
  readonly #sale: HoldSale
  readonly #keepsAnswers: boolean
  #record: PaymentRecord
  /** Whether a write was lost. Then it is not known what the store holds. */
  #isLost = false
  /** The write that runs beside the work. */
  #beside: Beside | undefined
  /** Whether a write failed. The store may have carried it out all the same. */
  #hasFailed = false

  constructor(sale: HoldSale, record: PaymentRecord, keepsAnswers: boolean) {
    this.#sale = sale
    this.#record = record
    this.#keepsAnswers = keepsAnswers
  }

  get record(): PaymentRecord {
    return this.#record
  }

  /** Whether another call may have taken the payment over. */
  get isOver(): boolean {
    return this.#record.leaseUntil <= this.#sale.settings.now()
  }

  /** Takes over a payment that no call works on. @returns whether no other call was faster. */
  async takeOver(
    next: Pick<PaymentRecord, 'state' | 'owner' | 'leaseUntil'>,
    payment: KeptPayment | undefined,
  ): Promise<boolean> {
    const { state: before, wasTakenOver } = this.#record
    const isLeftOver = before === 'unverified' || before === 'claimed'
    const change = { ...next, nextAttemptAt: 0, wasTakenOver: wasTakenOver || isLeftOver }
    return orUnavailable(() => this.#write(change, { payment }))
  }

  /** Records that a facilitator called the payment good. */
  async verified(): Promise<void> {
    if (this.#record.state === 'claimed') return
    requireWritten(await orUnavailable(() => this.#write({ state: 'claimed' })))
  }

  /**
   * Records that a facilitator called the payment good, and that the work begins. This is written beside the
   * work, and only if the work takes a while: until then, another call with this payment waits anyway. If the
   * work may not be done again, it is written first.
   */
  async workBegins(): Promise<void> {
    if (this.#sale.settings.onTakeover === 'unknown') return this.verified()
    if (this.#record.state === 'claimed') return
    this.#beside = beside(WRITTEN_AFTER_MS, () => this.#replace({ state: 'claimed' }))
  }

  /** Records a settle before it is sent. If the work comes first, its answer is recorded too. */
  async settling(asked: AskedSettle, answer?: Answer): Promise<void> {
    const kept = { answer: answer && this.#keepsAnswers ? toKept(answer) : undefined }
    const isWritten = orUnavailable(() => this.#write({ state: 'settling', asked }, kept))
    requireWritten(
      await isWritten.catch((thrown: unknown) => {
        this.#isLost = true
        throw thrown
      }),
    )
  }

  /** Records that the money is there. The answer, if one was kept, goes out now. */
  async settled(settlement: Settlement): Promise<void> {
    requireWritten(
      await this.#note({ state: 'settled', settlement, isDelivered: true, leaseUntil: 0 }),
    )
  }

  /** Records that the money is there and the work begins. */
  async paid(settlement: Settlement, leaseUntil: number): Promise<void> {
    requireWritten(
      await this.#note({ state: 'settled', settlement, isDelivered: false, leaseUntil }),
    )
  }

  /** Records that paid work is done. */
  async delivered(answer: Answer): Promise<void> {
    const kept = { answer: this.#keepsAnswers ? toKept(answer) : undefined }
    const change = { isDelivered: true, leaseUntil: 0 }
    requireWritten(await this.#whileHeld(() => this.#write(change, kept)))
  }

  /**
   * Records that paid work failed.
   *
   * @param more the refund, its settlement, and until when no other call may report it
   * @returns whether this call is the first to say that a refund is due. True also if that is not known.
   */
  async refundDue(
    more: Required<Pick<Change, 'refund' | 'settlement' | 'leaseUntil'>>,
    answer: Answer | undefined,
  ): Promise<boolean> {
    const kept = { answer: answer && this.#keepsAnswers ? toKept(answer) : undefined }
    return this.#note({ state: 'refund_due', isDelivered: true, ...more }, kept)
  }

  /**
   * Takes on the report of the refund. @returns whether no other call was faster; false if the store fails.
   */
  async reporting(leaseUntil: number): Promise<boolean> {
    return (await this.#note({ leaseUntil })) && !this.#hasFailed
  }

  /**
   * @param isHeard whether the seller has heard of the refund. If not, another call may report it at once.
   */
  async reported(isHeard: boolean): Promise<void> {
    await this.#note({ isRefundReported: isHeard, leaseUntil: 0 })
  }

  /** Records that finished work was not charged. The same payment may be settled later. */
  async refused(): Promise<void> {
    requireWritten(await this.#whileHeld(() => this.#write({ state: 'refused', leaseUntil: 0 })))
  }

  /** Records that money may have moved. */
  async unsettled(
    state: 'pending' | 'unknown',
    { transaction, settlementId, wasUsedBefore, isDelivered }: Unsettled,
  ): Promise<void> {
    await this.#note({
      state,
      isDelivered: this.#record.isDelivered || isDelivered === true,
      wasUsedBefore: this.#record.wasUsedBefore || wasUsedBefore === true,
      leaseUntil: 0,
      transaction: transaction ?? this.#record.transaction,
      settlementId: settlementId ?? this.#record.settlementId,
    })
  }

  /** Records when a worker looks again. @returns whether it was written. */
  async lookAgain(search: Pick<PaymentRecord, 'attempts' | 'nextAttemptAt'>): Promise<boolean> {
    return orUnavailable(() => this.#write({ ...search, leaseUntil: 0 }))
  }

  /** Records that a worker gave the payment up. @returns whether it was written. */
  async givenUp(code: DeadCode, transaction?: string): Promise<boolean> {
    const change = { state: 'dead', code, leaseUntil: 0 } as const
    return orUnavailable(() => this.#write({ ...change, ...(transaction && { transaction }) }))
  }

  /**
   * Forgets a payment for which nothing was charged and nothing is left to settle: it is as good as new. If
   * another call has taken it over, that call may charge. Then the buyer must not be told that nothing was
   * charged.
   */
  async release(): Promise<void> {
    requireWritten(
      await this.#whileHeld(async () => {
        await this.#endBeside()
        return this.#sale.store.remove(this.#record)
      }),
    )
  }

  /** Records that another call has the owner's agent request id. */
  async dispute(): Promise<void> {
    await this.#note({ isDisputed: true })
  }

  /** Records what has happened already, whether or not the write succeeds. */
  async #note(change: Change, kept?: Kept): Promise<boolean> {
    return this.#orLost(() => this.#write(change, kept))
  }

  /**
   * Runs a write. If a write of this call failed before, and now a condition fails while the lease lasts,
   * then the failed write was carried out. After the lease, a failing store cannot say whether another call
   * has taken the payment over.
   *
   * @returns whether this call holds the payment.
   */
  async #whileHeld(write: () => Promise<boolean>): Promise<boolean> {
    const isWritten = await this.#orLost(write)
    return this.#hasFailed ? !this.isOver : isWritten
  }

  async #orLost(write: () => Promise<boolean>): Promise<boolean> {
    if (this.#isLost) return true
    try {
      return await write()
    } catch (thrown) {
      this.#isLost = true
      this.#hasFailed = true
      const { state, owner } = this.#record
      const details = { state, owner, error: asError(thrown) }
      this.#sale.settings.logger.error('a payment record could not be written', details)
      return true
    }
  }

  async #write(change: Change, kept?: Kept): Promise<boolean> {
    try {
      await this.#endBeside()
      return await this.#replace(change, kept)
    } catch (thrown) {
      this.#hasFailed = true
      throw thrown
    }
  }

  /** Ends the write beside the work. If it failed, the store is asked whether it was carried out. */
  async #endBeside(): Promise<void> {
    const hasFailed = await this.#beside?.over()
    this.#beside = undefined
    if (hasFailed !== true) return
    const { store, settings } = this.#sale
    const there = await store.read(this.#record.key, settings.now())
    if (there?.owner === this.#record.owner) this.#record = there
  }

  async #replace(change: Change, kept?: Kept): Promise<boolean> {
    const next = changedRecord(this.#record, change, this.#sale.settings.now())
    if (!(await this.#sale.store.replace(this.#record, next, kept))) return false
    this.#record = next
    return true
  }
}

function requireWritten(isWritten: boolean): void {
  if (!isWritten) throw new TakenOverError()
}

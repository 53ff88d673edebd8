import type { PaymentStore } from './payment-store.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'

/** How payments are remembered. */
export interface StoreOptions {
  /**
   * Where payments are remembered: that one is in work, that one is settled, and what was answered. The same payment
   * again gets the same answer. Nothing is run or charged a second time.
   *
   * `dynamoDbStore` of `agentcore-x402/dynamodb` keeps them in a table. Give the same table to every function that
   * sells the same plan or resource. Only then the table shows that nobody else had a payment.
   *
   * The default store sees this process only. Two containers that get one payment at once can both run. "Already used"
   * after a settle whose answer was lost stays unknown: another container may have used the payment.
   *
   * @default one `memoryStore()` for everything in the process
   */
  paymentStore?: PaymentStore | undefined
  /**
   * How long a call waits for another call with the same payment before the buyer is told to come back. Unit: ms, 0 to
   * 60 000.
   *
   * @default 2000
   */
  waitForAnswerMs?: number | undefined
  /**
   * Whether answers are kept for a buyer who comes back. They are kept until the payment expires, at least 15 minutes
   * and at most 24 hours. Answers above 64 KB are not kept. A payment that comes back and has no kept answer gets its
   * receipt.
   *
   * @default true
   */
  keepAnswers?: boolean | undefined
  /**
   * Who gets a kept answer. Strangers can rebuild a payment that was settled on a chain from public data.
   * - `'identified'`: payments with a `payment-identifier`, and single-use tokens. Other payments get their receipt.
   * - `'all'`: every payment that comes again.
   *
   * @default 'identified'
   */
  replayAnswers?: 'identified' | 'all' | undefined
  /**
   * What happens when a payment comes back whose first call ended without an answer, e.g. in a crash.
   * - `'rerun'`: the handler runs again.
   * - `'unknown'`: the handler does not run again. The buyer is told to ask you.
   *
   * @default 'rerun'
   */
  onTakeover?: 'rerun' | 'unknown' | undefined
  /**
   * Keeps a payer's parallel calls from starting more work than the payer's credits pay for. The credits of calls in
   * work are reserved in the `paymentStore`, for each payer and plan. A call that the rest does not pay for is told to
   * come back with the same payment, after at most `waitForAnswerMs`. Nothing runs and nothing is charged for it.
   *
   * It guards credits of plans, with flow `'authorization'` and `payments` that can look up plans and balances. Payments
   * in money are not guarded. Card plans are refused: verify calls an active card good, whatever is in work. A handler
   * that names a higher `creditsToCharge` than the price can still take more: set `maxCredits`, and that much is reserved.
   *
   * @default false
   */
  overdraftGuard?: boolean | undefined
  /**
   * Names the calls that are paid with reusable (version 2) tokens, from the event without its payment. A second call
   * with the same token and the same name gets the answer of the first. `undefined` means that the call is like no
   * other. If the function throws or returns anything else than a text or `undefined`, nothing runs and nothing is
   * charged. The log says so.
   *
   * @default none: every call with such a token is one of its own
   */
  idempotencyKey?: ((event: GatewayEvent) => string | undefined) | undefined
}

import type { PaymentStore } from './payment-store.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'

/** What a seller says of the memory of payments. */
export interface StoreOptions {
  /**
   * Where payments are remembered: that one is in work, that it is settled, and what was answered. The same
   * payment again gets the same answer, and nothing is run or charged a second time.
   *
   * `dynamoDbStore` of `agentcore-x402/dynamodb` keeps them in a table. Every function that sells the same plan or
   * resource has to use the same table: only then it shows that nobody else had a payment.
   *
   * The default store sees this process only. Two containers that get one payment at once can both run. "Already used"
   * after a settle whose answer was lost stays unknown: another container may have used the payment.
   *
   * Default: one `memoryStore()` for everything in the process.
   */
  paymentStore?: PaymentStore | undefined
  /**
   * How long a call waits for another one with the same payment, before it is told to come back. Unit: ms, 0 to
   * 60 000. @default 2000
   */
  waitForAnswerMs?: number | undefined
  /**
   * Whether answers are kept for a buyer who comes back, until the payment expires, at least 15 minutes and at most
   * 24 hours. Answers above 64 KB are not. Without its answer, a payment that comes back gets its receipt.
   *
   * @default true
   */
  keepAnswers?: boolean | undefined
  /**
   * Who gets a kept answer. A payment that was settled on a chain can be rebuilt by strangers from public data.
   * `'identified'`: payments with a `payment-identifier`, and single-use tokens; others get their receipt. `'all'`: every
   * payment that comes again.
   *
   * @default 'identified'
   */
  replayAnswers?: 'identified' | 'all' | undefined
  /**
   * What happens to a call whose work began and ended in nobody's hands, when its payment comes back. `'rerun'`: the
   * handler runs again. `'unknown'`: it does not, and the buyer is told to ask you. @default 'rerun'
   */
  onTakeover?: 'rerun' | 'unknown' | undefined
  /**
   * Names the calls that are paid with reusable (version 2) tokens, from the event without its payment. A second call
   * with the same token and the same name gets the answer of the first. `undefined`: the call is like no other.
   *
   * Default: none; every call with such a token is one of its own. What is neither a text nor `undefined` ends the call:
   * nothing runs, nothing is charged, and the log says so.
   */
  idempotencyKey?: ((event: GatewayEvent) => string | undefined) | undefined
}

import type { PaymentError } from '../../errors/payment-error.js'
import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { PaymentRequired, SettleResponse, VerifyResponse } from '../../wire/x402.js'
import type { SoldCall } from '../events/call.js'
import type { SellerOutput } from '../events/output.js'
import type { PaymentEvent, RefundDue } from './payment-events.js'

/** What `onPaymentError` may return: an answer to send instead of the default one, or nothing. */
export type PaymentErrorAnswer = SellerOutput | McpResult | McpResponse | null | undefined | void

/** Functions that are called while a call is sold. */
export interface HookOptions {
  /**
   * Called before the facilitator is asked. A throw refuses the call.
   *
   * @default none
   */
  onBeforeVerify?: ((paymentRequired: PaymentRequired, call: SoldCall) => unknown) | undefined
  /**
   * Called after a good verify and before the handler. With `flow: 'overlap'` it is called beside the handler, with
   * `'upfront'` never. A throw refuses the call.
   *
   * @default none
   */
  onAfterVerify?: ((verification: VerifyResponse, call: SoldCall) => unknown) | undefined
  /**
   * Called after a settlement, with the credits that were redeemed. They are `0n` for a pay-as-you-go plan, and if the
   * answer that said them was lost. They are `0n` for payments in money too: the atomic units are in
   * `settlement.amount`. A throw is logged, and changes nothing.
   *
   * @default none
   */
  onAfterSettle?:
    | ((creditsUsed: bigint, settlement: SettleResponse, call: SoldCall) => unknown)
    | undefined
  /**
   * Called when a payment is missing or refused, when a facilitator is down, and when a settlement fails. It is not
   * called for the handler's own failures. It may return what is sent instead of the default answer: a whole output in
   * the shape of the event. Callers that speak MCP can also get an MCP result, a JSON-RPC message or the output of an
   * interceptor. An answer without a status has the status of the default answer. `undefined` and `null` mean the
   * default answer. Anything else does too, and is logged once. If the hook throws, the default answer goes out. If a
   * policy delivers the result all the same, the hook's answer is not used.
   *
   * @default none
   */
  onPaymentError?:
    | ((error: PaymentError, call: SoldCall) => PaymentErrorAnswer | Promise<PaymentErrorAnswer>)
    | undefined
  /**
   * Called when something was paid in advance (`flow: 'upfront'`) and the work failed. The package does not pay back:
   * pay back here. Then call `markRefunded(paymentStore, refund.id)`, here or later.
   *
   * It is called at least once for each refund, always with the same `refund.id`. Pay each id back once. It has 10 s,
   * or what the invocation has left. If it throws or takes longer, that is logged. It is then called again when the
   * same payment comes back. Without this option, the log line and the event `refund-due` count as told.
   *
   * @default none
   */
  onRefundDue?: ((refund: RefundDue, call: SoldCall) => unknown) | undefined
  /**
   * Called for everything that happens to payments, in order. Its events hold no payment. A throw is ignored.
   *
   * @default none
   */
  onEvent?: ((event: PaymentEvent) => unknown) | undefined
}

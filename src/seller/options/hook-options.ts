import type { PaymentError } from '../../errors/payment-error.js'
import type { McpResponse, McpResult } from '../../wire/mcp.js'
import type { PaymentRequired, SettleResponse, VerifyResponse } from '../../wire/x402.js'
import type { Call } from '../events/call.js'
import type { Output } from '../events/output.js'
import type { PaymentEvent, RefundDue } from './payment-events.js'

/** What `onPaymentError` may return: an answer to send instead of the default one, or nothing. */
export type PaymentErrorAnswer = Output | McpResult | McpResponse | null | undefined | void

/** What is called while a call is sold. */
export interface HookOptions {
  /** Called before the facilitator is asked. A throw refuses the call. */
  onBeforeVerify?: ((paymentRequired: PaymentRequired, call: Call) => unknown) | undefined
  /**
   * Called after a valid verify, before the handler (with flow `'overlap'` beside it, with `'upfront'` not at
   * all). A throw refuses the call.
   */
  onAfterVerify?: ((verification: VerifyResponse, call: Call) => unknown) | undefined
  /**
   * Called after a settlement with what was redeemed, not what was asked: `0n` where the plan is
   * pay-as-you-go, where the answer that said it was lost, and of money, whose atomic units are in
   * `settlement.amount`. A throw is only logged.
   */
  onAfterSettle?:
    | ((creditsUsed: bigint, settlement: SettleResponse, call: Call) => unknown)
    | undefined
  /**
   * Called for payment failures — missing, refused, outage, settlement — and not for the handler's own.
   * May return what is sent instead: a whole output in the shape of the event, or to callers that speak MCP an
   * MCP result, a JSON-RPC message or the output of an interceptor; without a status of its own it keeps that of
   * the default answer. `undefined` and `null` mean the default answer. Anything else means it too, and is
   * logged once. If the hook throws, the default answer goes out. Where a policy delivers the result all the
   * same, the hook's answer is not used.
   */
  onPaymentError?:
    | ((error: PaymentError, call: Call) => PaymentErrorAnswer | Promise<PaymentErrorAnswer>)
    | undefined
  /**
   * Called where something was paid in advance (`flow: 'upfront'`) and the work failed. The package does not pay back:
   * this is where to. Then call `markRefunded(paymentStore, refund.id)`, here or later.
   *
   * It is called at least once for each refund, always with the same `refund.id`: pay each id back once. It has 10 s, or
   * what the invocation has left. If it throws or takes longer, that is logged, and it is called again when the same
   * payment comes back. Without this option, the log line and the event `refund-due` count as told.
   */
  onRefundDue?: ((refund: RefundDue, call: Call) => unknown) | undefined
  /** Called for everything that happens to payments, in order; holds no payment. A throw is ignored. */
  onEvent?: ((event: PaymentEvent) => unknown) | undefined
}

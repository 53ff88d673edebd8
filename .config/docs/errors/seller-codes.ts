import type { Texts } from './text.js'

/** Codes that hooks, events and the log of a seller have. */
export const SELLER_CODES = {
  payment_required: {
    errors: ['PaymentRequiredError'],
    cause: 'The call came without a payment.',
    moved: 'no',
    cure: 'Nothing to do. The buyer gets the challenge, and pays.',
  },
  payment_malformed: {
    errors: ['PaymentRequiredError'],
    cause: 'The payment cannot be read: it is no base64 of a JSON object.',
    moved: 'no',
    cure: 'Nothing to do. The buyer gets the challenge again.',
  },
  payment_ambiguous: {
    errors: ['PaymentRequiredError'],
    cause: 'Two different payments came with one call.',
    moved: 'no',
    cure: 'Nothing to do. The buyer sends one of them.',
  },
  payment_identifier_invalid: {
    errors: ['PaymentRequiredError'],
    cause: 'The `payment-identifier` of the buyer is bad, or it is missing and you require it.',
    moved: 'no',
    cure: "Nothing to do. `paymentIdentifier: 'optional'` takes payments without one.",
  },
  verification_refused: {
    errors: ['PaymentRefusedError'],
    cause: 'The facilitator, or our own check, refused the payment before the work.',
    moved: 'no',
    cure: 'Look `reason` up [below](#reasons-of-refusals).',
  },
  payment_conflict: {
    errors: ['PaymentConflictError'],
    cause: 'The payment, or its identifier, belongs to another call.',
    moved: 'not for this call',
    cure: 'Nothing to do. The buyer pays for this call with a payment of its own.',
  },
  payment_in_use: {
    errors: ['PaymentUnavailableError'],
    cause: 'Another call with the same payment is in work.',
    moved: 'not for this call',
    cure: 'Nothing to do. The buyer comes back with the same payment.',
  },
  balance_in_use: {
    errors: ['PaymentUnavailableError'],
    cause:
      'With `overdraftGuard`: other calls of the payer are in work, and may need all the credits that are left.',
    moved: 'not for this call',
    cure: 'Nothing to do. The buyer comes back with the same payment.',
  },
  payment_used: {
    errors: ['PaymentUsedError'],
    cause: 'The payment was settled before, or may have been.',
    moved: 'perhaps, earlier',
    cure: 'See `settled` and `reason`. If it is frequent, give one table to all functions that sell the same thing.',
  },
  price_invalid: {
    errors: ['PaymentUnavailableError'],
    cause: 'A price function threw, or gave no good price.',
    moved: 'no',
    cure: 'See the log: it has the error of your function.',
  },
  plan_unavailable: {
    errors: ['PaymentUnavailableError'],
    cause: 'The plan could not be looked up.',
    moved: 'no',
    cure: 'Check the plan id, and the environment of the key. Else look at the network and Nevermined.',
  },
  facilitator_unavailable: {
    errors: ['PaymentUnavailableError'],
    cause:
      'The facilitator could not be asked before the work, or gave no answer that can be read.',
    moved: 'no',
    cure: 'Look at the network and the facilitator. The log has its code and status.',
  },
  hook_refused: {
    errors: ['PaymentUnavailableError', 'PaymentError'],
    cause: '`onBeforeVerify` or `onAfterVerify` threw, or `onProgress` while AWS was waited for.',
    moved: 'no',
    cure: 'See `cause` and the log. A refusal on purpose needs nothing.',
  },
  no_time_left: {
    errors: ['PaymentUnavailableError'],
    cause: 'Too little of the invocation is left for the work and its settlement.',
    moved: 'no',
    cure: 'Give the function a longer timeout.',
  },
  store_unavailable: {
    errors: ['PaymentUnavailableError'],
    cause: 'The payment store failed, or a secret of its records is gone.',
    moved: 'not for this call',
    cure: 'Check the table, its permissions and `secret`. The log names what failed.',
  },
  handoff_unavailable: {
    errors: ['PaymentUnavailableError'],
    cause: 'What REQUEST knows could not be kept for RESPONSE.',
    moved: 'no',
    cure: 'Check `store` and `secret` of the interceptor.',
  },
  settlement_refused: {
    errors: ['PaymentRefusedError'],
    cause: 'The facilitator refused to settle, after the work.',
    moved: 'no',
    cure: "Look `reason` up [below](#reasons-of-refusals). Choose `flow: 'upfront'` if it is frequent.",
  },
  settlement_unavailable: {
    errors: ['PaymentUnavailableError'],
    cause: 'Settle could not be asked, after the work. The result is withheld.',
    moved: 'no',
    cure: 'Look at the network and the facilitator. The log has its code and status.',
  },
  settlement_unknown: {
    errors: ['SettlementUnknownError', 'PaymentsError'],
    cause: 'Settle was sent, and nobody knows what came of it.',
    moved: 'perhaps',
    cure: 'Look it up by `transaction`, `settlementId` or `correlationId`. The same payment again asks, too.',
  },
  settlement_pending: {
    errors: ['PaymentsError'],
    cause:
      'The facilitator sent the settlement, which may still be confirmed. It is the `cause` of `settlement_unknown`.',
    moved: 'perhaps',
    cure: 'Wait, and look for the transaction. The same payment again asks, too.',
  },
  nonce_used: {
    errors: ['PaymentsError'],
    cause:
      'The facilitator says that the payment is used, and not by whom. It is the `cause` of `settlement_unknown`.',
    moved: 'perhaps',
    cure: 'Look on the chain. `rpcUrls` lets this package look.',
  },
  refund_unknown: {
    errors: ['RefundError'],
    cause: '`markRefunded` got an id that its store does not hold.',
    moved: 'no',
    cure: 'Give the id of `onRefundDue`, and the store of the function that sold.',
  },
  refund_not_due: {
    errors: ['RefundError'],
    cause: 'The payment of this refund is in another state: see `state`.',
    moved: 'no',
    cure: 'Do not pay back before you know why: it may have been delivered after all.',
  },
} satisfies Texts<string>

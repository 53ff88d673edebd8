import type { LimitName } from '../../../src/client/buying/errors.js'
import type { UnsettledState } from '../../../src/errors/payment-error.js'
import type { FacilitatorOutcome } from '../../../src/errors/payments-error.js'
import type { RefundReason } from '../../../src/seller/options/payment-events.js'
import type { Text } from './text.js'

interface OutcomeText {
  readonly meaning: string
  readonly moved: string
}

/** What the `outcome` of a `PaymentsError` means. */
export const OUTCOMES: Readonly<Record<FacilitatorOutcome, OutcomeText>> = {
  refused: { meaning: 'This payment is not acceptable.', moved: 'no' },
  misconfigured: {
    meaning: 'The key, the plan, the agent or the request of the seller is wrong.',
    moved: 'no',
  },
  unavailable: { meaning: 'The service could not do it. Repeat the call later.', moved: 'no' },
  unknown: { meaning: 'Nobody knows whether it happened.', moved: 'perhaps' },
}

/** What the `state` of a `SettlementUnknownError` means. */
export const STATES: Readonly<Record<UnsettledState, string>> = {
  pending: 'The facilitator sent the settlement, and says that it may still be confirmed.',
  used: 'The payment is used, and it is not known by whom.',
  unknown: 'The answer did not come, or said nothing of use.',
}

/** What the `reason` of a refund means. */
export const REFUNDS: Readonly<Record<RefundReason, string>> = {
  handler_failed: 'The handler threw, or its answer says that it failed.',
  no_time_left: 'Too little of the invocation was left to start the handler.',
  nothing_charged: 'The handler names 0 as its price.',
  call_lost: 'The call died after it was paid, and nobody came back for the work.',
}

/** What each limit of a buyer forbids. */
export const LIMITS: Readonly<Record<LimitName, Text>> = {
  maxAmountPerPayment: {
    cause: 'One payment would be more.',
    cure: 'Raise `maxAmountPerPayment` of the plan, of the budget, or of all payments.',
  },
  total: {
    cause: 'All calls together would cost more. Payments of unknown outcome count.',
    cure: 'Raise `total`, or make another budget.',
  },
  plans: { cause: 'The seller takes other plans.', cure: 'Add the plan to `plans`.' },
  budgets: {
    cause: 'The seller takes other assets.',
    cure: 'Add `<network>/<asset>` to `budgets`.',
  },
  assets: {
    cause: '`assets` does not have the asset, though there is a budget for it.',
    cure: 'Add it to `assets`.',
  },
  networks: { cause: 'The seller takes other networks.', cure: 'Add the network to `networks`.' },
  schemes: { cause: 'The seller takes other schemes.', cure: 'Add the scheme to `schemes`.' },
  payees: { cause: 'The money would go to another address.', cure: 'Add the address to `payees`.' },
  hosts: {
    cause: 'Another host than the one called asks for money, or the URL of the call is not known.',
    cure: 'Add the host to `hosts`. Give `payingMcp` its `url`.',
  },
  maxTimeoutSeconds: {
    cause: 'The payment would be valid for longer.',
    cure: 'Raise `maxTimeoutSeconds`: nobody can take back what is signed.',
  },
  allowUnstatedPrice: {
    cause: 'The seller does not state its price.',
    cure: 'Set `allowUnstatedPrice`, if `maxAmountPerPayment` may be reserved for it.',
  },
  trustReceipts: {
    cause: 'The balance of the plan fell by more than its seller said.',
    cure: 'Ask the seller. `trustReceipts: false` stops looking at the balance.',
  },
  confirm: { cause: 'Your `confirm` said no, or threw.', cure: 'Nothing to do.' },
}

/** Errors of AWS that users meet, by their names. */
export const AWS_NAMES: Readonly<Record<string, Text>> = {
  AccessDeniedException: {
    cause: 'The role may not make this call.',
    cure: 'Add the permission to the role. [AgentCore payments](agentcore-payments.md) has the policy.',
  },
  ConflictException: {
    cause: 'Something has this name, or is being changed or deleted.',
    cure: 'Choose another name, or wait and repeat the call.',
  },
  CredentialsProviderError: {
    cause: 'The SDK found no AWS credentials.',
    cure: 'Give `credentials`, or a bearer token.',
  },
  InternalServerException: { cause: 'AWS failed inside.', cure: 'Repeat the call later.' },
  ResourceNotFoundException: {
    cause: 'The manager, the connector or another thing does not exist.',
    cure: 'Check the ids and the region.',
  },
  ServiceQuotaExceededException: {
    cause: 'A quota of the account is reached.',
    cure: 'Delete what you do not need, or ask AWS for more.',
  },
  SubscriptionRequiredException: {
    cause: 'The account has not subscribed.',
    cure: 'Subscribe at the address in the message.',
  },
  ThrottlingException: { cause: 'Too many calls at once.', cure: 'Repeat the call later.' },
  ValidationException: {
    cause: 'AWS does not take a member of the input.',
    cure: 'The message names the member, and what it should be.',
  },
}

interface StatusText extends Text {
  /** A status that stands for the row. */
  readonly status: number
  readonly label: string
}

/** Error statuses of Nevermined and of facilitators that come without a code. */
export const STATUSES: readonly StatusText[] = [
  {
    status: 400,
    label: '400 and other 4xx',
    cause: 'The request is wrong.',
    cure: 'Check the configuration. The log has the correlation id.',
  },
  {
    status: 401,
    label: '401, 403',
    cause: 'The key is missing, or may not do this.',
    cure: 'Check the key, or `createAuthHeaders`.',
  },
  {
    status: 402,
    label: '402',
    cause: 'Payment required, without a reason.',
    cure: 'Look the payment up before you pay again.',
  },
  {
    status: 404,
    label: '404',
    cause: 'There is nothing at this address.',
    cure: 'Check `url` or `backendUrl`.',
  },
  {
    status: 408,
    label: '408',
    cause: 'The service gave up waiting.',
    cure: 'Look what became of the call before you repeat it.',
  },
  { status: 429, label: '429', cause: 'Too many calls at once.', cure: 'Repeat the call later.' },
  {
    status: 500,
    label: '5xx',
    cause: 'The service, or what is in front of it, failed.',
    cure: 'Look what became of the call before you repeat it.',
  },
]

interface RpcText extends Text {
  readonly code: number
}

/** JSON-RPC errors that callers of a seller get. */
export const RPC_ERRORS: readonly RpcText[] = [
  {
    code: 402,
    cause:
      'A prompt, a resource or another method that is no tool call has to be paid. `data` is the challenge.',
    cure: 'Send the request again with a payment in `_meta["x402/payment"]`.',
  },
  {
    code: -32600,
    cause: 'The event or the request has no known shape, or comes by another method than POST.',
    cure: 'Send one JSON-RPC request. Batches are not sold.',
  },
  {
    code: -32601,
    cause: 'The method is not sold, and nobody answers it.',
    cure: 'See `otherMethods` and `billableMethods`.',
  },
  {
    code: -32602,
    cause: 'The tool is unknown, or the parameters of the call are wrong.',
    cure: 'See `tools` and `toolNames`. Tasks are not sold.',
  },
  {
    code: -32603,
    cause:
      'The seller failed, e.g. its options are wrong or its answer cannot be sent. Or a method that is no tool call was refused for another reason than a missing payment.',
    cure: 'See the log of the seller.',
  },
]

/** Warnings of the process, by their codes. */
export const WARNINGS: Readonly<Record<string, Text>> = {
  USE_PAYING_MCP: {
    cause: 'A tool of MCP asked for a payment, and `payingFetch` or `payingAxios` saw it.',
    cure: 'Call tools with `payingMcp`.',
  },
  AGENTCORE_X402_STATE_NOT_KEPT: {
    cause: 'The local stack cannot write into its folder. When it ends, it forgets what changed.',
    cure: 'Make room on the disk, or name a folder that you may write to.',
  },
  AGENTCORE_X402_HALF_INTERCEPTOR: {
    cause: 'A local Gateway has your interceptor at REQUEST or RESPONSE only.',
    cure: 'Give the same function in both places.',
  },
}

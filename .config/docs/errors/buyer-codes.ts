import type { Texts } from './text.js'

/** Codes that paying clients and payers have. */
export const BUYER_CODES = {
  limit_exceeded: {
    errors: ['PaymentLimitError', 'PaymentError'],
    cause: 'Your own limits forbid the payment.',
    moved: 'no',
    cure: 'See `limit`, `amount` and `allowed`. [Which limit to change](#limits).',
  },
  payment_unusable: {
    errors: ['PaymentError', 'MppChallengeSelectionError'],
    cause:
      'Nothing that the seller asks for can be paid, or the payer gave a payment for something else. It was not sent.',
    moved: 'no; or perhaps from the session, which the message then says',
    cure: 'Read the message. Take another payer, or allow another scheme or network.',
  },
  paid_call_failed: {
    errors: ['PaidCallError'],
    cause: 'The call failed after its payment was sent.',
    moved: 'see `receipt.paid`',
    cure: 'Make the same call again: it sends the same payment.',
  },
  challenge_unreadable: {
    errors: ['PaymentError'],
    cause: 'An answer with status 402 asks for nothing that can be read.',
    moved: 'no',
    cure: 'Look at the answer. The seller may take neither x402 nor MPP.',
  },
  invalid_input: {
    errors: ['PaymentError'],
    cause: 'A member of the input is not as it should be.',
    moved: 'no',
    cure: 'The message names the member, and what it should be.',
  },
  sdk_missing: {
    errors: ['PaymentError'],
    cause: 'An optional peer package is not installed.',
    moved: 'no',
    cure: 'Install the package that the message names.',
  },
} satisfies Texts<string>

/** Codes of `PaymentManager`, `PaymentClient` and the plugin for Strands. */
export const AGENTCORE_CODES = {
  instrument_required: {
    errors: ['PaymentInstrumentConfigurationRequired'],
    cause: 'No instrument was given to pay with.',
    moved: 'no',
    cure: 'Give `paymentInstrumentId`.',
  },
  instrument_not_found: {
    errors: ['PaymentInstrumentNotFound'],
    cause: 'The instrument does not exist, or is of another user.',
    moved: 'no',
    cure: 'Check `paymentInstrumentId` and `userId`.',
  },
  instrument_invalid: {
    errors: ['InvalidPaymentInstrument'],
    cause: 'The instrument cannot pay: it is not active, deleted, or on another network.',
    moved: 'no',
    cure: 'Check its status, its network, its balance, and whether the user gave consent.',
  },
  session_required: {
    errors: ['PaymentSessionConfigurationRequired'],
    cause: 'No session was given to pay in.',
    moved: 'no',
    cure: 'Give `paymentSessionId`. The plugin can make one: `autoSession`.',
  },
  session_not_found: {
    errors: ['PaymentSessionNotFound'],
    cause: 'The session does not exist, or is of another user.',
    moved: 'no',
    cure: 'Create a session, and check `userId`.',
  },
  session_expired: {
    errors: ['PaymentSessionExpired'],
    cause: "The session's time is over.",
    moved: 'no',
    cure: 'Create another session.',
  },
  budget_insufficient: {
    errors: ['InsufficientBudget'],
    cause: "The payment would exceed what is left of the session's limit.",
    moved: 'no',
    cure: 'Create a session with a higher limit, if you want to pay.',
  },
  resource_failed: {
    errors: ['ResourceFailed'],
    cause: 'A manager or connector ended in a state of failure.',
    moved: 'no',
    cure: 'See `status`. Delete it, and make it again.',
  },
  wait_timeout: {
    errors: ['WaitTimeout'],
    cause: 'A manager or connector was not ready in time. It may still become so.',
    moved: 'no',
    cure: 'See `status`. Look again later, or wait longer (`maxWait`).',
  },
  creation_failed: {
    errors: ['PaymentManagerCreationFailed'],
    cause: 'A manager with connector could not be made. What had been made was deleted again.',
    moved: 'no',
    cure: 'See `cause`. Delete what `leftovers` names.',
  },
} satisfies Texts<string>

import type { PaymentErrorCode } from '../../../src/errors/payment-error.js'
import { AGENTCORE_CODES, BUYER_CODES } from './buyer-codes.js'
import { SELLER_CODES } from './seller-codes.js'
import type { CodeText, Texts } from './text.js'

/** Codes that any call of a service can have. */
export const SERVICE_CODES = {
  token_unavailable: {
    errors: ['PaymentsError', 'PaymentError'],
    cause: '`createAuthHeaders` or `tokenProvider` failed, or gave nothing usable in time.',
    moved: 'no: nothing was sent',
    cure: 'Look at what makes your tokens.',
  },
  network_error: {
    errors: ['PaymentsError', 'PaymentError'],
    cause: 'The service could not be reached, or the connection broke.',
    moved: 'no if `retryable`, else perhaps',
    cure: 'If `retryable`, repeat the call. Else look first what became of it.',
  },
  timeout: {
    errors: ['PaymentsError', 'PaymentError'],
    cause: 'No answer came in time.',
    moved: 'perhaps',
    cure: 'Look what became of the call before you repeat it. A longer limit helps if it is frequent.',
  },
  unreadable_answer: {
    errors: ['PaymentsError', 'PaymentError'],
    cause: 'The answer is not what the service promises, e.g. a page of a proxy.',
    moved: 'perhaps',
    cure: 'Look what answers at this address.',
  },
} satisfies Texts<string>

/** A code of a wrong option. */
export const OPTION_CODES = {
  invalid_options: {
    errors: ['OptionsError', 'PaymentUnavailableError', 'PaymentsError'],
    cause: 'An option is not as it should be, or what a function among the options gave.',
    moved: 'no',
    cure: 'See `option` and `expected`. [Options](options.md) lists every option.',
  },
} satisfies Texts<string>

type PatternCode = `aws.${string}` | `http_${number}` | `BCK.${string}`

/** Every code that has one name. A new one does not compile without a text. */
export const CODES: Texts<Exclude<PaymentErrorCode, PatternCode>> = {
  ...OPTION_CODES,
  ...SELLER_CODES,
  ...BUYER_CODES,
  ...AGENTCORE_CODES,
  ...SERVICE_CODES,
}

/** Codes that are made of another name or number. */
export const PATTERNS = {
  'aws.<name>': {
    errors: ['AwsError'],
    cause: 'AWS answered with an error of this name.',
    moved: 'no; or perhaps from the session, which the message then says',
    cure: 'Look the name up [below](#names-of-aws-errors). `cause` has the request id.',
  },
  'http_<status>': {
    errors: ['PaymentsError', 'PaymentError'],
    cause: 'The answer has this error status, and no code.',
    moved: 'see [statuses](#http-statuses)',
    cure: 'Look the status up [below](#http-statuses).',
  },
  'BCK.<area>.<number>': {
    errors: ['PaymentsError'],
    cause: "Nevermined's own code.",
    moved: 'see [codes of Nevermined](#codes-of-nevermined)',
    cure: 'Look the code up [below](#codes-of-nevermined).',
  },
} satisfies Record<string, CodeText>

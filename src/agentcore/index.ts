export {
  AwsError,
  InsufficientBudget,
  InvalidPaymentInstrument,
  MppChallengeSelectionError,
  PaymentInstrumentConfigurationRequired,
  PaymentInstrumentNotFound,
  PaymentManagerCreationFailed,
  PaymentSessionConfigurationRequired,
  PaymentSessionExpired,
  PaymentSessionNotFound,
  ResourceFailed,
  WaitTimeout,
} from './errors.js'
export type { Leftover } from './errors.js'
export { OptionsError, PaymentError } from '../errors.js'
export type { PaymentErrorCode } from '../errors.js'

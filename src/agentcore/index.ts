export { PaymentManager } from './payment-manager.js'
export type { ManagedPayer } from './payment-manager.js'
export type { PaymentManagerOptions, PaymentSettings } from './manager/manager-options.js'
export type { PaymentHeader, PaymentHeaderInput } from './pay/payment-header.js'
export type { PaymentRequiredRequest } from './pay/payment-required-request.js'
export type { SignedPaymentLimits } from '../limits/signed-payment-limits.js'
export { NETWORK_PREFERENCES } from './manager/network-preference.js'
export type { NetworkFamily } from './manager/network-preference.js'
export type { ProcessedPayment } from './manager/process-payment.js'
export type { ConnectionOptions } from './aws/connection.js'
export type { BearerOptions, TokenProvider } from './aws/bearer.js'
export type {
  CreatePaymentInstrumentInput,
  CreatePaymentSessionInput,
  DeletePaymentInstrumentInput,
  DeletePaymentSessionInput,
  ForUser,
  GetPaymentInstrumentBalanceInput,
  GetPaymentInstrumentInput,
  GetPaymentSessionInput,
  Idempotent,
  ListPaymentInstrumentsInput,
  ListPaymentSessionsInput,
  Page,
  ProcessPaymentInput,
} from './aws/operations.js'
export type { Amount } from '../wire/amounts.js'
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
} from './aws/errors.js'
export type { Leftover } from './aws/errors.js'
export { OptionsError, PaymentError } from '../errors/payment-error.js'
export type { PaymentErrorCode } from '../errors/payment-error.js'
export { PaymentClient } from './payment-client.js'
export type { AwsAnswer, CallOptions } from './aws/sdk-call.js'
export type { PaymentClientOptions } from './setup/payment-client-options.js'
export type {
  CreatedPaymentManager,
  CreatePaymentManagerOptions,
  DeletedPaymentManager,
  DeletePaymentManagerOptions,
  PaymentManagerDetails,
  PaymentManagerPage,
  PaymentManagerSummary,
  UpdatedPaymentManager,
  UpdatePaymentManagerOptions,
} from './setup/control-manager-options.js'
export type {
  CreatedPaymentConnector,
  CreatePaymentConnectorOptions,
  DeletedPaymentConnector,
  DeletePaymentConnectorOptions,
  PaymentConnectorDetails,
  PaymentConnectorPage,
  PaymentConnectorSummary,
  UpdatedPaymentConnector,
  UpdatePaymentConnectorOptions,
} from './setup/control-connector-options.js'
export type {
  CreatedCredentialProvider,
  CredentialProviderDetails,
  CredentialProviderPage,
  CredentialProviderSummary,
} from './setup/credential-providers.js'
export type {
  ManagerWithConnector,
  ManagerWithConnectorOptions,
  PaymentConnectorConfig,
  PaymentCredentialProviderConfig,
} from './setup/manager-with-connector-options.js'
export type {
  CoinbaseCdpCredentials,
  StripePrivyCredentials,
  VendorCredentials,
} from './setup/vendor-credentials.js'
export type { DeletionWaitOptions, WaitOptions, WaitProgress } from './setup/wait-options.js'
export {
  DEFAULT_MAX_RESULTS,
  PaymentConnectorProvisionMode,
  PaymentConnectorStatus,
  PaymentConnectorType,
  PaymentManagerStatus,
  PaymentsAuthorizerType,
  PaymentType,
} from './constants.js'
export {
  extractChallenges,
  isMppPaymentRequired,
  parseWwwAuthenticate,
  selectChallenge,
} from './pay/mpp-challenges.js'
export type { ChallengeSelection } from './pay/mpp-challenges.js'
export type { MppChallenge, MppRequest } from '../wire/mpp.js'

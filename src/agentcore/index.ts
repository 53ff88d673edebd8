export { PaymentManager } from './payment-manager.js'
export type { ManagedPayer } from './payment-manager.js'
export type { PaymentManagerOptions, PaymentSettings } from './manager-options.js'
export type { PaymentHeader, PaymentHeaderInput } from './payment-header.js'
export type { PaymentRequiredRequest } from './payment-required-request.js'
export type { SpendLimits } from './spend-limits.js'
export { NETWORK_PREFERENCES } from './network-preference.js'
export type { ProcessedPayment } from './process-payment.js'
export type { ConnectionOptions } from './connection.js'
export type { BearerOptions, TokenProvider } from './bearer.js'
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
} from './operations.js'
export type { Amount } from '../amounts.js'
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
export { PaymentClient } from './payment-client.js'
export type { CallOptions } from './sdk-call.js'
export type { PaymentClientOptions } from './payment-client-options.js'
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
} from './control-manager-options.js'
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
} from './control-connector-options.js'
export type {
  CreatedCredentialProvider,
  CredentialProviderDetails,
  CredentialProviderPage,
  CredentialProviderSummary,
} from './credential-providers.js'
export type {
  ManagerWithConnector,
  ManagerWithConnectorOptions,
  PaymentConnectorConfig,
  PaymentCredentialProviderConfig,
} from './manager-with-connector-options.js'
export type {
  CoinbaseCdpCredentials,
  StripePrivyCredentials,
  VendorCredentials,
} from './vendor-credentials.js'
export type { DeletionWaitOptions, WaitOptions, WaitProgress } from './wait-options.js'

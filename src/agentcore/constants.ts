/** Values of AWS, under the names of AWS's Python SDK. A plain text may be used instead everywhere. */

/** The statuses of a payment manager. */
export const PaymentManagerStatus = {
  CREATING: 'CREATING',
  UPDATING: 'UPDATING',
  DELETING: 'DELETING',
  READY: 'READY',
  CREATE_FAILED: 'CREATE_FAILED',
  UPDATE_FAILED: 'UPDATE_FAILED',
  DELETE_FAILED: 'DELETE_FAILED',
} as const

/** The statuses of a payment connector. The last five belong to Quick Create. */
export const PaymentConnectorStatus = {
  ...PaymentManagerStatus,
  PENDING_AUTHENTICATION: 'PENDING_AUTHENTICATION',
  PROVISIONING: 'PROVISIONING',
  AUTHENTICATION_EXPIRED: 'AUTHENTICATION_EXPIRED',
  AUTHENTICATION_FAILED: 'AUTHENTICATION_FAILED',
  AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED: 'AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED',
} as const

/** The vendors of wallets that a connector may be for. */
export const PaymentConnectorType = {
  COINBASE_CDP: 'CoinbaseCDP',
  STRIPE_PRIVY: 'StripePrivy',
} as const

/** Who makes the credential provider of a connector: you (`MANUAL`) or AgentCore (`QUICK_CREATE`). */
export const PaymentConnectorProvisionMode = {
  MANUAL: 'MANUAL',
  QUICK_CREATE: 'QUICK_CREATE',
} as const

/** How callers of a payment manager prove who they are: with a bearer token, or with AWS's signature. */
export const PaymentsAuthorizerType = { CUSTOM_JWT: 'CUSTOM_JWT', AWS_IAM: 'AWS_IAM' } as const

/** The protocols that `processPayment` can pay. */
export const PaymentType = { CRYPTO_X402: 'CRYPTO_X402', MPP: 'MPP' } as const

/** How many entries one page of a list has. */
export const DEFAULT_MAX_RESULTS = 100

/** Words of AWS, under the names of AWS's Python SDK. Plain text does as well everywhere. */

/** What a payment manager can be in. */
export const PaymentManagerStatus = {
  CREATING: 'CREATING',
  UPDATING: 'UPDATING',
  DELETING: 'DELETING',
  READY: 'READY',
  CREATE_FAILED: 'CREATE_FAILED',
  UPDATE_FAILED: 'UPDATE_FAILED',
  DELETE_FAILED: 'DELETE_FAILED',
} as const

/** What a payment connector can be in; the last five are of Quick Create. */
export const PaymentConnectorStatus = {
  ...PaymentManagerStatus,
  PENDING_AUTHENTICATION: 'PENDING_AUTHENTICATION',
  PROVISIONING: 'PROVISIONING',
  AUTHENTICATION_EXPIRED: 'AUTHENTICATION_EXPIRED',
  AUTHENTICATION_FAILED: 'AUTHENTICATION_FAILED',
  AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED: 'AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED',
} as const

export const PaymentConnectorType = {
  COINBASE_CDP: 'CoinbaseCDP',
  STRIPE_PRIVY: 'StripePrivy',
} as const

export const PaymentConnectorProvisionMode = {
  MANUAL: 'MANUAL',
  QUICK_CREATE: 'QUICK_CREATE',
} as const

export const PaymentsAuthorizerType = { CUSTOM_JWT: 'CUSTOM_JWT', AWS_IAM: 'AWS_IAM' } as const

export const PaymentType = { CRYPTO_X402: 'CRYPTO_X402', MPP: 'MPP' } as const

/** How much a list gives at once. */
export const DEFAULT_MAX_RESULTS = 100

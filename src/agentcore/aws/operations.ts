import type {
  BlockchainChainId,
  InstrumentBalanceToken,
  PaymentInput,
  PaymentInstrumentDetails,
  PaymentInstrumentType,
  PaymentType,
  SessionLimits,
} from '@aws-sdk/client-bedrock-agentcore'

/**
 * What the methods of `PaymentManager` take: AWS's own members, less those the manager fills in.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_Operations_Amazon_Bedrock_AgentCore.html
 */
export interface ForUser {
  /**
   * Whose instruments and sessions are meant. It is not sent with a bearer token.
   *
   * @default the `userId` of the manager
   */
  userId?: string | undefined
}

/** A repetition with the same token is the same request, and makes nothing new. */
export interface Idempotent {
  /**
   * Names the request. A repetition with the same token is the same request, and makes nothing new. It has 33 to 256
   * letters, digits and hyphens.
   *
   * @default a random UUID, the same for all attempts of a call
   */
  clientToken?: string | undefined
}

export interface CreatePaymentInstrumentInput extends ForUser, Idempotent {
  paymentConnectorId: string
  paymentInstrumentType: PaymentInstrumentType
  paymentInstrumentDetails: PaymentInstrumentDetails
}

export interface GetPaymentInstrumentInput extends ForUser {
  paymentInstrumentId: string
  paymentConnectorId?: string | undefined
}

export interface ListPaymentInstrumentsInput extends ForUser, Page {
  paymentConnectorId?: string | undefined
}

export interface GetPaymentInstrumentBalanceInput extends ForUser {
  paymentConnectorId: string
  paymentInstrumentId: string
  chain: BlockchainChainId
  token: InstrumentBalanceToken
}

export interface DeletePaymentInstrumentInput extends ForUser {
  paymentConnectorId: string
  paymentInstrumentId: string
}

export interface CreatePaymentSessionInput extends ForUser, Idempotent {
  /** How long the session lasts. Unit: minutes, 15 to 480. */
  expiryTimeInMinutes: number
  /**
   * What all payments of the session may be together, e.g. `{ maxSpendAmount: { value: '1.00', currency: 'USD' } }`.
   *
   * @default none
   */
  limits?: SessionLimits | undefined
}

export interface GetPaymentSessionInput extends ForUser {
  paymentSessionId: string
}

export interface ListPaymentSessionsInput extends ForUser, Page {}

export interface DeletePaymentSessionInput extends ForUser {
  paymentSessionId: string
}

export interface ProcessPaymentInput extends ForUser, Idempotent {
  paymentSessionId: string
  paymentInstrumentId: string
  paymentType: PaymentType
  paymentInput: PaymentInput
}

/** Which part of a list. */
export interface Page {
  /**
   * How many entries one page has. Unit: entries.
   *
   * @default 100
   */
  maxResults?: number | undefined
  /**
   * The token that the page before gave.
   *
   * @default none: the first page
   */
  nextToken?: string | undefined
}

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

/**
 * Input of `createPaymentInstrument`: the wallet to make for a user.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_CreatePaymentInstrument.html
 */
export interface CreatePaymentInstrumentInput extends ForUser, Idempotent {
  /** The connector to the vendor that keeps the wallet. */
  paymentConnectorId: string
  /** The kind of instrument. AWS has one: `'EMBEDDED_CRYPTO_WALLET'`. */
  paymentInstrumentType: PaymentInstrumentType
  /**
   * The wallet's network, and the accounts with which its owner signs in, e.g.
   * `{ embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts } }`.
   */
  paymentInstrumentDetails: PaymentInstrumentDetails
}

/**
 * Input of `getPaymentInstrument`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_GetPaymentInstrument.html
 */
export interface GetPaymentInstrumentInput extends ForUser {
  /** The instrument to read. */
  paymentInstrumentId: string
  /**
   * The connector of the instrument.
   *
   * @default none: AWS takes the connector from the instrument
   */
  paymentConnectorId?: string | undefined
}

/**
 * Input of `listPaymentInstruments` and `iteratePaymentInstruments`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ListPaymentInstruments.html
 */
export interface ListPaymentInstrumentsInput extends ForUser, Page {
  /**
   * Lists only the instruments of this connector.
   *
   * @default none: those of every connector
   */
  paymentConnectorId?: string | undefined
}

/**
 * Input of `getPaymentInstrumentBalance`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_GetPaymentInstrumentBalance.html
 */
export interface GetPaymentInstrumentBalanceInput extends ForUser {
  /** The connector of the instrument. */
  paymentConnectorId: string
  /** The instrument whose balance is read. */
  paymentInstrumentId: string
  /** The chain to read the balance on: `BASE`, `BASE_SEPOLIA`, `ETHEREUM`, `SOLANA` or `SOLANA_DEVNET`. */
  chain: BlockchainChainId
  /** The token to read the balance of. AWS has one: `'USDC'`. */
  token: InstrumentBalanceToken
}

/**
 * Input of `deletePaymentInstrument`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_DeletePaymentInstrument.html
 */
export interface DeletePaymentInstrumentInput extends ForUser {
  /** The connector of the instrument. */
  paymentConnectorId: string
  /** The instrument to delete. */
  paymentInstrumentId: string
}

/**
 * Input of `createPaymentSession`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_CreatePaymentSession.html
 */
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

/**
 * Input of `getPaymentSession`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_GetPaymentSession.html
 */
export interface GetPaymentSessionInput extends ForUser {
  /** The session to read. */
  paymentSessionId: string
}

/**
 * Input of `listPaymentSessions` and `iteratePaymentSessions`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ListPaymentSessions.html
 */
export interface ListPaymentSessionsInput extends ForUser, Page {}

/**
 * Input of `deletePaymentSession`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_DeletePaymentSession.html
 */
export interface DeletePaymentSessionInput extends ForUser {
  /** The session to delete. */
  paymentSessionId: string
}

/**
 * Input of `processPayment`: the payment that AWS is to sign.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ProcessPayment.html
 */
export interface ProcessPaymentInput extends ForUser, Idempotent {
  /** The session that the amount is taken from. */
  paymentSessionId: string
  /** The instrument to pay with. */
  paymentInstrumentId: string
  /** The protocol of the payment: `'CRYPTO_X402'` or `'MPP'`. */
  paymentType: PaymentType
  /**
   * What to pay. `cryptoX402` holds an entry of the seller's `accepts`, `mpp` its `WWW-Authenticate` header.
   */
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

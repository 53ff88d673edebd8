import type { Answers } from './idempotency.js'
import type { Living } from './lifecycle.js'
import type { Pages } from './pages.js'
import type { Purse } from './purse.js'
import type { Tokens } from './tokens.js'
import type { Wallet } from './wallets.js'

/** Everything that the service keeps. */
export interface World {
  /** The clock. Unit: ms since the epoch. */
  now: () => number
  /** How long a manager or connector takes to change its status. Unit: ms. */
  readyAfterMs: number
  consent: 'given' | 'awaited'
  tokens: Tokens
  purse: Purse | undefined
  balanceOf: (instrument: Instrument, chain: string, token: string) => Promise<bigint>
  managers: Map<string, Manager>
  connectors: Map<string, Connector>
  /** The credential providers, by their names. */
  providers: Map<string, CredentialProvider>
  instruments: Map<string, Instrument>
  sessions: Map<string, Session>
  pages: Pages
  answers: Answers
  /** Counts what is made. Lists are in this order. */
  nextSerial: () => number
}

interface Made {
  serial: number
  createdAtMs: number
  updatedAtMs: number
}

export interface Manager extends Living, Made {
  id: string
  arn: string
  region: string
  name: string
  description?: string | undefined
  authorizerType: 'CUSTOM_JWT' | 'AWS_IAM'
  authorizerConfiguration?: unknown
  roleArn: string
  kmsKeyArn?: string | undefined
  tags?: Record<string, string> | undefined
}

export type Vendor = 'CoinbaseCDP' | 'StripePrivy'

export interface CredentialConfiguration {
  coinbaseCDP?: { credentialProviderArn: string } | undefined
  stripePrivy?: { credentialProviderArn: string } | undefined
}

export interface Connector extends Living, Made {
  id: string
  managerId: string
  region: string
  name: string
  description?: string | undefined
  type: Vendor
  provisionMode: 'MANUAL' | 'QUICK_CREATE'
  configurations: CredentialConfiguration[]
  /** The URL at which somebody agrees to QUICK_CREATE. It is told only while consent is awaited. */
  authorizationUrl?: string | undefined
  credentialsUpdatedAtMs?: number | undefined
  /** Whether QUICK_CREATE ends in AUTHENTICATION_FAILED. */
  authenticationFails: boolean
}

export interface CredentialProvider extends Made {
  name: string
  arn: string
  region: string
  vendor: Vendor
  /** What the service answers: ids and ARNs, no secret. */
  output: Record<string, unknown>
  tags?: Record<string, string> | undefined
}

/**
 * The statuses of an instrument. Only an `ACTIVE` one can pay.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_GetPaymentInstrument.html
 */
export type InstrumentStatus = 'INITIATED' | 'ACTIVE' | 'FAILED' | 'BLOCKED' | 'DELETED'

export interface Instrument extends Made {
  id: string
  managerArn: string
  connectorId: string
  userId: string
  network: 'ETHEREUM' | 'SOLANA'
  linkedAccounts: unknown[]
  redirectUrl: string
  status: InstrumentStatus
  wallet: Wallet
}

export interface Session extends Made {
  id: string
  managerArn: string
  userId: string
  expiryTimeInMinutes: number
  /** The limit as the client wrote it. */
  limitText?: string | undefined
  /** The limit; `undefined` if there is none. Unit: 10^-18 dollars. */
  limit?: bigint | undefined
  /** What was spent. Unit: 10^-18 dollars. */
  spent: bigint
}

/** Who calls, and how. */
export interface Call {
  /** How the call proves who makes it, as AWS names it. */
  authorizerType: 'CUSTOM_JWT' | 'AWS_IAM'
  region: string
  /** The scheme, host and port at which the service was reached. */
  origin: string
  /** Whether what is made or changed now is to end in a status of failure. */
  fails: boolean
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

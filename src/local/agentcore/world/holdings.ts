import * as z from 'zod/mini'
import { Whole, mapOf } from '../../kept/shapes.js'
import { walletOf, type Wallet } from './wallets.js'
import type { Connector, CredentialProvider, Instrument, Manager, Session } from './world.js'

/** What the service has made so far. */
export interface Holdings {
  managers: Map<string, Manager>
  connectors: Map<string, Connector>
  /** The credential providers, by their names. */
  providers: Map<string, CredentialProvider>
  instruments: Map<string, Instrument>
  sessions: Map<string, Session>
  /** Balances on chains other than the purse's, in atomic units, by instrument and chain. */
  funds: Map<string, bigint>
  /** The serial number that was given last. */
  serial: number
}

export function newHoldings(): Holdings {
  return {
    managers: new Map(),
    connectors: new Map(),
    providers: new Map(),
    instruments: new Map(),
    sessions: new Map(),
    funds: new Map(),
    serial: 0,
  }
}

const text = z.string()
const maybe = z.optional(text)
const tags = z.optional(z.record(text, text))
const vendor = z.enum(['CoinbaseCDP', 'StripePrivy'])
const made = { serial: z.number(), createdAtMs: z.number(), updatedAtMs: z.number() }
const living = {
  status: text,
  next: z.optional(z.object({ status: text, atMs: z.number() })),
}

const KeptManager: z.ZodMiniType<Manager> = z.object({
  ...made,
  ...living,
  id: text,
  arn: text,
  region: text,
  name: text,
  description: maybe,
  authorizerType: z.enum(['CUSTOM_JWT', 'AWS_IAM']),
  authorizerConfiguration: z.optional(z.unknown()),
  roleArn: text,
  kmsKeyArn: maybe,
  tags,
})

const provider = z.optional(z.object({ credentialProviderArn: text }))

const KeptConnector: z.ZodMiniType<Connector> = z.object({
  ...made,
  ...living,
  id: text,
  managerId: text,
  region: text,
  name: text,
  description: maybe,
  type: vendor,
  provisionMode: z.enum(['MANUAL', 'QUICK_CREATE']),
  configurations: z.array(z.object({ coinbaseCDP: provider, stripePrivy: provider })),
  authorizationUrl: maybe,
  credentialsUpdatedAtMs: z.optional(z.number()),
  authenticationFails: z.boolean(),
})

const KeptProvider: z.ZodMiniType<CredentialProvider> = z.object({
  ...made,
  name: text,
  arn: text,
  region: text,
  vendor,
  output: z.record(text, z.unknown()),
  tags,
})

const KeptKey = z.pipe(
  z.string().check(z.regex(/^0x[\da-f]{64}$/)),
  z.transform((key) => key as `0x${string}`),
)

const KeptWallet: z.ZodMiniType<Wallet> = z.pipe(
  z.object({ address: text, privateKey: z.exactOptional(KeptKey) }),
  z.transform(walletOf),
)

const KeptInstrument: z.ZodMiniType<Instrument> = z.object({
  ...made,
  id: text,
  managerArn: text,
  connectorId: text,
  userId: text,
  network: z.enum(['ETHEREUM', 'SOLANA']),
  linkedAccounts: z.array(z.unknown()),
  redirectUrl: text,
  status: z.enum(['INITIATED', 'ACTIVE', 'FAILED', 'BLOCKED', 'DELETED']),
  wallet: KeptWallet,
})

const KeptSession: z.ZodMiniType<Session> = z.object({
  ...made,
  id: text,
  managerArn: text,
  userId: text,
  expiryTimeInMinutes: z.number(),
  limitText: maybe,
  limit: z.optional(Whole),
  spent: Whole,
})

/** The holdings as they are kept in a file. */
export const KeptHoldings: z.ZodMiniType<Holdings> = z.object({
  managers: mapOf(KeptManager),
  connectors: mapOf(KeptConnector),
  providers: mapOf(KeptProvider),
  instruments: mapOf(KeptInstrument),
  sessions: mapOf(KeptSession),
  funds: mapOf(Whole),
  serial: z.number(),
})

/** The holdings with the keys of their wallets, to keep them in a file. */
export function holdingsToKeep(holdings: Holdings) {
  const instruments = [...holdings.instruments].map(
    ([id, one]) => [id, { ...one, wallet: one.wallet.keep() }] as const,
  )
  return { ...holdings, instruments }
}

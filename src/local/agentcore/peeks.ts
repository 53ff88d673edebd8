import { createConnector } from './control/connectors.js'
import { createProvider } from './control/credential-providers.js'
import { ACCOUNT_ID, newId } from './world/ids.js'
import type { Living } from './world/lifecycle.js'
import { createManager } from './control/managers.js'
import { formatDollars } from './world/money.js'
import { PURSE_CHAIN } from './world/purse.js'
import type { Call, InstrumentStatus, Manager, World } from './world/world.js'

/** What an instrument is at the moment. */
export interface LocalInstrument {
  id: string
  userId: string
  network: 'ETHEREUM' | 'SOLANA'
  address: string
  status: InstrumentStatus
  redirectUrl: string
}

/** What a session is at the moment. */
export interface LocalSession {
  id: string
  userId: string
  /** Dollars as a decimal string, e.g. `0.25`. */
  spent: string
  /** Dollars as a decimal string; undefined where the session has no limit. */
  available: string | undefined
  /** Unit: ms since the epoch. */
  expiresAtMs: number
}

/** A manager with a connector, ready to be used. */
export interface LocalPaymentsManager {
  paymentManagerArn: string
  paymentManagerId: string
  paymentConnectorId: string
}

/** Ways around the API, for tests and demos. */
export interface PaymentsPeeks {
  /** Those that were deleted too. */
  instruments: () => LocalInstrument[]
  sessions: () => LocalSession[]
  /**
   * Makes a manager and a connector that are READY at once, without the calls it would take.
   *
   * @param authorizerType `CUSTOM_JWT` takes bearer tokens, `AWS_IAM` (the default) signed calls.
   */
  addManager: (authorizerType?: 'AWS_IAM' | 'CUSTOM_JWT') => LocalPaymentsManager
  /** Adds to what `GetPaymentInstrumentBalance` answers. Atomic units. @param chain default `BASE_SEPOLIA` */
  fund: (instrumentId: string, units: bigint, chain?: string) => void
  /** Puts an instrument into a state, e.g. `BLOCKED`. @throws Error where there is none. */
  setInstrumentStatus: (instrumentId: string, status: InstrumentStatus) => void
}

/** The service calling itself. */
const SELF: Call = {
  authorizerType: 'AWS_IAM',
  region: 'us-west-2',
  origin: '',
  fails: false,
}
const DISCOVERY_URL = 'http://127.0.0.1/.well-known/openid-configuration'

export function createPeeks(world: World, funds: Map<string, bigint>): PaymentsPeeks {
  return {
    instruments: () => instruments(world),
    sessions: () => sessions(world),
    addManager: (authorizerType = 'AWS_IAM') => addManager(world, authorizerType),
    fund: (instrumentId, units, chain = PURSE_CHAIN) => {
      const wallet = world.instruments.get(instrumentId)?.wallet
      if (world.purse !== undefined && wallet !== undefined && chain === PURSE_CHAIN) {
        // Where this fails, so does whoever asks for the balance next.
        world.purse.fund(wallet.address, units).catch(() => undefined)
        return
      }
      const key = `${instrumentId} ${chain}`
      funds.set(key, (funds.get(key) ?? 0n) + units)
    },
    setInstrumentStatus: (instrumentId, status) => {
      const instrument = world.instruments.get(instrumentId)
      if (instrument === undefined) throw new Error(`no instrument ${instrumentId}`)
      instrument.status = status
    },
  }
}

function instruments(world: World): LocalInstrument[] {
  return [...world.instruments.values()].map((instrument) => {
    const { id, userId, network, status, redirectUrl, wallet } = instrument
    return { id, userId, network, status, redirectUrl, address: wallet.address }
  })
}

function sessions(world: World): LocalSession[] {
  return [...world.sessions.values()].map((session) => {
    const { id, userId, limit, spent, createdAtMs, expiryTimeInMinutes } = session
    return {
      id,
      userId,
      spent: formatDollars(spent),
      available: limit === undefined ? undefined : formatDollars(limit - spent),
      expiresAtMs: createdAtMs + expiryTimeInMinutes * 60_000,
    }
  })
}

/** Made as a client would make it, save the waiting. */
function addManager(world: World, authorizerType: Manager['authorizerType']): LocalPaymentsManager {
  const name = newId('local', 8).replace('-', '')
  const { credentialProviderArn } = createProvider(world, SELF, {
    name,
    credentialProviderVendor: 'CoinbaseCDP',
    providerConfigurationInput: {
      coinbaseCdpConfiguration: { apiKeyId: name, apiKeySecret: 'none', walletSecret: 'none' },
    },
  })
  const { paymentManagerArn, paymentManagerId } = createManager(world, SELF, {
    name,
    authorizerType,
    authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl: DISCOVERY_URL } },
    roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/local`,
  })
  makeReady(world.managers.get(paymentManagerId))
  const { paymentConnectorId } = createConnector(world, SELF, {
    paymentManagerId,
    name,
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
  })
  makeReady(world.connectors.get(paymentConnectorId))
  return { paymentManagerArn, paymentManagerId, paymentConnectorId }
}

function makeReady(resource: Living | undefined): void {
  if (resource !== undefined) Object.assign(resource, { status: 'READY', next: undefined })
}

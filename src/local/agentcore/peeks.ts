import { createConnector } from './control/connectors.js'
import { createProvider } from './control/credential-providers.js'
import { ACCOUNT_ID, newId } from './world/ids.js'
import { present, type Living } from './world/lifecycle.js'
import { createManager } from './control/managers.js'
import { formatDollars } from './world/money.js'
import { PURSE_CHAIN } from './world/purse.js'
import type { Call, InstrumentStatus, Manager, World } from './world/world.js'

/** An instrument as it is at the moment. */
export interface LocalInstrument {
  /** The id of the instrument, `payment-instrument-…`. */
  id: string
  /** The user whose instrument it is. */
  userId: string
  /** The kind of chains that the wallet is for. */
  network: 'ETHEREUM' | 'SOLANA'
  /** The wallet's address. */
  address: string
  /** The status, as AWS names it. */
  status: InstrumentStatus
  /** The page on which the user consents. */
  redirectUrl: string
}

/** A session as it is at the moment. */
export interface LocalSession {
  /** The id of the session, `payment-session-…`. */
  id: string
  /** The user whose session it is. */
  userId: string
  /** What was spent. Unit: US dollars, as a decimal string such as `0.25`. */
  spent: string
  /**
   * What may still be spent; `undefined` if the session has no limit. Unit: US dollars, as a decimal string.
   */
  available: string | undefined
  /** When the session ends. Unit: ms since the epoch. */
  expiresAtMs: number
}

/** A manager with a connector, both READY. */
export interface LocalPaymentsManager {
  /** The manager's ARN, which `PaymentManager` takes. */
  paymentManagerArn: string
  /** The id of the manager. */
  paymentManagerId: string
  /** The id of the connector. */
  paymentConnectorId: string
}

/** Ways around the API, for tests and demos. */
export interface PaymentsPeeks {
  /** Every instrument, also those that were deleted. */
  instruments: () => LocalInstrument[]
  /** Every session there is. */
  sessions: () => LocalSession[]
  /**
   * Makes a manager and a connector that are READY at once. No API call is made.
   *
   * @param authorizerType `CUSTOM_JWT` takes bearer tokens, `AWS_IAM` takes signed calls. The default is
   * `AWS_IAM`.
   */
  addManager: (authorizerType?: 'AWS_IAM' | 'CUSTOM_JWT') => LocalPaymentsManager
  /**
   * Finds a manager that takes signed calls and has a connector, both READY: the first that was made. If there
   * is none, one is made.
   */
  firstManager: () => LocalPaymentsManager
  /**
   * Adds to the balance that `GetPaymentInstrumentBalance` answers. Unit: atomic units.
   *
   * @param chain default `BASE_SEPOLIA`
   */
  fund: (instrumentId: string, units: bigint, chain?: string) => void
  /**
   * Gives an instrument another status, e.g. `BLOCKED`.
   *
   * @throws Error if there is no such instrument.
   */
  setInstrumentStatus: (instrumentId: string, status: InstrumentStatus) => void
}

/** A call that the service makes to itself. */
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
    firstManager: () => readyManager(world) ?? addManager(world, 'AWS_IAM'),
    fund: (instrumentId, units, chain = PURSE_CHAIN) => {
      const wallet = world.instruments.get(instrumentId)?.wallet
      if (world.purse !== undefined && wallet !== undefined && chain === PURSE_CHAIN) {
        // If this fails, the next look at the balance fails too.
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

/** Makes a manager as a client would, without the waiting. */
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

function readyManager(world: World): LocalPaymentsManager | undefined {
  const connectors = present(world.connectors, world.now()).filter(isReady)
  for (const { id, arn, authorizerType, status } of present(world.managers, world.now())) {
    const connector = connectors.find(({ managerId }) => managerId === id)
    if (connector === undefined || authorizerType !== 'AWS_IAM' || !isReady({ status })) continue
    return { paymentManagerArn: arn, paymentManagerId: id, paymentConnectorId: connector.id }
  }
  return undefined
}

function isReady({ status }: Living): boolean {
  return status === 'READY'
}

function makeReady(resource: Living | undefined): void {
  if (resource !== undefined) Object.assign(resource, { status: 'READY', next: undefined })
}

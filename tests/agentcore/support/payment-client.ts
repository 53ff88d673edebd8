import {
  ListPaymentConnectorsCommand,
  ListPaymentCredentialProvidersCommand,
  ListPaymentManagersCommand,
} from '@aws-sdk/client-bedrock-agentcore-control'
import {
  PaymentClient,
  PaymentManagerCreationFailed,
  type CallOptions,
  type ManagerWithConnectorOptions,
  type PaymentClientOptions,
  type WaitProgress,
} from '../../../src/agentcore/index.js'
import type { LocalPaymentsService } from '../../../src/local/agentcore/index.js'
import { ROLE, clock, serve, type Served } from '../../local/agentcore/support/payments-service.js'

/** A client and its service. Both have one clock, which moves while the client sleeps. */
export interface SetUp {
  client: PaymentClient
  service: LocalPaymentsService
  /** What the service has, read without our client. */
  state: () => Promise<{ managers: string[]; connectors: string[]; providers: string[] }>
  /** Names of the operations that were called, in order. */
  called: () => string[]
  /** Bodies of the calls of one operation. */
  bodies: (operation: string) => Record<string, unknown>[]
  /** How long the client slept, for each time. Unit: ms. */
  naps: number[]
  time: { now: () => number; pass: (ms: number) => void }
}

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'any' }

/**
 * Starts a service, and makes a client.
 *
 * @param readyAfterMs how long the service takes to create and delete. Unit: ms.
 */
export async function setUp(readyAfterMs = 0, options: PaymentClientOptions = {}): Promise<SetUp> {
  const time = clock()
  const { service, control } = await serve({ now: time.now, readyAfterMs })
  const naps: number[] = []
  const sleep = (ms: number) => {
    naps.push(ms)
    time.pass(ms)
    return Promise.resolve()
  }
  const client = new PaymentClient({
    endpoint: service.url,
    region: 'us-west-2',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    now: time.now,
    sleep,
    ...options,
  })
  return {
    client,
    service,
    state: () => stateOf({ service, control }),
    called: () => service.calls.map(({ operation = '?' }) => operation),
    bodies: (operation) =>
      service.calls
        .filter((call) => call.operation === operation)
        .map(({ body }) => body as Record<string, unknown>),
    naps,
    time,
  }
}

/** Reads what a service has, without our client. */
export async function stateOf({ service, control }: Pick<Served, 'service' | 'control'>) {
  service.faults.clear()
  const { paymentManagers = [] } = await control.send(new ListPaymentManagersCommand({}))
  const connectors: string[] = []
  for (const { paymentManagerId } of paymentManagers) {
    const input = { paymentManagerId }
    const listed = await control.send(new ListPaymentConnectorsCommand(input))
    for (const { name } of listed.paymentConnectors ?? []) connectors.push(String(name))
  }
  const listed = await control.send(new ListPaymentCredentialProvidersCommand({}))
  return {
    managers: paymentManagers.map(({ name }) => String(name)),
    connectors,
    providers: (listed.credentialProviders ?? []).map(({ name }) => String(name)),
  }
}

/** What `state` says of an empty service. */
export const NOTHING = { managers: [], connectors: [], providers: [] }

export const MANAGER = { name: 'shop', roleArn: ROLE }

/** Credentials whose parts are marked. Each can be told from the others, and from prose. */
export const COINBASE = {
  apiKeyId: 'key-id-of-coinbase',
  apiKeySecret: 'Zq3vT8pLw0XnR5yK2mBd',
  walletSecret: 'Hc7JfG1sAe9UoV4iQt6W',
}
export const PRIVY = {
  appId: 'app-id-of-privy',
  appSecret: 'Mx2bYw8KdR4tPz6LqN0c',
  authorizationPrivateKey: 'Sv5gEj3HuO7aFi1TkC9r',
  authorizationId: 'auth-id-of-privy',
}

export const PROVIDER = {
  name: 'coinbase-keys',
  credentialProviderVendor: 'CoinbaseCDP',
  providerConfigurationInput: { coinbaseCdpConfiguration: COINBASE },
} as const

/** Makes one of each, by three calls. */
export async function withConnector(client: PaymentClient) {
  const { paymentManagerId } = await client.createPaymentManager({ ...MANAGER, waitForReady: true })
  const { credentialProviderArn } = await client.createPaymentCredentialProvider(PROVIDER)
  const { paymentConnectorId } = await client.createPaymentConnector({
    paymentManagerId,
    name: 'coinbase',
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
    waitForReady: true,
  })
  return { ids: { paymentManagerId, paymentConnectorId }, credentialProviderArn }
}

/** The options of a manager with a connector to Coinbase. */
export const WITH_CONNECTOR = {
  paymentManagerName: 'shop',
  roleArn: ROLE,
  paymentConnectorConfig: {
    name: 'coinbase',
    paymentCredentialProviderConfig: {
      name: 'coinbase-keys',
      credentialProviderVendor: 'CoinbaseCDP',
      credentials: COINBASE,
    },
  },
} as const

/**
 * The error that a promise rejects with.
 *
 * @throws if it does not reject
 */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('was not rejected')
    },
    (error: unknown) => error,
  )
}

/** Makes a manager that is READY, so that a connector can be made. */
export async function withManager(
  readyAfterMs: number,
): Promise<SetUp & { paymentManagerId: string }> {
  const all = await setUp(readyAfterMs)
  const { paymentManagerId } = await all.client.createPaymentManager({
    ...MANAGER,
    waitForReady: true,
  })
  all.naps.length = 0
  return { ...all, paymentManagerId }
}

/** Opens the page as a browser would. Opening it is consenting. */
export async function consent({ authorizationUrl }: WaitProgress): Promise<void> {
  if (authorizationUrl !== undefined) await (await fetch(authorizationUrl)).text()
}

/** Tries to make a manager with connector, and gives the error. */
export async function failed(
  { client }: SetUp,
  options: Partial<ManagerWithConnectorOptions> = {},
  call: CallOptions = {},
): Promise<PaymentManagerCreationFailed> {
  const all = { ...WITH_CONNECTOR, waitForReady: true, ...options }
  const error = await rejection(client.createPaymentManagerWithConnector(all, call))
  if (error instanceof PaymentManagerCreationFailed) return error
  throw error
}

/** A fault that is a clear refusal. */
export const REFUSED = { kind: 'error', name: 'ValidationException', status: 400 } as const
export const DENIED = { kind: 'error', name: 'AccessDeniedException', status: 403 } as const

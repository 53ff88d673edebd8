import { randomUUID } from 'node:crypto'
import { unlessAborted } from '../../time/unless-aborted.js'
import type { ControlCall, ControlPlane } from '../aws/control-plane.js'
import { creationFailed } from './creation-failure.js'
import { connectorStep, managerStep, providerStep } from './creation-steps.js'
import { requestCredentialProvider } from './credential-providers.js'
import {
  checkManagerWithConnector,
  type ManagerWithConnector,
  type ManagerWithConnectorOptions,
  type PaymentCredentialProviderConfig,
} from './manager-with-connector-options.js'
import { readyPaymentConnector, requestPaymentConnector } from './control-connectors.js'
import { readyPaymentManager, requestPaymentManager } from './control-managers.js'
import { limited } from '../../time/limited.js'
import { rollBack, type Step } from './rollback.js'
import type { CallOptions } from '../aws/sdk-call.js'
import { configurationOf, providerInputOf } from './vendor-credentials.js'
import type { Wait } from './wait-options.js'

/**
 * Makes a credential provider, a manager and a connector, in this order. The manager is always waited for,
 * since only a manager that is READY takes a connector.
 *
 * @throws OptionsError before any call
 * @throws the reason of a signal that is aborted already
 * @throws PaymentManagerCreationFailed after everything that is proven to be of this call was deleted again
 */
export async function createPaymentManagerWithConnector(
  plane: ControlPlane,
  options: ManagerWithConnectorOptions,
  { abortSignal }: CallOptions = {},
): Promise<ManagerWithConnector> {
  const wait = checkManagerWithConnector(options, abortSignal)
  unlessGivenUp(wait)
  await plane.open()
  const creation: Creation = { plane, wait, steps: [] }
  try {
    return await createAll(creation, options)
  } catch (error) {
    throw creationFailed(error, await rollBack(creation.steps, plane.clock))
  }
}

/** One creation under way. */
interface Creation {
  plane: ControlPlane
  wait: Wait
  /** The steps so far, in order. */
  steps: Step[]
}

async function createAll(
  creation: Creation,
  options: ManagerWithConnectorOptions,
): Promise<ManagerWithConnector> {
  const { description, paymentCredentialProviderConfig: config } = options.paymentConnectorConfig
  const credentialProvider = config && (await createProvider(creation, config))
  const manager = await createManager(creation, options)
  const { paymentManagerId, paymentManagerArn } = manager
  const arn = credentialProvider?.credentialProviderArn
  const connector = await createConnector(creation, options, { paymentManagerId, arn })
  const { paymentConnectorId, name, type, authorizationUrl } = connector
  const managerDescription = options.paymentManagerDescription
  return {
    paymentManager: {
      paymentManagerArn,
      paymentManagerId,
      name: manager.name,
      ...(managerDescription !== undefined && { description: managerDescription }),
      status: manager.status,
    },
    paymentConnector: {
      paymentConnectorId,
      paymentManagerId,
      name,
      ...(description !== undefined && { description }),
      type,
      status: connector.status,
    },
    ...(credentialProvider && { credentialProvider }),
    ...(authorizationUrl !== undefined && { authorizationUrl }),
  }
}

async function createProvider(creation: Creation, config: PaymentCredentialProviderConfig) {
  const { plane } = creation
  const { name, credentialProviderVendor: vendor } = config
  const input = {
    name,
    credentialProviderVendor: vendor,
    providerConfigurationInput: providerInputOf(config),
  }
  const step = providerStep(plane, config, plane.clock.now())
  const created = await made(creation, step, (call) =>
    requestCredentialProvider(plane, input, { ...call, nameOf: NAMES.provider }),
  )
  step.id = name
  return {
    credentialProviderArn: created.credentialProviderArn,
    name,
    credentialProviderVendor: vendor,
  }
}

async function createManager(creation: Creation, options: ManagerWithConnectorOptions) {
  const { plane, wait } = creation
  const { paymentManagerName: name, paymentManagerDescription: description, roleArn } = options
  const { authorizerType, authorizerConfiguration } = options
  const access = { roleArn, authorizerType, authorizerConfiguration }
  const input = { name, description, ...access, clientToken: randomUUID() }
  const step = managerStep(plane, input, plane.clock.now())
  const created = await made(creation, step, (call) =>
    requestPaymentManager(plane, input, { ...call, nameOf: NAMES.manager }),
  )
  step.id = created.paymentManagerId
  return readyPaymentManager(plane, created, wait)
}

async function createConnector(
  creation: Creation,
  { paymentConnectorConfig: config }: ManagerWithConnectorOptions,
  { paymentManagerId, arn }: { paymentManagerId: string; arn: string | undefined },
) {
  const { plane, wait } = creation
  const { name, description, provisionMode } = config
  const type = config.paymentCredentialProviderConfig?.credentialProviderVendor ?? 'CoinbaseCDP'
  const credentialProviderConfigurations = arn === undefined ? [] : [configurationOf(type, arn)]
  const about = { paymentManagerId, name, description, type, provisionMode }
  const input = { ...about, credentialProviderConfigurations, clientToken: randomUUID() }
  const step = connectorStep(plane, input)
  const created = await made(creation, step, (call) =>
    requestPaymentConnector(plane, input, { ...call, nameOf: NAMES.connector }),
  )
  step.id = created.paymentConnectorId
  return wait.isWanted ? readyPaymentConnector(plane, paymentManagerId, created, wait) : created
}

/** The names of the members of AWS's requests in our options. */
const NAMES = {
  provider: (field: string) => {
    const path = 'paymentConnectorConfig.paymentCredentialProviderConfig'
    const isOption = field === 'name' || field === 'credentialProviderVendor'
    return isOption ? `${path}.${field}` : `${path}.credentials.${field}`
  },
  manager: (field: string) => {
    if (field === 'name') return 'paymentManagerName'
    return field === 'description' ? 'paymentManagerDescription' : field
  },
  connector: (field: string) => `paymentConnectorConfig.${field}`,
} as const

/**
 * How long a request that makes something is awaited, even if the caller gives up meanwhile. Only its answer
 * says what has to be undone. Unit: ms.
 */
const CREATE_TIMEOUT_MS = 60_000

const LOOK_TIMEOUT_MS = 10_000

async function made<T>(
  { wait, steps }: Creation,
  step: Step,
  create: (call: ControlCall) => Promise<T>,
): Promise<T> {
  await lookFirst(step, wait)
  unlessGivenUp(wait)
  steps.push(step)
  return create({ outcome: step.outcome, timeoutMs: CREATE_TIMEOUT_MS })
}

/** Looks whether a name is taken. If that cannot be found out, the rollback is more careful. */
async function lookFirst(step: Step, { abortSignal }: Wait): Promise<void> {
  if (step.isThere === undefined) return
  const { signal, done } = limited('look', LOOK_TIMEOUT_MS, abortSignal)
  step.wasThere = await unlessAborted(signal, step.isThere).catch(() => undefined)
  done()
}

function unlessGivenUp({ abortSignal }: Wait): void {
  abortSignal?.throwIfAborted()
}

import type { infer as Infer } from 'zod/mini'
import { conflict, invalid, notFound, refused } from '../world/aws-error.js'
import type {
  CreatePaymentConnectorInput,
  DeletePaymentConnectorInput,
  GetPaymentConnectorInput,
  ListPaymentConnectorsInput,
  UpdatePaymentConnectorInput,
} from './control-plane-shapes.js'
import { checkConfigurations } from './configurations.js'
import { namedId } from '../world/ids.js'
import { GONE, lookUp, present, turn } from '../world/lifecycle.js'
import { managerOf } from './managers.js'
import { awaitAuthentication } from './quick-create.js'
import { without } from '../world/without.js'
import { iso, type Call, type Connector, type World } from '../world/world.js'

export function createConnector(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentConnectorInput>,
) {
  const manager = managerOf(world, input.paymentManagerId)
  if (manager.status !== 'READY') {
    throw conflict(`Payment manager ${manager.id} is ${manager.status}`)
  }
  const { provisionMode = 'MANUAL', credentialProviderConfigurations: configurations } = input
  checkProvisioning(world, input.type, provisionMode, configurations)
  if (connectorsOf(world, manager.id).some(({ name }) => name === input.name)) {
    throw conflict(`A payment connector named ${input.name} exists already`)
  }
  const connector = newConnector(world, call, input, provisionMode)
  world.connectors.set(connector.id, connector)
  if (provisionMode === 'QUICK_CREATE') awaitAuthentication(world, connector, call.origin)
  const answer = { ...described(connector), paymentManagerId: manager.id }
  return without(answer, 'description', 'lastUpdatedAt', 'provisionMode', 'credentialsUpdatedAt')
}

function newConnector(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentConnectorInput>,
  provisionMode: Connector['provisionMode'],
): Connector {
  const nowMs = world.now()
  return {
    serial: world.nextSerial(),
    id: namedId(input.name),
    managerId: input.paymentManagerId,
    region: call.region,
    name: input.name,
    description: input.description,
    type: input.type,
    provisionMode,
    configurations: input.credentialProviderConfigurations,
    authorizationUrl: undefined,
    credentialsUpdatedAtMs: undefined,
    authenticationFails: call.fails,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    status: 'CREATING',
    next: { status: call.fails ? 'CREATE_FAILED' : 'READY', atMs: nowMs + world.readyAfterMs },
  }
}

export function getConnector(
  world: World,
  _call: Call,
  { paymentManagerId, paymentConnectorId }: Infer<typeof GetPaymentConnectorInput>,
) {
  return described(connectorOf(world, paymentManagerId, paymentConnectorId))
}

export function listConnectors(
  world: World,
  _call: Call,
  input: Infer<typeof ListPaymentConnectorsInput>,
) {
  const { id } = managerOf(world, input.paymentManagerId, refused)
  const connectors = connectorsOf(world, id)
  const page = world.pages.cut(`connectors ${id}`, connectors, ({ serial }) => serial, input)
  return { paymentConnectors: page.items.map(summary), nextToken: page.nextToken }
}

const SETTLED = ['READY', 'UPDATE_FAILED', 'AUTHENTICATION_EXPIRED', 'AUTHENTICATION_FAILED']

export function updateConnector(
  world: World,
  call: Call,
  input: Infer<typeof UpdatePaymentConnectorInput>,
) {
  const connector = connectorOf(world, input.paymentManagerId, input.paymentConnectorId)
  if (!SETTLED.includes(connector.status)) {
    throw conflict(`Payment connector ${connector.id} is ${connector.status}`)
  }
  const type = input.type ?? connector.type
  const configurations = input.credentialProviderConfigurations ?? connector.configurations
  if (connector.provisionMode === 'MANUAL') {
    checkProvisioning(world, type, 'MANUAL', configurations)
  }
  const description = input.description ?? connector.description
  if (!call.fails) Object.assign(connector, { type, configurations, description })
  if (connector.status.startsWith('AUTHENTICATION_')) {
    connector.authenticationFails = call.fails
    awaitAuthentication(world, connector, call.origin)
  } else {
    turn(world, connector, 'UPDATING', call.fails ? 'UPDATE_FAILED' : 'READY')
  }
  const answer = { ...described(connector), paymentManagerId: connector.managerId }
  return without(answer, 'createdAt', 'description', 'provisionMode', 'credentialsUpdatedAt')
}

export function deleteConnector(
  world: World,
  call: Call,
  { paymentManagerId, paymentConnectorId }: Infer<typeof DeletePaymentConnectorInput>,
) {
  const connector = connectorOf(world, paymentManagerId, paymentConnectorId)
  if (['CREATING', 'UPDATING', 'DELETING', 'PROVISIONING'].includes(connector.status)) {
    throw conflict(`Payment connector ${connector.id} is ${connector.status}`)
  }
  turn(world, connector, 'DELETING', call.fails ? 'DELETE_FAILED' : GONE)
  return { status: connector.status, paymentConnectorId: connector.id }
}

/**
 * Finds a connector of a manager by its id.
 *
 * @throws AwsFault ResourceNotFoundException
 */
export function connectorOf(world: World, managerId: string, id: string): Connector {
  managerOf(world, managerId)
  const connector = lookUp(world.connectors, id, world.now())
  if (connector?.managerId !== managerId) throw notFound(`Payment connector not found: ${id}`)
  return connector
}

function connectorsOf(world: World, managerId: string): Connector[] {
  return present(world.connectors, world.now()).filter((one) => one.managerId === managerId)
}

function checkProvisioning(
  world: World,
  type: Connector['type'],
  provisionMode: Connector['provisionMode'],
  configurations: Connector['configurations'],
): void {
  const wanted = provisionMode === 'MANUAL' ? 1 : 0
  if (configurations.length !== wanted) {
    const message = `Member must have length ${wanted} where provisionMode is ${provisionMode}`
    throw invalid([{ name: 'credentialProviderConfigurations', message }])
  }
  checkConfigurations(world, type, configurations)
}

function described(connector: Connector) {
  const { credentialsUpdatedAtMs, status } = connector
  return {
    ...summary(connector),
    description: connector.description,
    credentialProviderConfigurations: connector.configurations,
    createdAt: iso(connector.createdAtMs),
    authorizationUrl: status === 'PENDING_AUTHENTICATION' ? connector.authorizationUrl : undefined,
    credentialsUpdatedAt:
      credentialsUpdatedAtMs === undefined ? undefined : iso(credentialsUpdatedAtMs),
  }
}

function summary(connector: Connector) {
  return {
    paymentConnectorId: connector.id,
    name: connector.name,
    type: connector.type,
    provisionMode: connector.provisionMode,
    status: connector.status,
    lastUpdatedAt: iso(connector.updatedAtMs),
  }
}

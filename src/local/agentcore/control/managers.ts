import type { infer as Infer } from 'zod/mini'
import { conflict, invalid, notFound, type AwsFault } from '../world/aws-error.js'
import type {
  CreatePaymentManagerInput,
  DeletePaymentManagerInput,
  GetPaymentManagerInput,
  ListPaymentManagersInput,
  UpdatePaymentManagerInput,
} from './control-plane-shapes.js'
import { managerArn, namedId, workloadIdentityArn } from '../world/ids.js'
import { GONE, lookUp, present, turn } from '../world/lifecycle.js'
import { without } from '../world/without.js'
import { iso, type Call, type Manager, type World } from '../world/world.js'

export function createManager(
  world: World,
  call: Call,
  input: Infer<typeof CreatePaymentManagerInput>,
) {
  checkAuthorizer(input.authorizerType, input.authorizerConfiguration)
  const nowMs = world.now()
  if (present(world.managers, nowMs).some(({ name }) => name === input.name)) {
    throw conflict(`A payment manager named ${input.name} exists already`)
  }
  const id = namedId(input.name)
  const manager: Manager = {
    serial: world.nextSerial(),
    id,
    arn: managerArn(call.region, id),
    region: call.region,
    name: input.name,
    description: input.description,
    authorizerType: input.authorizerType,
    authorizerConfiguration: input.authorizerConfiguration,
    roleArn: input.roleArn,
    kmsKeyArn: input.kmsKeyArn,
    tags: input.tags,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    status: 'CREATING',
    next: {
      status: call.fails ? 'CREATE_FAILED' : 'READY',
      atMs: nowMs + world.readyAfterMs,
    },
  }
  world.managers.set(id, manager)
  return without(described(manager), 'lastUpdatedAt', 'description')
}

export function getManager(
  world: World,
  _call: Call,
  { paymentManagerId }: Infer<typeof GetPaymentManagerInput>,
) {
  return described(managerOf(world, paymentManagerId))
}

export function listManagers(
  world: World,
  _call: Call,
  input: Infer<typeof ListPaymentManagersInput>,
) {
  const managers = present(world.managers, world.now())
  const page = world.pages.cut('managers', managers, ({ serial }) => serial, input)
  return { paymentManagers: page.items.map(summary), nextToken: page.nextToken }
}

export function updateManager(
  world: World,
  call: Call,
  input: Infer<typeof UpdatePaymentManagerInput>,
) {
  const manager = managerOf(world, input.paymentManagerId)
  if (!['READY', 'UPDATE_FAILED'].includes(manager.status)) {
    throw conflict(`Payment manager ${manager.id} is ${manager.status}`)
  }
  const changed = {
    description: input.description ?? manager.description,
    authorizerType: input.authorizerType ?? manager.authorizerType,
    authorizerConfiguration: input.authorizerConfiguration ?? manager.authorizerConfiguration,
    roleArn: input.roleArn ?? manager.roleArn,
    kmsKeyArn: input.kmsKeyArn ?? manager.kmsKeyArn,
  }
  checkAuthorizer(changed.authorizerType, changed.authorizerConfiguration)
  if (!call.fails) Object.assign(manager, changed)
  turn(world, manager, 'UPDATING', call.fails ? 'UPDATE_FAILED' : 'READY')
  return without(described(manager), 'createdAt', 'description', 'authorizerConfiguration', 'tags')
}

export function deleteManager(
  world: World,
  call: Call,
  { paymentManagerId }: Infer<typeof DeletePaymentManagerInput>,
) {
  const manager = managerOf(world, paymentManagerId)
  if (!['READY', 'CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED'].includes(manager.status)) {
    throw conflict(`Payment manager ${manager.id} is ${manager.status}`)
  }
  const connectors = present(world.connectors, world.now())
  if (connectors.some(({ managerId }) => managerId === manager.id)) {
    throw conflict(`Payment manager ${manager.id} has payment connectors; delete them first`)
  }
  turn(world, manager, 'DELETING', call.fails ? 'DELETE_FAILED' : GONE)
  return { status: manager.status, paymentManagerId: manager.id }
}

/**
 * Finds a manager by its id.
 *
 * @throws AwsFault that `absent` makes, by default a ResourceNotFoundException.
 */
export function managerOf(
  world: World,
  id: string,
  absent: (message: string) => AwsFault = notFound,
): Manager {
  const manager = lookUp(world.managers, id, world.now())
  if (manager === undefined) throw absent(`Payment manager not found: ${id}`)
  return manager
}

function checkAuthorizer(type: Manager['authorizerType'], configuration: unknown): void {
  if (type === 'CUSTOM_JWT' && configuration === undefined) {
    const message = 'Member must not be null where authorizerType is CUSTOM_JWT'
    throw invalid([{ name: 'authorizerConfiguration', message }])
  }
}

function described(manager: Manager) {
  return {
    ...summary(manager),
    authorizerConfiguration: manager.authorizerConfiguration,
    workloadIdentityDetails: {
      workloadIdentityArn: workloadIdentityArn(manager.region, manager.id),
    },
    tags: manager.tags,
  }
}

function summary(manager: Manager) {
  return {
    paymentManagerArn: manager.arn,
    paymentManagerId: manager.id,
    name: manager.name,
    description: manager.description,
    authorizerType: manager.authorizerType,
    roleArn: manager.roleArn,
    status: manager.status,
    createdAt: iso(manager.createdAtMs),
    lastUpdatedAt: iso(manager.updatedAtMs),
    kmsKeyArn: manager.kmsKeyArn,
  }
}

import { accessDenied, conflict, invalid, notFound, type AwsFault } from './aws-error.js'
import { isUsable, lookUp } from './lifecycle.js'
import type { Call, Manager, World } from './world.js'

/** The manager and the user that a call is for. */
export interface Owner {
  manager: Manager
  userId: string
}

/**
 * Finds the manager that a call names, and the user. Some operations have no ResourceNotFoundException in the
 * model. They give an `absent` of their own.
 *
 * @throws AwsFault if the manager is absent, takes another kind of authorization, or cannot be used in its
 * status.
 * @throws AwsFault if there is no user.
 */
export function ownerOf(
  world: World,
  call: Call,
  { paymentManagerArn, userId }: { paymentManagerArn: string; userId?: string | undefined },
  absent: (message: string) => AwsFault = notFound,
): Owner {
  const id = paymentManagerArn.slice(paymentManagerArn.lastIndexOf('/') + 1)
  const manager = lookUp(world.managers, id, world.now())
  if (manager?.arn !== paymentManagerArn) {
    throw absent(`Payment manager not found: ${paymentManagerArn}`)
  }
  if (manager.authorizerType !== call.authorizerType) {
    const message = `The authorizer of payment manager ${id} is ${manager.authorizerType}`
    throw accessDenied(`${message}, and the call came with ${call.authorizerType}`)
  }
  if (!isUsable(manager)) {
    throw conflict(`Payment manager ${id} is ${manager.status}`)
  }
  if (userId === undefined || userId === '') {
    throw invalid([{ name: 'userId', message: 'Member must not be null' }])
  }
  return { manager, userId }
}

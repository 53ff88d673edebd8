import type { IncomingHttpHeaders } from 'node:http'
import { callerOf } from './world/caller.js'
import type { Operation } from './world/operations.js'
import { inputOf, type Given } from './request.js'
import { checked } from './world/validate.js'
import { without } from './world/without.js'
import type { World } from './world/world.js'

/**
 * Carries out a request, once for each client token.
 *
 * @throws AwsFault
 */
export async function run(
  world: World,
  operation: Operation,
  given: Given & { headers: IncomingHttpHeaders; fails: boolean },
): Promise<unknown> {
  const caller = callerOf(given.headers, world.now())
  const { authorizerType, region } = caller
  const call = {
    authorizerType,
    region,
    origin: `http://${given.headers.host ?? ''}`,
    fails: given.fails,
  }
  const input = inputOf(operation, given)
  // With a bearer token, the user is the token's subject. A header that names another user does not count.
  if (authorizerType === 'CUSTOM_JWT') input['userId'] = caller.subject
  const valid = checked(operation.shape, input) as Record<string, unknown>
  const doIt = () => Promise.resolve(operation.run(world, call, valid))
  const { clientToken, userId, paymentManagerArn, paymentManagerId } = valid
  if (typeof clientToken !== 'string') return doIt()
  const scope = [operation.name, userId, paymentManagerArn, paymentManagerId, clientToken]
  return world.answers.once(
    JSON.stringify(scope),
    without(valid, 'clientToken', 'agentName'),
    async () => doIt(),
  )
}

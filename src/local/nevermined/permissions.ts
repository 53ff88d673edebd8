import * as z from 'zod/mini'
import { ApiError } from './api-error.js'
import { ok, PlanTerms, read, requiredKey } from './api-call.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'
import { mintToken, type Signer } from './token.js'

const MintBody = z.looseObject({
  accepted: PlanTerms,
  delegationConfig: z.nullish(z.looseObject({ delegationId: z.nullish(z.string()) })),
  resource: z.nullish(z.looseObject({ url: z.string() })),
  tokenVersion: z.nullish(z.number()),
})

/** Mints a token for one plan. */
export function x402Permissions(world: World, call: ApiCall): ApiAnswer {
  return permissions(world, call, world.signer)
}

/** Mints a token for one plan, signed for one protocol. */
export function permissions(world: World, call: ApiCall, signer: Signer): ApiAnswer {
  const from = requiredKey(world, call)
  const body = read(MintBody, call.body)
  const { scheme, network, planId, extra } = body.accepted
  world.ledger.plan(planId)
  const delegationId = delegationFor(world, from, planId, body.delegationConfig)
  const { token, signature } = mintToken(
    {
      from,
      scheme,
      network,
      planId,
      agentId: extra?.agentId ?? undefined,
      httpVerb: extra?.httpVerb ?? undefined,
      resource: body.resource ?? undefined,
      version: body.tokenVersion === 3 ? 3 : 2,
    },
    signer,
  )
  world.permissions.set(signature, { delegationId })
  return ok({ accessToken: token, permissionHash: signature.slice(0, 66) })
}

/**
 * The delegation from which settle may order credits.
 *
 * @throws ApiError if the owner has no such delegation for this plan.
 */
function delegationFor(
  { ledger }: World,
  owner: string,
  planId: string,
  config: z.infer<typeof MintBody>['delegationConfig'],
): string | undefined {
  if (!config) return undefined
  // The real API has deprecated to create a delegation here. It has to exist before.
  if (!config.delegationId) {
    throw new ApiError(400, 'BCK.HTTP.400', 'Invalid request: delegationConfig.delegationId')
  }
  const delegation = ledger.delegations.get(config.delegationId)
  if (delegation?.owner !== owner) {
    throw new ApiError(402, 'BCK.X402.0019', 'Delegation not found')
  }
  if (delegation.planId !== undefined && delegation.planId !== planId) {
    throw new ApiError(400, 'BCK.X402.0014', 'The delegation is bound to another plan')
  }
  return config.delegationId
}

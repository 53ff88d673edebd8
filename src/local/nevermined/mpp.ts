import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { ApiError } from './api-error.js'
import { Amount, ok, read, requiredKey } from './api-call.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'
import {
  readCredential,
  rejected,
  writeChallenge,
  type RedeemedChallenge,
} from './mpp-challenge.js'
import { permissions } from './permissions.js'
import { checkToken, type CheckedToken, type Signer } from './token.js'
import { settleAnswer } from './verify-settle.js'

/*
 * MPP has the same plans, credits and delegations. The seller asks for a challenge. The buyer mints a token, and sends
 * both back. The seller redeems them.
 */

const ChallengeBody = z.looseObject({
  planId: z.string(),
  credits: Amount,
  resource: z.string(),
  httpVerb: z.string(),
  agentId: z.nullish(z.string()),
  digest: z.nullish(z.string()),
  description: z.nullish(z.string()),
})

/** Issues a challenge. The price is fixed from here on. */
export function mppChallenge(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  const body = read(ChallengeBody, call.body)
  const { planId, resource, httpVerb, agentId, digest, description } = body
  if (world.ledger.plan(planId).fiatProvider !== undefined) {
    throw new ApiError(400, 'BCK.MPP.0001', 'MPP serves plans that are paid on chain only')
  }
  const terms = {
    planId,
    credits: String(body.credits),
    resource,
    httpVerb,
    agentId: agentId ?? undefined,
    digest: digest ?? undefined,
    description: description ?? undefined,
  }
  return { status: 201, body: writeChallenge(terms, world.signer, world.now()) }
}

/** Mints a token. It is good for MPP alone. */
export function mppPermissions(world: World, call: ApiCall): ApiAnswer {
  requiredKey(world, call)
  return permissions(world, call, mppSigner(world))
}

const RedeemBody = z.looseObject({
  credential: z.string(),
  resource: z.string(),
  httpVerb: z.string(),
  bodyDigest: z.nullish(z.string()),
})

/** Checks a credential, and takes nothing. */
export function mppVerify(world: World, call: ApiCall): ApiAnswer {
  const { challenge, token, order } = redeemed(world, call)
  if (!world.ledger.covers(order)) throw rejected()
  const agentRequestId = randomUUID()
  const { agentId } = challenge
  return ok({
    isValid: true,
    payer: token.from,
    network: token.network,
    agentRequestId,
    ...(agentId !== undefined && {
      agentRequest: { agentRequestId, agentId, agentName: 'Local agent', batch: false },
    }),
  })
}

/** Takes the credits of the challenge. A challenge that is settled again gets the first settlement again. */
export function mppSettle(world: World, call: ApiCall): ApiAnswer {
  const { challenge, token, order } = redeemed(world, call)
  const settlement = burn(world, { ...order, agentRequestId: challenge.id, nonce: token.nonce })
  const receipt = {
    method: 'nevermined',
    reference: settlement.transaction,
    status: 'success',
    timestamp: new Date(world.now()).toISOString(),
  }
  const paymentReceipt = Buffer.from(JSON.stringify(receipt)).toString('base64url')
  return ok({ ...settleAnswer(token, settlement), paymentReceipt })
}

type Order = Parameters<World['ledger']['settle']>[0]

function burn({ ledger }: World, order: Order): ReturnType<World['ledger']['settle']> {
  try {
    return ledger.settle(order)
  } catch (error) {
    throw error instanceof ApiError && error.status < 500 ? rejected() : error
  }
}

interface Redeemed {
  challenge: RedeemedChallenge
  token: CheckedToken
  order: Pick<Order, 'planId' | 'payer' | 'amount' | 'delegationId'>
}

function redeemed(world: World, call: ApiCall): Redeemed {
  requiredKey(world, call)
  const { credential, resource, httpVerb, bodyDigest } = read(RedeemBody, call.body)
  const binding = { resource, httpVerb, bodyDigest: bodyDigest ?? undefined }
  const challenge = readCredential(credential, binding, world.signer, world.now())
  const token = tokenIn(challenge, world)
  const delegationId = world.permissions.get(token.signature)?.delegationId
  const { planId, credits } = challenge
  return { challenge, token, order: { planId, payer: token.from, amount: credits, delegationId } }
}

function tokenIn({ accessToken, planId, agentId }: RedeemedChallenge, world: World): CheckedToken {
  const token = readToken(accessToken, mppSigner(world))
  const isOther = token.agentId !== undefined && agentId !== undefined && token.agentId !== agentId
  if (token.planId !== planId || isOther) throw rejected()
  return token
}

function readToken(accessToken: string, signer: Signer): CheckedToken {
  try {
    return checkToken(accessToken, signer)
  } catch {
    throw rejected()
  }
}

/** Tokens of MPP look like those of x402. Another signature keeps them apart. */
function mppSigner({ signer }: World): Signer {
  return {
    sign: (parts) => signer.sign(['mpp-token', parts]),
    isSigned: (parts, signature) => signer.isSigned(['mpp-token', parts], signature),
  }
}

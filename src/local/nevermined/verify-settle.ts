import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { ApiError } from './api-error.js'
import { Amount, ok, optionalKey, PlanTerms, read } from './api-call.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'
import type { LocalSettlement } from './ledger-entries.js'
import { checkToken, type CheckedToken } from './token.js'

const PermissionBody = z.looseObject({
  paymentRequired: z.looseObject({
    resource: z.nullish(z.looseObject({ url: z.nullish(z.string()) })),
    accepts: z.array(PlanTerms),
  }),
  x402AccessToken: z.string(),
  maxAmount: z.nullish(Amount),
  agentRequestId: z.nullish(z.string()),
})

type PermissionRequest = z.infer<typeof PermissionBody>

export function verify(world: World, call: ApiCall): ApiAnswer {
  optionalKey(world, call)
  const body = read(PermissionBody, call.body)
  const { token, accepted, order } = checkPermission(world, body)
  // Like the real API, verify calls a used single-use token valid. Only settle finds out.
  if (!world.ledger.covers(order)) {
    return ok({ isValid: false, invalidReason: 'Insufficient credits', payer: token.from })
  }
  const agentRequestId = randomUUID()
  const agentId = accepted.extra?.agentId
  return ok({
    isValid: true,
    payer: token.from,
    network: token.network,
    agentRequestId,
    ...(agentId && {
      agentRequest: { agentRequestId, agentId, agentName: 'Local agent', batch: false },
    }),
  })
}

export function settle(world: World, call: ApiCall): ApiAnswer {
  optionalKey(world, call)
  const body = read(PermissionBody, call.body)
  const { token, order } = checkPermission(world, body)
  const agentRequestId = body.agentRequestId ?? undefined
  return ok(
    settleAnswer(token, world.ledger.settle({ ...order, nonce: token.nonce, agentRequestId })),
  )
}

export function settleAnswer(
  token: CheckedToken,
  settlement: LocalSettlement,
): Record<string, unknown> {
  const { transaction, redeemed, remainingBalance, orderTx, billingModel } = settlement
  return {
    success: true,
    payer: token.from,
    transaction,
    network: token.network,
    creditsRedeemed: redeemed.toString(),
    remainingBalance: remainingBalance.toString(),
    ...(orderTx !== undefined && { orderTx }),
    billingModel,
  }
}

/** Checks the token, and that it is for what the seller asks. */
function checkPermission(world: World, body: PermissionRequest) {
  const token = checkToken(body.x402AccessToken, world.signer)
  const { accepts, resource } = body.paymentRequired
  const accepted = accepts.find(
    ({ planId, scheme, network }) =>
      planId === token.planId && scheme === token.scheme && network === token.network,
  )
  if (accepted === undefined) throw mismatch('The payment is for another plan, scheme or network')
  const { agentId, httpVerb } = accepted.extra ?? {}
  if (agentId && !resource?.url) {
    throw new ApiError(400, 'BCK.X402.0012', 'resource.url is required when agentId is given')
  }
  if (token.resourceUrl !== undefined && !sameResource(token.resourceUrl, resource?.url ?? '')) {
    throw mismatch('The payment is for another resource')
  }
  const isBound = token.version === 3 ? sameBinding : noOtherBinding
  if (!isBound(token, agentId, httpVerb)) {
    throw mismatch('The payment is for another agent or verb')
  }
  world.ledger.plan(token.planId)
  const delegationId = world.permissions.get(token.signature)?.delegationId
  const amount =
    body.maxAmount === null || body.maxAmount === undefined ? undefined : BigInt(body.maxAmount)
  return {
    token,
    accepted,
    order: { planId: token.planId, payer: token.from, amount, delegationId },
  }
}

function sameBinding(
  token: CheckedToken,
  agentId: string | null | undefined,
  httpVerb: string | null | undefined,
): boolean {
  return token.agentId === (agentId ?? undefined) && token.httpVerb === (httpVerb ?? undefined)
}

/** Whether a reusable token names no other agent or verb than the seller asks for. It may name none. */
function noOtherBinding(
  token: CheckedToken,
  agentId: string | null | undefined,
  httpVerb: string | null | undefined,
): boolean {
  const isOther = (named: string | undefined, asked: string | null | undefined): boolean =>
    named !== undefined && Boolean(asked) && named !== asked
  return !isOther(token.agentId, agentId) && !isOther(token.httpVerb, httpVerb)
}

/**
 * Whether two URLs have the same origin and path. The query does not count. Texts that are no URLs are
 * compared as they are.
 */
function sameResource(a: string, b: string): boolean {
  if (!URL.canParse(a) || !URL.canParse(b)) return a === b
  const [one, two] = [new URL(a), new URL(b)]
  return one.protocol === two.protocol && one.host === two.host && one.pathname === two.pathname
}

function mismatch(message: string): ApiError {
  return new ApiError(400, 'BCK.X402.0013', message)
}

import * as z from 'zod/mini'
import { record } from '../checks.js'
import { inCall } from '../errors/in-call.js'
import { PaymentError } from '../errors/payment-error.js'
import { isRecord } from '../wire/json.js'
import { withIdentifier } from '../wire/payment-identifier.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'
import {
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  decodeHeader,
  decodeToken,
  encodeToken,
  tokenVersion as tokenVersionOf,
} from '../wire/x402.js'
import { GET, POST, RecordSchema, planPath, type HttpClient } from './api.js'
import { balanceArguments, checkDelegationPayload, tokenArguments } from './buyer-arguments.js'
import { planArguments } from './call-arguments.js'
import type { PayerOptions } from './payer-options.js'

/** The calls of buyers of a plan. Sellers make none of these calls, so the first call loads this file. */

export const PlanBalanceSchema = z.looseObject({
  planId: z.string(),
  holderAddress: z.string(),
  balance: z.union([z.string(), z.number()]),
  isSubscriber: z.nullish(z.boolean()),
})
const AccessTokenSchema = z.looseObject({ accessToken: z.string() })
export const DelegationSchema = z.looseObject({
  delegationId: z.string(),
  delegationToken: z.nullish(z.string()),
})

/** The credits that an account has of a plan. `balance` is a decimal string, as the API writes it. */
export type PlanBalance = z.infer<typeof PlanBalanceSchema>

/** A new delegation. */
export type CreateDelegationResponse = z.infer<typeof DelegationSchema>

/** A payment in its two forms: HTTP headers, and `_meta` of an MCP call. */
export interface X402Payment {
  /** For HTTP requests: `PAYMENT-SIGNATURE` holds the payment in base64. */
  headers: Record<string, string>
  /** For MCP calls: `x402/payment` holds the payment as an object. */
  meta: Record<string, unknown>
}

export async function planBalance(
  http: HttpClient,
  ownAddress: string,
  given: readonly unknown[],
): Promise<PlanBalance> {
  const named = argumentsOf(given, ['planId', 'accountAddress'])
  const { planId, accountAddress = ownAddress } = inCall('plans.getPlanBalance', named, () =>
    balanceArguments(given),
  )
  const path = `${planPath(planId)}/balance/${encodeURIComponent(accountAddress)}`
  return http.request(PlanBalanceSchema, { ...GET, authenticated: false, path })
}

export async function orderPlan(
  http: HttpClient,
  given: readonly unknown[],
): Promise<Record<string, unknown>> {
  const named = argumentsOf(given, ['planId'])
  const { planId } = inCall('plans.orderPlan', named, () => planArguments('orderPlan', given))
  return http.request(RecordSchema, { ...POST, path: `${planPath(planId)}/order` })
}

export async function accessToken(
  http: HttpClient,
  ownNetwork: string,
  given: readonly unknown[],
): Promise<{ accessToken: string }> {
  const named = argumentsOf(given, ['planId', 'agentId', 'tokenOptions'])
  const { planId, agentId, tokenOptions } = inCall('x402.getX402AccessToken', named, () =>
    tokenArguments(given),
  )
  const { scheme = 'nvm:erc4337', network = ownNetwork, delegationConfig } = tokenOptions
  const { resource, tokenVersion } = tokenOptions
  const httpVerb = tokenOptions['httpVerb'] ?? (isRecord(resource) ? 'POST' : undefined)
  const extra = {
    ...(agentId !== undefined && { agentId }),
    ...(httpVerb !== undefined && { httpVerb }),
  }
  const accepted = { scheme, network, planId, extra }
  return mint(http, { accepted, delegationConfig, resource, tokenVersion })
}

export async function createDelegation(
  http: HttpClient,
  given: readonly unknown[],
): Promise<CreateDelegationResponse> {
  inCall('delegation.createDelegation', argumentsOf(given, ['payload']), () =>
    checkDelegationPayload(given),
  )
  const [body] = given
  return http.request(DelegationSchema, { ...POST, path: '/api/v1/delegation/create', body })
}

/** Gives the arguments by name, from both forms. An error shows them. */
function argumentsOf(given: readonly unknown[], names: readonly string[]): Record<string, unknown> {
  const [first] = given
  const byName = Object.fromEntries(names.map((name, i) => [name, given[i]]))
  return typeof first === 'object' ? { ...byName, ...first } : byName
}

/** Asks for a token that pays what `body` says. */
function mint(http: HttpClient, body: unknown): Promise<{ accessToken: string }> {
  return http.request(AccessTokenSchema, { ...POST, path: '/api/v1/x402/permissions', body })
}

/** Makes a Nevermined token that pays what a challenge asks. */
export async function pay(
  http: HttpClient,
  { delegationConfig, tokenVersion = 3 }: PayerOptions,
  paymentRequired: Challenge,
  call: { requirement: Requirement },
): Promise<X402Payment> {
  record('paymentRequired', paymentRequired)
  record('call', call)
  record('call.requirement', call.requirement)
  const { resource, extensions } = paymentRequired
  const { scheme, network, planId, extra } = call.requirement
  if (!planId) throw new PaymentError('payment_unusable', 'Nevermined pays from plans only')
  const bound = {
    ...(extra?.agentId && { agentId: extra.agentId }),
    ...(extra?.httpVerb && { httpVerb: extra.httpVerb }),
  }
  const accepted = { scheme, network, planId, extra: bound }
  const { accessToken } = await mint(http, { accepted, delegationConfig, resource, tokenVersion })
  const payload = decodeHeader(accessToken)
  if (payload === undefined) throw new PaymentError('unreadable_answer', 'no readable token')
  if (tokenVersion === 3 && tokenVersionOf(decodeToken(accessToken)) !== 3) {
    // A seller can spend a reusable token again, beyond any budget.
    const what = 'asked for a single-use token, got a reusable one; tokenVersion: 2 takes those'
    throw new PaymentError('payment_unusable', what)
  }
  const named = withIdentifier(payload, extensions)
  const token = named === payload ? accessToken : encodeToken(named)
  return {
    headers: { [PAYMENT_SIGNATURE_HEADER]: token },
    meta: { [PAYMENT_META_KEY]: named },
  }
}

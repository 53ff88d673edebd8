import * as z from 'zod/mini'
import { isRecord } from '../wire/json.js'
import type { ApiRequest, HttpClient } from './api.js'
import {
  balanceArguments,
  checkDelegationPayload,
  planArguments,
  tokenArguments,
} from './call-arguments.js'

/** The calls of who holds a plan: look at it, buy it, and pay with it. */

const PlanBalanceSchema = z.looseObject({
  planId: z.string(),
  holderAddress: z.string(),
  balance: z.union([z.string(), z.number()]),
  isSubscriber: z.nullish(z.boolean()),
})
const AccessTokenSchema = z.looseObject({ accessToken: z.string() })
const DelegationSchema = z.looseObject({
  delegationId: z.string(),
  delegationToken: z.nullish(z.string()),
})
export const RecordSchema = z.looseObject({})

/** What a holder has of a plan. `balance` is a decimal string as the API writes it. */
export type PlanBalance = z.infer<typeof PlanBalanceSchema>

/** Which delegation a payment may spend. Fields beside these go to the API as they are. */
export interface DelegationConfig {
  /** The id of a delegation of `payments.delegation.createDelegation`. */
  delegationId?: string | undefined
  [key: string]: unknown
}

/** Options of {@link X402Tokens.getX402AccessToken}. */
export interface X402TokenOptions {
  /** @default 'nvm:erc4337' */
  scheme?: string | undefined
  /** Default: by environment. */
  network?: string | undefined
  /** An existing delegation to pay from: `{ delegationId }`. Default: the credits that the account holds. */
  delegationConfig?: DelegationConfig | undefined
  /** What the token is bound to; take it from the challenge. Needed for version 3. */
  resource?: { url: string; [key: string]: unknown } | undefined
  /** @default 'POST' where `resource` is given */
  httpVerb?: string | undefined
  /** 3 asks for a single-use token. Look at the token for what was minted. Default: the API's. */
  tokenVersion?: 2 | 3 | undefined
}

/** What a delegation is made of: who may spend how much, and for how long. */
export interface CreateDelegationPayload {
  /** `erc4337` spends on chain, the others charge a card. A `visa` delegation is made in the browser only. */
  provider: 'stripe' | 'braintree' | 'visa' | 'erc4337' | 'vgs'
  /** The provider's id of the card. Required by the API for cards. */
  providerPaymentMethodId?: string | undefined
  /** The most it may spend. Unit: cents. */
  spendingLimitCents: number
  /** How long it may spend. Unit: s. */
  durationSecs: number
  /** `usdc` or `eurc` on chain, `usd` or `eur` by card. */
  currency: 'usd' | 'eur' | 'usdc' | 'eurc'
  /** Binds it to one plan. Default: every plan. */
  planId?: string | undefined
  merchantAccountId?: string | undefined
  /** Default: no bound. */
  maxTransactions?: number | undefined
  /** Binds it to one API key. Default: every key of the account. */
  apiKeyId?: string | undefined
}

/** A delegation that was made. */
export type CreateDelegationResponse = z.infer<typeof DelegationSchema>

/** Every call takes its arguments one after the other, or in one object. Wrong ones are an `OptionsError`. */
export interface Plans {
  getPlan(plan: string | { planId: string }): Promise<Record<string, unknown>>
  /** Of the key's own account unless another one is given. */
  getPlanBalance(planId: string, accountAddress?: string): Promise<PlanBalance>
  getPlanBalance(of: { planId: string; accountAddress?: string | undefined }): Promise<PlanBalance>
  /** Buys the plan with the account's own funds. */
  orderPlan(plan: string | { planId: string }): Promise<Record<string, unknown>>
}

export interface X402Tokens {
  /**
   * Mints a token to pay with. It is a bearer: whoever holds it can spend it. The arguments come one after the
   * other, or in one object. Wrong ones are an `OptionsError`.
   */
  getX402AccessToken(
    planId: string,
    agentId?: string,
    tokenOptions?: X402TokenOptions,
  ): Promise<{ accessToken: string }>
  getX402AccessToken(of: {
    planId: string
    agentId?: string | undefined
    tokenOptions?: X402TokenOptions | undefined
  }): Promise<{ accessToken: string }>
}

export interface Delegations {
  /**
   * Lets tokens spend more than the credits that the account holds: a settlement that lacks credits orders the
   * plan from the delegation. Not repeated by us where the answer is lost: there may be two then.
   */
  createDelegation(payload: CreateDelegationPayload): Promise<CreateDelegationResponse>
}

export function createPlans(http: HttpClient, ownAddress: string): Plans {
  const path = (planId: string) => `/api/v1/protocol/plans/${encodeURIComponent(planId)}`
  const publicly = { ...GET, authenticated: false }
  return {
    getPlan: async (...given: unknown[]) => {
      const { planId } = planArguments('getPlan', given)
      return http.request(RecordSchema, { ...publicly, path: path(planId) })
    },
    getPlanBalance: async (...given: unknown[]) => {
      const { planId, accountAddress = ownAddress } = balanceArguments(given)
      const balance = `${path(planId)}/balance/${encodeURIComponent(accountAddress)}`
      return http.request(PlanBalanceSchema, { ...publicly, path: balance })
    },
    orderPlan: async (...given: unknown[]) => {
      const { planId } = planArguments('orderPlan', given)
      return http.request(RecordSchema, { ...POST, path: `${path(planId)}/order` })
    },
  }
}

export function createTokens(http: HttpClient, ownNetwork: string): X402Tokens {
  return {
    getX402AccessToken: async (...given: unknown[]) => {
      const { planId, agentId, tokenOptions } = tokenArguments(given)
      const { scheme = 'nvm:erc4337', network = ownNetwork, delegationConfig } = tokenOptions
      const { resource, tokenVersion } = tokenOptions
      const httpVerb = tokenOptions['httpVerb'] ?? (isRecord(resource) ? 'POST' : undefined)
      const extra = {
        ...(agentId !== undefined && { agentId }),
        ...(httpVerb !== undefined && { httpVerb }),
      }
      const accepted = { scheme, network, planId, extra }
      return mint(http, { accepted, delegationConfig, resource, tokenVersion })
    },
  }
}

export function createDelegations(http: HttpClient): Delegations {
  return {
    createDelegation: async (...given: unknown[]) => {
      checkDelegationPayload(given)
      const [body] = given
      return http.request(DelegationSchema, { ...POST, path: '/api/v1/delegation/create', body })
    },
  }
}

/** Asks for a token that pays what `body` says. */
export function mint(http: HttpClient, body: unknown): Promise<{ accessToken: string }> {
  return http.request(AccessTokenSchema, { ...POST, path: '/api/v1/x402/permissions', body })
}

type Request = Pick<ApiRequest, 'method' | 'repeatable' | 'timeoutMs'>

/** Unit: ms. */
export const QUERY_TIMEOUT_MS = 10_000
/** A settle may wait for a chain; so may an order. Unit: ms. */
export const WRITE_TIMEOUT_MS = 25_000
export const GET: Request = { method: 'GET', repeatable: true, timeoutMs: QUERY_TIMEOUT_MS }
export const POST: Request = { method: 'POST', repeatable: false, timeoutMs: WRITE_TIMEOUT_MS }

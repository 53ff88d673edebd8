import { inCall } from '../errors/in-call.js'
import { lazy } from '../lazy.js'
import type { Challenge, Requirement } from '../wire/x402-challenge.js'
import { GET, RecordSchema, planPath, type HttpClient } from './api.js'
import type { CreateDelegationResponse, PlanBalance, X402Payment } from './buyer-calls.js'
import { planArguments } from './call-arguments.js'
import { type DelegationConfig, type PayerOptions, checkPayerOptions } from './payer-options.js'

/** The calls of buyers: look at a plan, buy it, and pay with it. */

/** Options of {@link X402Tokens.getX402AccessToken}. */
export interface X402TokenOptions {
  /**
   * The x402 scheme of the plan.
   *
   * @default 'nvm:erc4337'
   */
  scheme?: string | undefined
  /**
   * The CAIP-2 network of the plan.
   *
   * @default the chain of the environment
   */
  network?: string | undefined
  /**
   * An existing delegation to pay from: `{ delegationId }`.
   *
   * @default the credits that the account holds
   */
  delegationConfig?: DelegationConfig | undefined
  /**
   * What the token may pay for. Take it from the challenge. Version 3 needs it.
   *
   * @default none
   */
  resource?: { url: string; [key: string]: unknown } | undefined
  /**
   * The HTTP method that the token is bound to.
   *
   * @default 'POST' with `resource`, else none
   */
  httpVerb?: string | undefined
  /**
   * 3 asks for a single-use token. The API may mint a reusable one all the same, so check the token.
   *
   * @default chosen by the API
   */
  tokenVersion?: 2 | 3 | undefined
}

/** What a delegation allows: who may spend how much, and for how long. */
export interface CreateDelegationPayload {
  /**
   * Who is charged. `erc4337` spends on chain, the others charge a card. A `visa` delegation is made in the browser
   * only.
   */
  provider: 'stripe' | 'braintree' | 'visa' | 'erc4337' | 'vgs'
  /**
   * The provider's id of the card. The API requires it for cards.
   *
   * @default none
   */
  providerPaymentMethodId?: string | undefined
  /** The most that tokens may spend. Unit: cents. */
  spendingLimitCents: number
  /** How long tokens may spend. Unit: s. */
  durationSecs: number
  /** `usdc` or `eurc` on chain, `usd` or `eur` by card. */
  currency: 'usd' | 'eur' | 'usdc' | 'eurc'
  /**
   * Binds it to one plan.
   *
   * @default every plan
   */
  planId?: string | undefined
  /**
   * Binds it to one merchant account of the provider.
   *
   * @default none
   */
  merchantAccountId?: string | undefined
  /**
   * How many payments it may make. Unit: payments.
   *
   * @default no bound
   */
  maxTransactions?: number | undefined
  /**
   * Binds it to one API key.
   *
   * @default every key of the account
   */
  apiKeyId?: string | undefined
}

/** Every call takes its arguments one after the other, or in one object. Wrong ones are an `OptionsError`. */
export interface Plans {
  /** Reads a plan as the API answers it. No key is sent. */
  getPlan(plan: string | { planId: string }): Promise<Record<string, unknown>>
  /** The default account is that of the key. */
  getPlanBalance(planId: string, accountAddress?: string): Promise<PlanBalance>
  getPlanBalance(of: { planId: string; accountAddress?: string | undefined }): Promise<PlanBalance>
  /** Buys the plan with the account's own funds. */
  orderPlan(plan: string | { planId: string }): Promise<Record<string, unknown>>
}

/**
 * Mints tokens to pay with. `payments.x402` is one.
 *
 * @see https://docs.nevermined.app
 */
export interface X402Tokens {
  /**
   * Mints a token to pay with. Everybody who has a reusable token can spend it. The arguments come one after the
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

/**
 * Creates delegations: rights to spend, from which tokens pay. `payments.delegation` is one.
 *
 * @see https://docs.nevermined.app
 */
export interface Delegations {
  /**
   * Lets tokens spend more than the credits of the account. If a settlement lacks credits, it orders the plan from
   * the delegation. If the answer is lost, we do not send the request again, because it could make a second
   * delegation.
   */
  createDelegation(payload: CreateDelegationPayload): Promise<CreateDelegationResponse>
}

/** The first call of a buyer loads this. Sellers make no such call. */
const buyerCalls = lazy(() => import('./buyer-calls.js'))

export function createPlans(http: HttpClient, ownAddress: string): Plans {
  return {
    getPlan: async (...given: unknown[]) => {
      const [first] = given
      const named = typeof first === 'object' ? first : { planId: first }
      const { planId } = inCall('plans.getPlan', named, () => planArguments('getPlan', given))
      return http.request(RecordSchema, { ...GET, authenticated: false, path: planPath(planId) })
    },
    getPlanBalance: async (...given: unknown[]) =>
      (await buyerCalls()).planBalance(http, ownAddress, given),
    orderPlan: async (...given: unknown[]) => (await buyerCalls()).orderPlan(http, given),
  }
}

export function createTokens(http: HttpClient, ownNetwork: string): X402Tokens {
  return {
    getX402AccessToken: async (...given: unknown[]) =>
      (await buyerCalls()).accessToken(http, ownNetwork, given),
  }
}

export function createDelegations(http: HttpClient): Delegations {
  return {
    createDelegation: async (...given: unknown[]) =>
      (await buyerCalls()).createDelegation(http, given),
  }
}

/** A function that pays the challenges of sellers. */
export type Payer = (
  paymentRequired: Challenge,
  call: { requirement: Requirement },
) => Promise<X402Payment>

/** @throws OptionsError naming the option at fault. */
export function createPayer(http: HttpClient, options: PayerOptions = {}): Payer {
  checkPayerOptions(options)
  const asked = { ...options }
  return async (paymentRequired, call) =>
    (await buyerCalls()).pay(http, asked, paymentRequired, call)
}
